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
        ProtobufEnvelope.Read(body, identified: false, (item, resource, scope) =>
        {
            OtlpBounds.CheckRoomForItem(spans.Count);
            spans.Add(ReadSpan(item, resource, scope));
        });
        return spans;
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
                    ProtobufAttributes.Read(fields.Bytes(), attributes);
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
}
