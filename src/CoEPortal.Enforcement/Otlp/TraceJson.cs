namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Reads an ExportTraceServiceRequest in OTLP/JSON. Names are lowerCamelCase, in any order; unknown ones are ignored,
/// as the specification demands. Gives the same spans as <see cref="TraceProtobuf"/> for the same request.
/// </summary>
public static class TraceJson
{
    /// <summary>The spans in the order of the body.</summary>
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static List<OtlpSpan> Read(ReadOnlySpan<byte> body)
    {
        var spans = new List<OtlpSpan>();
        JsonEnvelope.Read(body, JsonLevels.Traces, identified: false, (ref OtlpJsonReader json, OtlpAttributes resource, OtlpScope scope) =>
        {
            OtlpBounds.CheckRoomForItem(spans.Count);
            spans.Add(ReadSpan(ref json, resource, scope));
        });
        return spans;
    }

    private static OtlpSpan ReadSpan(ref OtlpJsonReader json, OtlpAttributes resource, OtlpScope scope)
    {
        var attributes = new OtlpAttributes();
        var span = new OtlpSpan { Attributes = attributes, Resource = resource, Scope = scope };
        if (!json.BeginObject())
        {
            return span;
        }
        while (json.NextProperty())
        {
            switch (json.Name)
            {
                case var name when name.SequenceEqual("traceId"u8):
                    span.TraceId = OtlpIds.FromHex(json.TextUtf8(), OtlpIds.TraceIdBytes);
                    break;
                case var name when name.SequenceEqual("spanId"u8):
                    span.SpanId = OtlpIds.FromHex(json.TextUtf8(), OtlpIds.SpanIdBytes);
                    break;
                case var name when name.SequenceEqual("parentSpanId"u8):
                    span.ParentSpanId = OtlpIds.FromHex(json.TextUtf8(), OtlpIds.SpanIdBytes);
                    break;
                case var name when name.SequenceEqual("name"u8):
                    span.Name = OtlpBounds.ShortText(json.TextUtf8()) ?? "";
                    break;
                case var name when name.SequenceEqual("kind"u8):
                    span.Kind = OtlpBounds.KnownKind(json.Enum());
                    break;
                case var name when name.SequenceEqual("startTimeUnixNano"u8):
                    span.StartUnixNanos = json.UInt64();
                    break;
                case var name when name.SequenceEqual("endTimeUnixNano"u8):
                    span.EndUnixNanos = json.UInt64();
                    break;
                case var name when name.SequenceEqual("attributes"u8):
                    JsonAttributes.Read(ref json, attributes);
                    break;
                case var name when name.SequenceEqual("status"u8) && json.BeginObject():
                    span.StatusCode = ReadStatus(ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
        return span;
    }

    private static OtlpStatusCode ReadStatus(ref OtlpJsonReader json)
    {
        var code = OtlpStatusCode.Unset;
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("code"u8))
            {
                code = OtlpBounds.KnownStatus(json.Enum());
            }
            else
            {
                json.Skip();
            }
        }
        return code;
    }
}
