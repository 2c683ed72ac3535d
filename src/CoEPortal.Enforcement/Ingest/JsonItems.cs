using System.Text.Json;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// The objects of a body that is a JSON array, one object, or one object on each line (ndjson): gateways send the same in
/// all three. Bounded in number and depth; the body itself is bounded before.
/// </summary>
internal static class JsonItems
{
    /// <summary>Most objects in one request.</summary>
    public const int Most = 10_000;

    /// <summary>Deeper than any log of a call; prompts with nested content stay below.</summary>
    private const int Deepest = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = Deepest, AllowMultipleValues = true };

    /// <summary>One object after the other; each is gone when the next is read.</summary>
    /// <exception cref="OtlpFormatException">No JSON, something other than objects, or too many.</exception>
    public static void ForEach(ReadOnlySpan<byte> body, Action<JsonElement> read)
    {
        var count = 0;
        try
        {
            var json = new Utf8JsonReader(body, Options);
            while (json.Read())
            {
                if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && json.CurrentDepth == 0)
                {
                    continue;
                }

                if (json.TokenType is not JsonTokenType.StartObject)
                {
                    throw new OtlpFormatException($"Malformed JSON: expected an object at byte {json.TokenStartIndex}.");
                }

                if (++count > Most)
                {
                    throw new OtlpFormatException($"More than {Most} calls in one request.");
                }

                using var item = JsonDocument.ParseValue(ref json);
                read(item.RootElement);
            }
        }
        // The second is what Utf8JsonReader throws for half a surrogate pair and for bytes that are not UTF-8.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new OtlpFormatException("Malformed JSON.", error);
        }
    }
}
