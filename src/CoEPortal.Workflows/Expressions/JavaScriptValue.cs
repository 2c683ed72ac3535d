using System.Globalization;
using System.Text.Json;

namespace CoEPortal.Workflows.Expressions;

/// <summary>JavaScript's undefined; distinct from null, which is null.</summary>
internal sealed class Undefined
{
    public static readonly Undefined Value = new();
}

/// <summary>
/// Conversions between the plain value model and JavaScript: null, <see cref="Undefined"/>, bool, double, string, and a
/// <see cref="JsonElement"/> for objects and arrays. Source: ECMA-262, section 7.1 (type conversion).
/// </summary>
internal static class JavaScriptValue
{
    public static object? From(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        _ => value,
    };

    public static JsonElement ToJson(object? value) => value switch
    {
        null or Undefined => JsonElements.Null,
        bool flag => JsonElements.Of(flag),
        double number => double.IsFinite(number)
            ? JsonElements.Of(number)
            : throw new ExpressionException($"the result is {ToText(number)}, which no variable can hold"),
        string text => JsonElements.Of(text),
        JsonElement element => element,
        _ => throw new ExpressionException($"a {value.GetType().Name} is no JavaScript value"),
    };

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        double number => number is not 0 && !double.IsNaN(number),
        string text => text.Length > 0,
        _ => true,
    };

    public static double ToNumber(object? value) => value switch
    {
        null => 0,
        bool flag => flag ? 1 : 0,
        double number => number,
        string text => TextToNumber(text.Trim()),
        Undefined => double.NaN,
        _ => throw new ExpressionException("an object or array cannot be used as a number"),
    };

    public static string ToText(object? value) => value switch
    {
        null => "null",
        Undefined => "undefined",
        bool flag => flag ? "true" : "false",
        double number => NumberToText(number),
        string text => text,
        _ => throw new ExpressionException("an object or array cannot be used as text"),
    };

    private static double TextToNumber(string text) =>
        text.Length == 0 ? 0
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or 'e' or 'E')
            ? number
            : double.NaN;

    /// <summary>Number::toString of ECMA-262, section 6.1.6.1.20: shortest digits, plain from 1e-7 up to 1e21.</summary>
    private static string NumberToText(double number)
    {
        if (double.IsNaN(number))
        {
            return "NaN";
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? "Infinity" : "-Infinity";
        }

        if (number == 0)
        {
            return "0";
        }

        var (digits, point) = ShortestDigits(Math.Abs(number));
        var sign = number < 0 ? "-" : "";
        if (point is > 0 and <= 21)
        {
            return digits.Length <= point
                ? sign + digits.PadRight(point, '0')
                : $"{sign}{digits[..point]}.{digits[point..]}";
        }

        if (point is > -6 and <= 0)
        {
            return $"{sign}0.{new string('0', -point)}{digits}";
        }

        var exponent = (point - 1).ToString("+0;-0", CultureInfo.InvariantCulture);
        var fraction = digits.Length == 1 ? "" : "." + digits[1..];
        return $"{sign}{digits[0]}{fraction}e{exponent}";
    }

    /// <summary>Digits d1d2… and the place of the decimal point p, so that the number is 0.d1d2… × 10^p.</summary>
    private static (string Digits, int Point) ShortestDigits(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = pointAt < 0 ? mantissa.Length : pointAt;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return (significant.TrimEnd('0'), whole + exponent - (digits.Length - significant.Length));
    }
}
