using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Evidence;

/// <summary>The JSON has no canonical form: two readers could understand it differently.</summary>
public sealed class CanonicalJsonException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// One spelling for every JSON document (RFC 8785, JSON Canonicalization Scheme), so that a hash can be
/// taken of what a document says and not of how somebody wrote it.
/// </summary>
/// <remarks>
/// Stricter than the RFC in one point. RFC 8785 rounds every number to a double, so 9007199254740993 and
/// 9007199254740992 would share a hash; here an integer that a double cannot tell from its neighbour is
/// refused. Fractions are rounded as the RFC says, therefore money and shares travel as strings
/// (<see cref="Text(decimal)"/>).
/// </remarks>
public static class CanonicalJson
{
    /// <summary>Arrays and objects nested deeper than this are refused.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = MaxDepth };

    /// <summary>The canonical UTF-8 bytes of a document.</summary>
    /// <exception cref="CanonicalJsonException">A duplicate key, a lone surrogate, a number outside IEEE 754, too deep.</exception>
    public static byte[] Write(JsonNode? node)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteNode(output, node, 0);
        return output.WrittenSpan.ToArray();
    }

    /// <inheritdoc cref="Write(JsonNode?)"/>
    public static byte[] Write(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteElement(output, element, 0);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a document of any spelling, and refuses it unless it has a canonical form.</summary>
    /// <exception cref="CanonicalJsonException">Not JSON, or JSON without a canonical form.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Bounded);
            // The parser looks neither at surrogates nor at duplicate keys nor at the size of numbers.
            WriteElement(new ArrayBufferWriter<byte>(), document.RootElement, 0);
            return document.RootElement.Clone();
        }
        catch (JsonException notJson)
        {
            throw new CanonicalJsonException($"This is not JSON that everybody reads alike: {notJson.Message}", notJson);
        }
    }

    /// <summary>A decimal as canonical content holds it: a string without exponent and trailing zeros.</summary>
    public static string Text(decimal value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        var trimmed = text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
        return trimmed is "-0" ? "0" : trimmed;
    }

    /// <summary>An instant as canonical content holds it: UTC, always six fractional digits, finer ones cut off.</summary>
    public static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);

    internal const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static void WriteNode(ArrayBufferWriter<byte> output, JsonNode? node, int depth)
    {
        switch (node)
        {
            case null:
                output.Write("null"u8);
                break;
            case JsonObject members:
                WriteObject(output, MembersOf(members), depth, WriteNode);
                break;
            case JsonArray items:
                WriteArray(output, items, depth, WriteNode);
                break;
            case JsonValue value:
                WriteValue(output, value, depth);
                break;
        }
    }

    private static List<KeyValuePair<string, JsonNode?>> MembersOf(JsonObject members)
    {
        try
        {
            return [.. members];
        }
        // A parsed JsonObject looks at its keys when it is first enumerated, not when it is parsed.
        catch (ArgumentException duplicate)
        {
            throw new CanonicalJsonException("An object holds the same key twice.", duplicate);
        }
        catch (InvalidOperationException unreadable)
        {
            throw LoneSurrogate(unreadable);
        }
    }

    private static void WriteValue(ArrayBufferWriter<byte> output, JsonValue value, int depth)
    {
        if (value.TryGetValue(out JsonElement parsed))
        {
            WriteElement(output, parsed, depth);
        }
        // Before the JSON writer sees it: that would put U+FFFD where a surrogate has lost its partner.
        else if (value.TryGetValue(out string? text))
        {
            WriteString(output, text);
        }
        else if (value.TryGetValue(out char character))
        {
            WriteString(output, character.ToString());
        }
        else if ((value.TryGetValue(out double real) && !double.IsFinite(real))
            || (value.TryGetValue(out float single) && !float.IsFinite(single)))
        {
            throw new CanonicalJsonException("NaN and Infinity are not JSON numbers.");
        }
        else
        {
            using var document = JsonDocument.Parse(value.ToJsonString(), Bounded);
            WriteElement(output, document.RootElement, depth);
        }
    }

    private static void WriteElement(ArrayBufferWriter<byte> output, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(output, MembersOf(element), depth, WriteElement);
                break;
            case JsonValueKind.Array:
                WriteArray(output, element.EnumerateArray(), depth, WriteElement);
                break;
            case JsonValueKind.String:
                WriteString(output, StringOf(element));
                break;
            case JsonValueKind.Number:
                WriteAscii(output, NumberForm(element.GetRawText()));
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            case JsonValueKind.Null:
                output.Write("null"u8);
                break;
            default:
                throw new CanonicalJsonException("There is no JSON value here.");
        }
    }

    private static List<KeyValuePair<string, JsonElement>> MembersOf(JsonElement element)
    {
        try
        {
            return [.. element.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value))];
        }
        catch (InvalidOperationException unreadable)
        {
            throw LoneSurrogate(unreadable);
        }
    }

    private static string StringOf(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException unreadable)
        {
            throw LoneSurrogate(unreadable);
        }
    }

    /// <summary>RFC 8785, 3.2.3: members in the order of the UTF-16 code units of their names.</summary>
    private static void WriteObject<T>(
        ArrayBufferWriter<byte> output,
        List<KeyValuePair<string, T>> members,
        int depth,
        Action<ArrayBufferWriter<byte>, T, int> writeMember)
    {
        RefuseDeeper(depth);
        members.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));

        output.Write("{"u8);
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0)
            {
                if (members[i].Key == members[i - 1].Key)
                {
                    throw new CanonicalJsonException($"An object holds the key \"{members[i].Key}\" twice.");
                }

                output.Write(","u8);
            }

            WriteString(output, members[i].Key);
            output.Write(":"u8);
            writeMember(output, members[i].Value, depth + 1);
        }

        output.Write("}"u8);
    }

    private static void WriteArray<T>(
        ArrayBufferWriter<byte> output,
        IEnumerable<T> items,
        int depth,
        Action<ArrayBufferWriter<byte>, T, int> writeItem)
    {
        RefuseDeeper(depth);
        output.Write("["u8);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                output.Write(","u8);
            }

            writeItem(output, item, depth + 1);
            first = false;
        }

        output.Write("]"u8);
    }

    /// <summary>RFC 8785, 3.2.2.2: only quotation mark, backslash and control characters are escaped.</summary>
    private static void WriteString(ArrayBufferWriter<byte> output, string text)
    {
        var escaped = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append(@"\\"),
                '\b' => escaped.Append(@"\b"),
                '\t' => escaped.Append(@"\t"),
                '\n' => escaped.Append(@"\n"),
                '\f' => escaped.Append(@"\f"),
                '\r' => escaped.Append(@"\r"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        try
        {
            output.Write(StrictUtf8.GetBytes(escaped.Append('"').ToString()));
        }
        catch (EncoderFallbackException loneSurrogate)
        {
            throw LoneSurrogate(loneSurrogate);
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static void WriteAscii(ArrayBufferWriter<byte> output, string text) => output.Write(Encoding.ASCII.GetBytes(text));

    private static string NumberForm(string literal)
    {
        var value = double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            throw new CanonicalJsonException("A number is too large for an IEEE 754 double.");
        }

        var form = NumberForm(value);
        if (IsPlainInteger(literal) && ToInteger(literal) != ToInteger(form))
        {
            throw new CanonicalJsonException(
                $"The integer {literal} cannot be held exactly by an IEEE 754 double. Write it as a string.");
        }

        return form;
    }

    private static bool IsPlainInteger(string literal) => literal.AsSpan().IndexOfAny(".eE") < 0;

    private static BigInteger ToInteger(string literal) =>
        BigInteger.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>RFC 8785, 3.2.2.3: ECMAScript's Number::toString on the shortest digits that give the same double.</summary>
    private static string NumberForm(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        // .NET writes the same shortest digits, in a layout of its own: take it apart.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? shortest : shortest[..e];
        var exponent = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var allDigits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = allDigits.TrimStart('0');
        // Where the decimal point stands, counted from the first digit that is not zero: `n` of the specification.
        var point = (dot < 0 ? allDigits.Length : dot) + exponent - (allDigits.Length - digits.Length);
        digits = digits.TrimEnd('0');

        var sign = value < 0 ? "-" : "";
        return sign + point switch
        {
            > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => "0." + new string('0', -point) + digits,
            _ => Scientific(digits, point - 1),
        };
    }

    private static string Scientific(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        var sign = exponent < 0 ? "-" : "+";
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{sign}{Math.Abs(exponent)}");
    }

    private static void RefuseDeeper(int depth)
    {
        if (depth >= MaxDepth)
        {
            throw new CanonicalJsonException($"The JSON is nested deeper than {MaxDepth} levels.");
        }
    }

    private static CanonicalJsonException LoneSurrogate(Exception cause) =>
        new("A string holds half of a surrogate pair or bytes that are not UTF-8.", cause);
}
