using System.Globalization;
using System.Text.Json;

namespace CoEPortal.Workflows.Expressions;

/// <summary>Conversion to Elsa's type aliases, as SetVariable and typed inputs do it.</summary>
internal static class TypedValue
{
    /// <summary>True for types an Object expression is parsed for; for <c>Object</c> itself its text stays text.</summary>
    public static bool IsStructured(string typeName) =>
        typeName is "ObjectDictionary" or "StringDictionary" or "ObjectMap" or "StringMap" or "JSON"
            or "JsonElement" or "JsonNode" or "JsonObject" or "JsonArray"
        || typeName.StartsWith("List<", StringComparison.Ordinal);

    /// <exception cref="ExpressionException">The value has no counterpart in the type.</exception>
    public static JsonElement Convert(JsonElement value, string typeName)
    {
        if (value.IsNull())
        {
            return JsonElements.Null;
        }

        return typeName switch
        {
            "String" => JsonElements.Of(ToText(value)),
            "Boolean" => JsonElements.Of(ToBoolean(value)),
            "Int16" => ToWhole(value, short.MinValue, short.MaxValue),
            "Int32" => ToWhole(value, int.MinValue, int.MaxValue),
            "Int64" => ToWhole(value, long.MinValue, long.MaxValue),
            "Single" or "Double" or "Decimal" => value.ValueKind is JsonValueKind.Number ? value : JsonElements.Of(ToNumber(value)),
            _ => value,
        };
    }

    /// <summary>A variable's default is written as text whatever its type; empty text means there is none.</summary>
    public static JsonElement Default(VariableDefinition variable) => variable.DefaultValue switch
    {
        null => JsonElements.Null,
        { ValueKind: JsonValueKind.String } text when text.GetString()!.Length == 0 => JsonElements.Null,
        { } value => Convert(value, variable.IsArray ? "Object" : variable.TypeName),
    };

    private static string ToText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => JavaScriptValue.ToText(value.GetDouble()),
        // .NET's own spelling, which is what Elsa's converter gives.
        JsonValueKind.True => bool.TrueString,
        JsonValueKind.False => bool.FalseString,
        _ => value.GetRawText(),
    };

    private static bool ToBoolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetDouble() is not 0,
        JsonValueKind.String when bool.TryParse(value.GetString(), out var flag) => flag,
        _ => throw NotA("Boolean", value),
    };

    private static JsonElement ToWhole(JsonElement value, long least, long most)
    {
        // Half to even, as .NET converts a Double to an integer.
        var number = Math.Round(ToNumber(value), MidpointRounding.ToEven);
        return number >= least && number <= most
            ? JsonElements.Of(number)
            : throw new ExpressionException($"{value.GetRawText()} does not fit a whole number between {least} and {most}");
    }

    private static decimal ToNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDecimal(out var number) => number,
        JsonValueKind.String when decimal.TryParse(
            value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw NotA("number", value),
    };

    private static ExpressionException NotA(string type, JsonElement value) =>
        new($"a {value.ValueKind} cannot become a {type}");
}
