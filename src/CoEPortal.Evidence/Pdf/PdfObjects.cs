using System.Globalization;
using System.Text;

namespace CoEPortal.Evidence.Pdf;

/// <summary>The basic objects of ISO 32000-2, 7.3.</summary>
internal abstract record PdfObject;

internal sealed record PdfNull : PdfObject
{
    public static readonly PdfNull Instance = new();
}

internal sealed record PdfBoolean(bool Value) : PdfObject;

/// <summary>A number as it was written, so that copying a dictionary never rounds.</summary>
internal sealed record PdfNumber(string Literal) : PdfObject
{
    public static PdfNumber Of(long value) => new(value.ToString(CultureInfo.InvariantCulture));

    public bool TryGetInteger(out int value) =>
        int.TryParse(Literal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}

/// <summary>A name without its solidus and with #xx resolved; one char per byte.</summary>
internal sealed record PdfName(string Value) : PdfObject;

/// <summary>A string's bytes, and where its token stands in the file (the end is exclusive; both 0 when not read from one).</summary>
internal sealed record PdfString(byte[] Bytes, int Start = 0, int End = 0) : PdfObject
{
    /// <summary>A text string (7.9.2.2): ASCII as itself, anything else as UTF-16BE with its mark.</summary>
    public static PdfString Of(string text) => new(
        Ascii.IsValid(text) && !text.Any(char.IsControl)
            ? Encoding.ASCII.GetBytes(text)
            : [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)]);

    public string ToText() => Bytes switch
    {
        [0xFE, 0xFF, .. var utf16] => Encoding.BigEndianUnicode.GetString(utf16),
        [0xEF, 0xBB, 0xBF, .. var utf8] => Encoding.UTF8.GetString(utf8),
        // PDFDocEncoding, close enough: it is Latin-1 but for some punctuation.
        _ => Encoding.Latin1.GetString(Bytes),
    };
}

internal sealed record PdfArray(IReadOnlyList<PdfObject> Items) : PdfObject;

internal sealed record PdfDictionary(IReadOnlyList<KeyValuePair<string, PdfObject>> Entries) : PdfObject
{
    public static PdfDictionary Of(params (string Key, PdfObject Value)[] entries) =>
        new([.. entries.Select(e => KeyValuePair.Create(e.Key, e.Value))]);

    public PdfObject? this[string key] => Entries.FirstOrDefault(e => e.Key == key).Value;

    public PdfDictionary With(string key, PdfObject value) =>
        new([.. Entries.Where(e => e.Key != key), KeyValuePair.Create(key, value)]);
}

internal sealed record PdfReference(int Number, int Generation) : PdfObject;

/// <summary>A stream with its bytes still encoded.</summary>
internal sealed record PdfStream(PdfDictionary Dictionary, ReadOnlyMemory<byte> Encoded) : PdfObject;

/// <summary>Room of a fixed width for text that is known only when everything else is written.</summary>
internal sealed record PdfPlaceholder(int Width, char Fill) : PdfObject
{
    /// <summary>Where in the file the room begins; set by the writer.</summary>
    public int Offset { get; set; }
}
