namespace CoEPortal.Enforcement.Otlp;

/// <summary>One span, metric or log record of a request; the reader stands on it.</summary>
internal delegate void JsonItem(ref OtlpJsonReader json, OtlpAttributes resource, OtlpScope scope);

/// <summary>What the three requests call their levels in OTLP/JSON.</summary>
internal sealed record JsonLevels(string Resources, string Scopes, string Items)
{
    public static JsonLevels Traces { get; } = new("resourceSpans", "scopeSpans", "spans");

    public static JsonLevels Metrics { get; } = new("resourceMetrics", "scopeMetrics", "metrics");

    public static JsonLevels Logs { get; } = new("resourceLogs", "scopeLogs", "logRecords");
}

/// <summary>
/// What the three requests share in OTLP/JSON: resources, in them scopes, in them items. Names are lowerCamelCase, in
/// any order; unknown ones are ignored, as the specification demands.
/// </summary>
internal static class JsonEnvelope
{
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static void Read(ReadOnlySpan<byte> body, JsonLevels levels, bool identified, JsonItem read)
    {
        try
        {
            var json = new OtlpJsonReader(body);
            json.Read();
            ReadLevel(ref json, levels.Resources, null, null, (ref OtlpJsonReader resources) =>
            {
                // The resource may follow its items in the body: they share the object, which is filled when it comes.
                var resource = new OtlpAttributes(identified);
                ReadLevel(ref resources, levels.Scopes, "resource", (ref OtlpJsonReader r) => ReadResource(ref r, resource), (ref OtlpJsonReader scopes) =>
                {
                    var scope = new OtlpScope();
                    ReadLevel(ref scopes, levels.Items, "scope", (ref OtlpJsonReader s) => ReadScope(ref s, scope), (ref OtlpJsonReader item) => read(ref item, resource, scope));
                });
            });
            // Read once more: only so does the reader notice that something follows.
            json.Read();
        }
        // The second is what Utf8JsonReader throws for half a surrogate pair and for bytes that are not UTF-8.
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new OtlpFormatException("Malformed JSON.", e);
        }
    }

    private delegate void Reading(ref OtlpJsonReader json);

    /// <summary>Walks one object: what describes it, and the array of what is in it; the rest is passed over.</summary>
    private static void ReadLevel(ref OtlpJsonReader json, string array, string? about, Reading? readAbout, Reading readElement)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            if (json.Is(array) && json.BeginArray())
            {
                while (json.NextElement())
                {
                    readElement(ref json);
                }
            }
            else if (about is not null && json.Is(about) && json.BeginObject())
            {
                readAbout!(ref json);
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
            if (json.Is("attributes"))
            {
                JsonAttributes.Read(ref json, attributes);
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
            if (json.Is("name"))
            {
                scope.Name = OtlpBounds.ShortText(json.TextUtf8());
            }
            else
            {
                json.Skip();
            }
        }
    }
}
