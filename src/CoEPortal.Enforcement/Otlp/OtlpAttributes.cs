namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// The attributes of a span or resource that <see cref="AttributeNames"/> knows. All others are passed over without
/// being materialised, so a prompt in an attribute costs nothing and cannot leak.
/// Filled while the body is read and not changed afterwards.
/// </summary>
public sealed class OtlpAttributes(bool identified = false)
{
    // A model call has eight or so of these: scanning a short list beats hashing.
    private List<Entry>? _entries;

    /// <summary>Tells sets of attributes apart by all of them; null unless asked for.</summary>
    internal AttributeDigest? Digest { get; } = identified ? new AttributeDigest() : null;

    /// <summary>The value under the name we prefer; <see cref="OtlpValue.Absent"/> when none was sent.</summary>
    public OtlpValue this[CallAttribute meaning]
    {
        get
        {
            var index = IndexOf(meaning);
            return index < 0 ? OtlpValue.Absent : _entries![index].Value;
        }
    }

    internal void Add(AttributeName name, OtlpValue value)
    {
        // An empty text under the new name must not hide a value under the old one.
        if (value.Kind is OtlpValueKind.Absent || value is { Kind: OtlpValueKind.Text, Text: "" })
        {
            return;
        }
        var index = IndexOf(name.Meaning);
        if (index < 0)
        {
            (_entries ??= new(capacity: 8)).Add(new(name, value));
        }
        else if (name.Preference <= _entries![index].Name.Preference)
        {
            _entries[index] = new(name, value);
        }
    }

    private int IndexOf(CallAttribute meaning)
    {
        for (var i = 0; i < (_entries?.Count ?? 0); i++)
        {
            if (_entries![i].Name.Meaning == meaning)
            {
                return i;
            }
        }
        return -1;
    }

    private readonly record struct Entry(AttributeName Name, OtlpValue Value);
}

/// <summary>An AnyValue, reduced to what a number or a name can be read from.</summary>
public readonly record struct OtlpValue
{
    private readonly long _bits;

    private OtlpValue(OtlpValueKind kind, string? text, long bits)
    {
        Kind = kind;
        Text = text;
        _bits = bits;
    }

    public static OtlpValue Absent => default;

    /// <summary>A text longer than <see cref="OtlpLimits.TextBytes"/>; the text itself is not kept.</summary>
    public static OtlpValue TooLong { get; } = new(OtlpValueKind.TooLong, null, 0);

    /// <summary>A boolean, an array, a map or bytes: none of our attributes is one.</summary>
    public static OtlpValue Other { get; } = new(OtlpValueKind.Other, null, 0);

    public OtlpValueKind Kind { get; }

    /// <summary>Set when the kind is <see cref="OtlpValueKind.Text"/>.</summary>
    public string? Text { get; }

    /// <summary>Meaningful when the kind is <see cref="OtlpValueKind.Whole"/>.</summary>
    public long Whole => _bits;

    /// <summary>Meaningful when the kind is <see cref="OtlpValueKind.Real"/>; may be NaN or infinite.</summary>
    public double Real => BitConverter.Int64BitsToDouble(_bits);

    public static OtlpValue Of(string text) => new(OtlpValueKind.Text, text, 0);

    public static OtlpValue Of(long whole) => new(OtlpValueKind.Whole, null, whole);

    public static OtlpValue Of(double real) => new(OtlpValueKind.Real, null, BitConverter.DoubleToInt64Bits(real));
}

public enum OtlpValueKind
{
    Absent,
    Text,
    Whole,
    Real,
    TooLong,
    Other,
}
