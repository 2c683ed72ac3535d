namespace CoEPortal.Enforcement.Otlp;

/// <summary>Reads <c>attributes: [{key, value: AnyValue}]</c> of OTLP/JSON, keeping only what matters.</summary>
internal static class JsonAttributes
{
    public static void Read(ref OtlpJsonReader json, OtlpAttributes attributes)
    {
        if (!json.BeginArray())
        {
            return;
        }
        var seen = 0;
        while (json.NextElement())
        {
            OtlpBounds.CountAttribute(ref seen);
            ReadAttribute(ref json, attributes);
        }
    }

    private static void ReadAttribute(ref OtlpJsonReader json, OtlpAttributes attributes)
    {
        if (!json.BeginObject())
        {
            return;
        }
        ReadOnlySpan<byte> key = default;
        // The value may precede its key: remember where it stands, and read it only if the key turns out to matter.
        OtlpJsonReader value = default;
        var hasValue = false;
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("key"u8))
            {
                key = json.TextUtf8();
            }
            else if (json.Name.SequenceEqual("value"u8))
            {
                value = json;
                hasValue = true;
                SkipValue(ref json, depth: 1);
            }
            else
            {
                json.Skip();
            }
        }
        if (hasValue && attributes.Digest is { } digest)
        {
            var read = value;
            Identify(digest, key, ref read);
        }
        if (hasValue && AttributeNames.TryFind(key, out var name))
        {
            attributes.Add(name, ReadValue(ref value));
        }
    }

    private static OtlpValue ReadValue(ref OtlpJsonReader json)
    {
        var value = OtlpValue.Absent;
        if (!json.BeginObject())
        {
            return value;
        }
        while (json.NextProperty())
        {
            switch (json.Name)
            {
                case var _ when json.IsNull:
                    break;
                case var kind when kind.SequenceEqual("stringValue"u8):
                    value = OtlpBounds.ShortText(json.TextUtf8()) is { } text ? OtlpValue.Of(text) : OtlpValue.TooLong;
                    break;
                case var kind when kind.SequenceEqual("intValue"u8):
                    value = OtlpValue.Of(json.Int64());
                    break;
                case var kind when kind.SequenceEqual("doubleValue"u8):
                    value = OtlpValue.Of(json.Double());
                    break;
                default:
                    value = IsKindWithoutUse(json.Name) ? OtlpValue.Other : value;
                    json.Skip();
                    break;
            }
        }
        return value;
    }

    private static void Identify(AttributeDigest digest, ReadOnlySpan<byte> key, ref OtlpJsonReader json)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            switch (json.Name)
            {
                case var _ when json.IsNull:
                    break;
                case var kind when kind.SequenceEqual("stringValue"u8):
                    digest.Add(key, json.TextUtf8());
                    break;
                case var kind when kind.SequenceEqual("boolValue"u8):
                    digest.Add(key, json.IsTrue);
                    break;
                case var kind when kind.SequenceEqual("intValue"u8):
                    digest.Add(key, json.Int64());
                    break;
                case var kind when kind.SequenceEqual("doubleValue"u8):
                    digest.Add(key, json.Double());
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
    }

    private static bool IsKindWithoutUse(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("boolValue"u8)
        || kind.SequenceEqual("arrayValue"u8)
        || kind.SequenceEqual("kvlistValue"u8)
        || kind.SequenceEqual("bytesValue"u8);

    /// <summary>Passes over an AnyValue; arrays and maps are walked to know that they are not too deep.</summary>
    private static void SkipValue(ref OtlpJsonReader json, int depth)
    {
        OtlpBounds.CheckDepth(depth);
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            var isMap = json.Name.SequenceEqual("kvlistValue"u8);
            if ((isMap || json.Name.SequenceEqual("arrayValue"u8)) && json.BeginObject())
            {
                SkipElements(ref json, isMap, depth + 1);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void SkipElements(ref OtlpJsonReader json, bool isMap, int depth)
    {
        while (json.NextProperty())
        {
            if (!json.Name.SequenceEqual("values"u8) || !json.BeginArray())
            {
                json.Skip();
                continue;
            }
            while (json.NextElement())
            {
                if (isMap)
                {
                    SkipMapEntry(ref json, depth);
                }
                else
                {
                    SkipValue(ref json, depth);
                }
            }
        }
    }

    private static void SkipMapEntry(ref OtlpJsonReader json, int depth)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("value"u8))
            {
                SkipValue(ref json, depth);
            }
            else
            {
                json.Skip();
            }
        }
    }
}
