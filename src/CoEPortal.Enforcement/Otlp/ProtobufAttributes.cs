namespace CoEPortal.Enforcement.Otlp;

/// <summary>Reads a KeyValue of opentelemetry/proto/common/v1/common.proto, keeping only what matters.</summary>
internal static class ProtobufAttributes
{
    public static void Read(ReadOnlySpan<byte> message, OtlpAttributes attributes)
    {
        ReadOnlySpan<byte> key = default, value = default;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    key = fields.Bytes();
                    break;
                case 2:
                    value = fields.Bytes();
                    CheckValue(value, depth: 1);
                    break;
            }
        }
        if (attributes.Digest is { } digest)
        {
            Identify(digest, key, value);
        }
        if (AttributeNames.TryFind(key, out var name))
        {
            attributes.Add(name, ReadValue(value));
        }
    }

    private static OtlpValue ReadValue(ReadOnlySpan<byte> message)
    {
        var value = OtlpValue.Absent;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            value = fields.Field switch
            {
                1 => OtlpBounds.ShortText(fields.Bytes()) is { } text ? OtlpValue.Of(text) : OtlpValue.TooLong,
                3 => OtlpValue.Of(fields.Varint()),
                4 => OtlpValue.Of(BitConverter.UInt64BitsToDouble(fields.Fixed64())),
                2 or 5 or 6 or 7 => OtlpValue.Other,
                _ => value,
            };
        }
        return value;
    }

    private static void Identify(AttributeDigest digest, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    digest.Add(key, fields.Bytes());
                    break;
                case 2:
                    digest.Add(key, fields.Varint() != 0);
                    break;
                case 3:
                    digest.Add(key, fields.Varint());
                    break;
                case 4:
                    digest.Add(key, BitConverter.UInt64BitsToDouble(fields.Fixed64()));
                    break;
            }
        }
    }

    /// <summary>Arrays (field 5) and maps (6) are walked to know that they are sound and not too deep.</summary>
    private static void CheckValue(ReadOnlySpan<byte> anyValue, int depth)
    {
        OtlpBounds.CheckDepth(depth);
        var fields = new ProtobufReader(anyValue);
        while (fields.Next())
        {
            if (fields.Field is not (5 or 6))
            {
                continue;
            }
            var isMap = fields.Field == 6;
            var elements = new ProtobufReader(fields.Bytes());
            while (elements.Next())
            {
                if (elements.Field != 1)
                {
                    continue;
                }
                if (isMap)
                {
                    CheckMapEntry(elements.Bytes(), depth + 1);
                }
                else
                {
                    CheckValue(elements.Bytes(), depth + 1);
                }
            }
        }
    }

    private static void CheckMapEntry(ReadOnlySpan<byte> keyValue, int depth)
    {
        var fields = new ProtobufReader(keyValue);
        while (fields.Next())
        {
            if (fields.Field == 2)
            {
                CheckValue(fields.Bytes(), depth);
            }
        }
    }
}
