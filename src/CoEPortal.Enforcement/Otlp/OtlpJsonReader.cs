using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Walks OTLP/JSON: the proto3 JSON mapping with the exceptions of the OTLP specification ("JSON Protobuf Encoding"):
/// enums are integers only, ids are hex. After <see cref="NextProperty"/> and <see cref="NextElement"/> the reader
/// stands on the value. null means "not sent" everywhere. A copy reads ahead without moving the original.
/// </summary>
internal ref struct OtlpJsonReader(ReadOnlySpan<byte> utf8)
{
    // Ten levels lead to an attribute's value, and a map takes four for each level of AnyValue.
    private const int DeepestJson = 16 + (4 * OtlpLimits.ValueDepth);

    private Utf8JsonReader _json = new(utf8, new JsonReaderOptions { MaxDepth = DeepestJson });

    /// <summary>The name of the property whose value the reader stands on.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Moves to the next token. Anything after the first value of the body is refused.</summary>
    public void Read() => _json.Read();

    public readonly bool IsNull => _json.TokenType is JsonTokenType.Null;

    public readonly bool IsTrue => _json.TokenType is JsonTokenType.True;

    /// <summary>Whether the property has this name, which is ASCII and at most 32 letters.</summary>
    public readonly bool Is(string name)
    {
        Span<byte> utf8 = stackalloc byte[32];
        return Name.SequenceEqual(utf8[..Encoding.ASCII.GetBytes(name, utf8)]);
    }

    public readonly bool BeginObject() => Begin(JsonTokenType.StartObject);

    public readonly bool BeginArray() => Begin(JsonTokenType.StartArray);

    public bool NextProperty()
    {
        _json.Read();
        if (_json.TokenType is JsonTokenType.EndObject)
        {
            return false;
        }
        Name = Utf8();
        _json.Read();
        return true;
    }

    public bool NextElement() => _json.Read() && _json.TokenType is not JsonTokenType.EndArray;

    public void Skip() => _json.Skip();

    /// <summary>A text as it stands in the body where nothing is escaped; null when not sent.</summary>
    public readonly ReadOnlySpan<byte> TextUtf8()
    {
        if (IsNull)
        {
            return default;
        }
        return _json.TokenType is JsonTokenType.String ? Utf8() : throw Unexpected("a text");
    }

    /// <summary>An int64 or uint64 that fits: a string by the mapping, a number from many an SDK.</summary>
    public readonly long Int64()
    {
        var number = Number();
        return number is >= long.MinValue and <= long.MaxValue ? (long)number : throw Unexpected("a 64-bit integer");
    }

    public readonly ulong UInt64()
    {
        var number = Number();
        return number is >= 0 and <= ulong.MaxValue ? (ulong)number : throw Unexpected("a 64-bit unsigned integer");
    }

    /// <summary>An enum; its name instead of its number is refused, as the specification has it.</summary>
    public readonly long Enum() =>
        _json.TokenType is JsonTokenType.String ? throw Unexpected("the number of an enum") : Int64();

    /// <summary>A double: a number, or a string for NaN, Infinity and -Infinity.</summary>
    public readonly double Double()
    {
        var digits = Digits();
        if (Utf8Parser.TryParse(digits, out double value, out var used) && used == digits.Length)
        {
            return value;
        }
        throw Unexpected("a number");
    }

    private readonly decimal Number()
    {
        if (IsNull)
        {
            return 0;
        }
        // decimal holds every 64-bit integer exactly, and 1e3 and 5.0 are integers too in this mapping
        return decimal.TryParse(Digits(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number)
                ? number
                : throw Unexpected("an integer");
    }

    private readonly ReadOnlySpan<byte> Digits() =>
        _json.TokenType is JsonTokenType.String or JsonTokenType.Number ? Utf8() : throw Unexpected("a number");

    private readonly ReadOnlySpan<byte> Utf8() =>
        _json.ValueIsEscaped ? Encoding.UTF8.GetBytes(_json.GetString()!) : _json.ValueSpan;

    private readonly bool Begin(JsonTokenType expected)
    {
        if (IsNull)
        {
            return false;
        }
        return _json.TokenType == expected
            ? true
            : throw Unexpected(expected is JsonTokenType.StartObject ? "an object" : "an array");
    }

    private readonly OtlpFormatException Unexpected(string expected) =>
        new($"Malformed JSON: expected {expected} at byte {_json.TokenStartIndex}.");
}
