using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>The plain value model is <see cref="JsonElement"/>: immutable, without parents, ready for a jsonb column.</summary>
internal static class JsonElements
{
    public static readonly JsonElement Null = JsonSerializer.SerializeToElement<object?>(null);
    public static readonly JsonElement EmptyObject = JsonSerializer.SerializeToElement(new Dictionary<string, string>());

    public static JsonElement Of(string? value) => value is null ? Null : JsonSerializer.SerializeToElement(value);

    public static JsonElement Of(bool value) => JsonSerializer.SerializeToElement(value);

    public static JsonElement Of(double value) => JsonSerializer.SerializeToElement(value);

    public static JsonElement Of(decimal value) => JsonSerializer.SerializeToElement(value);

    public static bool IsNull(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The member, or null when the element is no object or has no such member.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    public static string? AsText(this JsonElement element) =>
        element.ValueKind is JsonValueKind.String ? element.GetString() : null;

    /// <summary>Why no text of the value may be kept: half a surrogate pair, or a NUL, which PostgreSQL cannot store. Null when all may.</summary>
    public static string? FindUnusableText(JsonElement value)
    {
        try
        {
            return Texts(value).Any(t => t.Contains('\0', StringComparison.Ordinal)) ? "a text contains the character NUL" : null;
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json finds half a surrogate pair only when the text is asked for.
            return "a text is not valid Unicode";
        }
    }

    /// <summary>The strings of an array; empty when there is none.</summary>
    public static ImmutableArray<string> Texts(this JsonElement? array) =>
        array is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray().Select(i => i.AsText()).OfType<string>()] : [];

    /// <summary>The number, or null when there is none or it is too large for a double (1e999 is valid JSON).</summary>
    public static double? AsNumber(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Number && element.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    /// <summary>
    /// The value of a JSON text inside a file, held to the same rules as the file: no member twice, bounded nesting,
    /// usable text. Null when it breaks one or is not JSON.
    /// </summary>
    public static JsonElement? TryParse(string json)
    {
        try
        {
            var value = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = DefinitionJson.MaxDepth, AllowDuplicateProperties = false });
            return FindUnusableText(value) is null ? value : null;
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(m => Texts(m.Value).Prepend(m.Name)),
        _ => [],
    };
}
