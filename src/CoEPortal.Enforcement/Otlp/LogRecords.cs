namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Reads an ExportLogsServiceRequest. A record that tells of a call is given as a span without length, so that both are
/// read by the same rules; bodies, where prompts and answers travel, are never read. Field numbers are those of
/// opentelemetry/proto/logs/v1/logs.proto.
/// </summary>
public static class LogRecords
{
    public static List<OtlpSpan> Read(OtlpMediaType mediaType, ReadOnlySpan<byte> body)
    {
        var records = new List<OtlpSpan>();
        if (mediaType is OtlpMediaType.Protobuf)
        {
            ProtobufEnvelope.Read(body, identified: false, (item, resource, scope) =>
            {
                OtlpBounds.CheckRoomForItem(records.Count);
                records.Add(ReadProtobuf(item, new OtlpSpan { Resource = resource, Scope = scope }));
            });
        }
        else
        {
            JsonEnvelope.Read(body, JsonLevels.Logs, identified: false, (ref OtlpJsonReader json, OtlpAttributes resource, OtlpScope scope) =>
            {
                OtlpBounds.CheckRoomForItem(records.Count);
                records.Add(ReadJson(ref json, new OtlpSpan { Resource = resource, Scope = scope }));
            });
        }
        return records;
    }

    private static OtlpSpan ReadProtobuf(ReadOnlySpan<byte> message, OtlpSpan record)
    {
        var seen = 0;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    record.StartUnixNanos = record.EndUnixNanos = fields.Fixed64();
                    break;
                case 6:
                    OtlpBounds.CountAttribute(ref seen);
                    ProtobufAttributes.Read(fields.Bytes(), record.Attributes);
                    break;
                case 9:
                    record.TraceId = OtlpIds.FromBytes(fields.Bytes(), OtlpIds.TraceIdBytes);
                    break;
                case 10:
                    record.SpanId = OtlpIds.FromBytes(fields.Bytes(), OtlpIds.SpanIdBytes);
                    break;
                case 12:
                    record.Name = OtlpBounds.ShortText(fields.Bytes()) ?? "";
                    break;
            }
        }
        return record;
    }

    private static OtlpSpan ReadJson(ref OtlpJsonReader json, OtlpSpan record)
    {
        if (!json.BeginObject())
        {
            return record;
        }
        while (json.NextProperty())
        {
            switch (json.Name)
            {
                case var name when name.SequenceEqual("timeUnixNano"u8):
                    record.StartUnixNanos = record.EndUnixNanos = json.UInt64();
                    break;
                case var name when name.SequenceEqual("attributes"u8):
                    JsonAttributes.Read(ref json, record.Attributes);
                    break;
                case var name when name.SequenceEqual("traceId"u8):
                    record.TraceId = OtlpIds.FromHex(json.TextUtf8(), OtlpIds.TraceIdBytes);
                    break;
                case var name when name.SequenceEqual("spanId"u8):
                    record.SpanId = OtlpIds.FromHex(json.TextUtf8(), OtlpIds.SpanIdBytes);
                    break;
                case var name when name.SequenceEqual("eventName"u8):
                    record.Name = OtlpBounds.ShortText(json.TextUtf8()) ?? "";
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
        return record;
    }
}
