using System.Text.Json;

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
        try
        {
            var spans = new List<OtlpSpan>();
            var json = new OtlpJsonReader(body);
            json.Read();
            ReadRequest(ref json, spans);
            // Read once more: only so does the reader notice that something follows.
            json.Read();
            return spans;
        }
        // The second is what Utf8JsonReader throws for half a surrogate pair and for bytes that are not UTF-8.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new OtlpFormatException("Malformed JSON.", e);
        }
    }

    private static void ReadRequest(ref OtlpJsonReader json, List<OtlpSpan> spans)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("resourceSpans"u8) && json.BeginArray())
            {
                while (json.NextElement())
                {
                    ReadResourceSpans(ref json, spans);
                }
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadResourceSpans(ref OtlpJsonReader json, List<OtlpSpan> spans)
    {
        if (!json.BeginObject())
        {
            return;
        }
        // The resource may follow its spans in the body: they share the object, which is filled when it comes.
        var resource = new OtlpAttributes();
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("resource"u8) && json.BeginObject())
            {
                ReadResource(ref json, resource);
            }
            else if (json.Name.SequenceEqual("scopeSpans"u8) && json.BeginArray())
            {
                while (json.NextElement())
                {
                    ReadScopeSpans(ref json, resource, spans);
                }
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadResource(ref OtlpJsonReader json, OtlpAttributes attributes)
    {
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("attributes"u8))
            {
                JsonAttributes.Read(ref json, attributes);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadScopeSpans(ref OtlpJsonReader json, OtlpAttributes resource, List<OtlpSpan> spans)
    {
        if (!json.BeginObject())
        {
            return;
        }
        var scope = new OtlpScope();
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("scope"u8) && json.BeginObject())
            {
                ReadScope(ref json, scope);
            }
            else if (json.Name.SequenceEqual("spans"u8) && json.BeginArray())
            {
                while (json.NextElement())
                {
                    OtlpBounds.CheckRoomForSpan(spans);
                    spans.Add(ReadSpan(ref json, resource, scope));
                }
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadScope(ref OtlpJsonReader json, OtlpScope scope)
    {
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("name"u8))
            {
                scope.Name = OtlpBounds.ShortText(json.TextUtf8());
            }
            else
            {
                json.Skip();
            }
        }
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
