using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// An incremental update (ISO 32000-2, 7.5.6): the printed bytes stay as they are; new and replaced objects,
/// a table of just those and a trailer that points back are appended.
/// </summary>
internal sealed class PdfUpdate
{
    private readonly PdfFile _file;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly SortedDictionary<int, (int Offset, int Generation)> _written = [];
    private int _next;

    public PdfUpdate(PdfFile file)
    {
        _file = file;
        _next = file.Size;
        _output.Write(file.Bytes);
        if (file.Bytes[^1] is not (byte)'\n')
        {
            Write("\n");
        }
    }

    public PdfReference Reserve() => new(_next++, 0);

    public void Put(PdfReference reference, PdfObject value)
    {
        _written.Add(reference.Number, (_output.WrittenCount, reference.Generation));
        Write(string.Create(CultureInfo.InvariantCulture, $"{reference.Number} {reference.Generation} obj\n"));
        Write(value);
        Write("\nendobj\n");
    }

    public PdfReference Add(PdfObject value)
    {
        var reference = Reserve();
        Put(reference, value);
        return reference;
    }

    public PdfReference AddCompressed(PdfDictionary dictionary, byte[] data)
    {
        using var compressed = new MemoryStream();
        using (var deflating = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflating.Write(data);
        }

        return Add(new PdfStream(
            dictionary.With("Filter", new PdfName("FlateDecode")).With("Length", PdfNumber.Of(compressed.Length)),
            compressed.ToArray()));
    }

    /// <summary>Writes the table and the trailer; nothing may be added afterwards.</summary>
    public byte[] Finish()
    {
        var startOfXref = _output.WrittenCount;
        Write("xref\n");
        foreach (var (number, (offset, generation)) in _written)
        {
            // 7.5.4: each entry is 20 bytes long, the space before the line feed included.
            Write(string.Create(CultureInfo.InvariantCulture, $"{number} 1\n{offset:0000000000} {generation:00000} n \n"));
        }

        Write("trailer\n");
        Write(_file.Trailer
            .With("Size", PdfNumber.Of(_next))
            .With("Prev", PdfNumber.Of(_file.StartOfXref)));
        Write(string.Create(CultureInfo.InvariantCulture, $"\nstartxref\n{startOfXref}\n%%EOF\n"));
        return _output.WrittenSpan.ToArray();
    }

    private void Write(string text) => _output.Write(Encoding.Latin1.GetBytes(text));

    private void Write(PdfObject value)
    {
        switch (value)
        {
            case PdfBoolean boolean:
                Write(boolean.Value ? "true" : "false");
                break;
            case PdfNumber number:
                Write(number.Literal);
                break;
            case PdfName name:
                WriteName(name.Value);
                break;
            case PdfString text:
                // Hexadecimal has nothing to escape, so no name can end its string early.
                Write($"<{Convert.ToHexString(text.Bytes)}>");
                break;
            case PdfReference reference:
                Write(string.Create(CultureInfo.InvariantCulture, $"{reference.Number} {reference.Generation} R"));
                break;
            case PdfArray array:
                WriteArray(array);
                break;
            case PdfDictionary dictionary:
                WriteDictionary(dictionary);
                break;
            case PdfStream stream:
                WriteDictionary(stream.Dictionary);
                Write("\nstream\n");
                _output.Write(stream.Encoded.Span);
                Write("\nendstream");
                break;
            case PdfPlaceholder placeholder:
                placeholder.Offset = _output.WrittenCount;
                Write(new string(placeholder.Fill, placeholder.Width));
                break;
            default:
                Write("null");
                break;
        }
    }

    private void WriteArray(PdfArray array)
    {
        Write("[");
        foreach (var item in array.Items)
        {
            Write(item);
            Write(" ");
        }

        Write("]");
    }

    private void WriteDictionary(PdfDictionary dictionary)
    {
        Write("<<");
        foreach (var (key, value) in dictionary.Entries)
        {
            WriteName(key);
            Write(" ");
            Write(value);
            Write("\n");
        }

        Write(">>");
    }

    /// <summary>7.3.5: what is not a regular character is written as #xx.</summary>
    private void WriteName(string name)
    {
        Write("/");
        foreach (var c in name)
        {
            Write(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+'
                ? c.ToString()
                : string.Create(CultureInfo.InvariantCulture, $"#{(int)c:X2}"));
        }
    }
}
