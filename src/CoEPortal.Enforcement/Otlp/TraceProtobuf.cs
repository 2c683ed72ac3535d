namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Reads an ExportTraceServiceRequest in protobuf. Field numbers are those of opentelemetry-proto 1.x:
/// collector/trace/v1/trace_service.proto, trace/v1/trace.proto, resource/v1/resource.proto, common/v1/common.proto.
/// Unknown fields are passed over.
/// </summary>
public static class TraceProtobuf
{
    /// <summary>The spans in wire order.</summary>
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static List<OtlpSpan> Read(ReadOnlySpan<byte> body)
    {
        var spans = new List<OtlpSpan>();
        var request = new ProtobufReader(body);
        while (request.Next())
        {
            if (request.Field == 1)
            {
                ReadResourceSpans(request.Bytes(), spans);
            }
        }
        return spans;
    }

    private static void ReadResourceSpans(ReadOnlySpan<byte> message, List<OtlpSpan> spans)
    {
        // The resource may follow its spans on the wire: they share the object, which is filled when it comes.
        var resource = new OtlpAttributes();
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    ReadResource(fields.Bytes(), resource);
                    break;
                case 2:
                    ReadScopeSpans(fields.Bytes(), resource, spans);
                    break;
            }
        }
    }

    private static void ReadResource(ReadOnlySpan<byte> message, OtlpAttributes attributes)
    {
        var seen = 0;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                OtlpBounds.CountAttribute(ref seen);
                ReadAttribute(fields.Bytes(), attributes);
            }
        }
    }

    private static void ReadScopeSpans(ReadOnlySpan<byte> message, OtlpAttributes resource, List<OtlpSpan> spans)
    {
        var scope = new OtlpScope();
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    ReadScope(fields.Bytes(), scope);
                    break;
                case 2:
                    OtlpBounds.CheckRoomForSpan(spans);
                    spans.Add(ReadSpan(fields.Bytes(), resource, scope));
                    break;
            }
        }
    }

    private static void ReadScope(ReadOnlySpan<byte> message, OtlpScope scope)
    {
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                scope.Name = OtlpBounds.ShortText(fields.Bytes());
            }
        }
    }

    private static OtlpSpan ReadSpan(ReadOnlySpan<byte> message, OtlpAttributes resource, OtlpScope scope)
    {
        var attributes = new OtlpAttributes();
        var span = new OtlpSpan { Attributes = attributes, Resource = resource, Scope = scope };
        var seen = 0;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    span.TraceId = OtlpIds.FromBytes(fields.Bytes(), OtlpIds.TraceIdBytes);
                    break;
                case 2:
                    span.SpanId = OtlpIds.FromBytes(fields.Bytes(), OtlpIds.SpanIdBytes);
                    break;
                case 4:
                    span.ParentSpanId = OtlpIds.FromBytes(fields.Bytes(), OtlpIds.SpanIdBytes);
                    break;
                case 5:
                    span.Name = OtlpBounds.ShortText(fields.Bytes()) ?? "";
                    break;
                case 6:
                    span.Kind = OtlpBounds.KnownKind(fields.Varint());
                    break;
                case 7:
                    span.StartUnixNanos = fields.Fixed64();
                    break;
                case 8:
                    span.EndUnixNanos = fields.Fixed64();
                    break;
                case 9:
                    OtlpBounds.CountAttribute(ref seen);
                    ReadAttribute(fields.Bytes(), attributes);
                    break;
                case 15:
                    span.StatusCode = ReadStatus(fields.Bytes());
                    break;
            }
        }
        return span;
    }

    private static OtlpStatusCode ReadStatus(ReadOnlySpan<byte> message)
    {
        var code = OtlpStatusCode.Unset;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            if (fields.Field == 3)
            {
                code = OtlpBounds.KnownStatus(fields.Varint());
            }
        }
        return code;
    }

    private static void ReadAttribute(ReadOnlySpan<byte> message, OtlpAttributes attributes)
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
