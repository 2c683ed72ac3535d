using System.Buffers;
using System.Globalization;
using System.Text;

namespace CoEPortal.Evidence.Pdf;

/// <summary>Reads tokens and objects (ISO 32000-2, 7.2 and 7.3) from a position in a file; what is ambiguous is refused.</summary>
internal sealed class PdfParser(byte[] file, int position)
{
    private const int MaxDepth = 64;
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create("\0\t\n\f\r "u8);
    private static readonly SearchValues<byte> Delimiters = SearchValues.Create("\0\t\n\f\r ()<>[]{}/%"u8);

    public int Position { get; private set; } = position;

    public PdfObject ReadObject(int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw Malformed("objects are nested too deeply");
        }

        SkipWhiteSpace();
        switch (Peek())
        {
            case '/':
                return ReadName();
            case '(':
                return ReadLiteralString();
            case '[':
                return ReadArray(depth);
            case '<' when PeekNext() == '<':
                return ReadDictionary(depth);
            case '<':
                return ReadHexString();
            default:
                return ReadWord();
        }
    }

    /// <summary>Steps over a keyword and says whether it was there.</summary>
    public bool TryReadKeyword(string keyword)
    {
        SkipWhiteSpace();
        if (!NextToken().SequenceEqual(Encoding.ASCII.GetBytes(keyword)))
        {
            return false;
        }

        Position += keyword.Length;
        return true;
    }

    public void ReadKeyword(string keyword)
    {
        if (!TryReadKeyword(keyword))
        {
            throw Malformed($"\"{keyword}\" is missing");
        }
    }

    /// <summary>A number without sign or fraction.</summary>
    public int ReadCount() =>
        TryReadCount(out var count) ? count : throw Malformed("a whole number is missing");

    public bool TryReadCount(out int count)
    {
        SkipWhiteSpace();
        var token = NextToken();
        if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out count))
        {
            return false;
        }

        Position += token.Length;
        return true;
    }

    /// <summary>The keyword `stream` is followed by CR LF or LF alone (7.3.8.1); after it the data begins.</summary>
    public ReadOnlyMemory<byte> ReadStreamData(int length)
    {
        if (Peek() == '\r')
        {
            Position++;
        }

        if (Peek() != '\n')
        {
            throw Malformed("stream data does not begin on a line of its own");
        }

        Position++;
        if (length < 0 || length > file.Length - Position)
        {
            throw Malformed("a stream is longer than the file");
        }

        var data = file.AsMemory(Position, length);
        Position += length;
        return data;
    }

    public void SkipWhiteSpace()
    {
        while (Position < file.Length)
        {
            if (WhiteSpace.Contains(file[Position]))
            {
                Position++;
            }
            else if (file[Position] == '%')
            {
                var comment = file.AsSpan(Position).IndexOfAny((byte)'\r', (byte)'\n');
                Position = comment < 0 ? file.Length : Position + comment;
            }
            else
            {
                return;
            }
        }
    }

    public PdfFormatException Malformed(string what) => new($"The PDF is malformed: {what} (at byte {Position}).");

    private int Peek() => Position < file.Length ? file[Position] : -1;

    private int PeekNext() => Position + 1 < file.Length ? file[Position + 1] : -1;

    private ReadOnlySpan<byte> NextToken()
    {
        var rest = file.AsSpan(Position);
        var end = rest.IndexOfAny(Delimiters);
        return end < 0 ? rest : rest[..end];
    }

    private PdfObject ReadWord()
    {
        var token = NextToken();
        if (token.IsEmpty)
        {
            throw Malformed(Position < file.Length ? "an object is missing" : "it ends too early");
        }

        if (token[0] is (byte)'+' or (byte)'-' or (byte)'.' or (>= (byte)'0' and <= (byte)'9'))
        {
            return TryReadReference() as PdfObject ?? ReadNumber();
        }

        PdfObject value = Encoding.Latin1.GetString(token) switch
        {
            "true" => new PdfBoolean(true),
            "false" => new PdfBoolean(false),
            "null" => PdfNull.Instance,
            _ => throw Malformed("an unknown word stands where an object should"),
        };
        Position += token.Length;
        return value;
    }

    private PdfReference? TryReadReference()
    {
        var start = Position;
        if (TryReadCount(out var number) && TryReadCount(out var generation) && TryReadKeyword("R"))
        {
            return new PdfReference(number, generation);
        }

        Position = start;
        return null;
    }

    private PdfNumber ReadNumber()
    {
        var literal = Encoding.Latin1.GetString(NextToken());
        if (!decimal.TryParse(literal, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
        {
            throw Malformed("a number is not one");
        }

        Position += literal.Length;
        return new PdfNumber(literal);
    }

    private PdfName ReadName()
    {
        Position++;
        var token = NextToken();
        var name = new StringBuilder(token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] != '#')
            {
                name.Append((char)token[i]);
            }
            else if (i + 2 < token.Length && TryReadHex(token[i + 1], token[i + 2], out var resolved))
            {
                name.Append((char)resolved);
                i += 2;
            }
            else
            {
                throw Malformed("a name holds # without two hexadecimal digits");
            }
        }

        Position += token.Length;
        return new PdfName(name.ToString());
    }

    private static bool TryReadHex(byte high, byte low, out byte value)
    {
        value = 0;
        if (!char.IsAsciiHexDigit((char)high) || !char.IsAsciiHexDigit((char)low))
        {
            return false;
        }

        value = Convert.FromHexString([(char)high, (char)low])[0];
        return true;
    }

    private PdfArray ReadArray(int depth)
    {
        Position++;
        var items = new List<PdfObject>();
        while (true)
        {
            SkipWhiteSpace();
            if (Peek() == ']')
            {
                Position++;
                return new PdfArray(items);
            }

            items.Add(ReadObject(depth + 1));
        }
    }

    private PdfDictionary ReadDictionary(int depth)
    {
        Position += 2;
        var entries = new List<KeyValuePair<string, PdfObject>>();
        var keys = new HashSet<string>();
        while (true)
        {
            SkipWhiteSpace();
            if (Peek() == '>' && PeekNext() == '>')
            {
                Position += 2;
                return new PdfDictionary(entries);
            }

            if (Peek() != '/')
            {
                throw Malformed("a dictionary key is missing");
            }

            var key = ReadName().Value;
            // Viewers disagree on which of two equal keys counts. That is how one file shows two contents.
            if (!keys.Add(key))
            {
                throw Malformed($"a dictionary holds /{key} twice");
            }

            entries.Add(KeyValuePair.Create(key, ReadObject(depth + 1)));
        }
    }

    private PdfString ReadHexString()
    {
        var start = Position++;
        var length = file.AsSpan(Position).IndexOf((byte)'>');
        if (length < 0)
        {
            throw Malformed("a hexadecimal string does not end");
        }

        var digits = new StringBuilder(length);
        foreach (var b in file.AsSpan(Position, length))
        {
            if (char.IsAsciiHexDigit((char)b))
            {
                digits.Append((char)b);
            }
            else if (!WhiteSpace.Contains(b))
            {
                throw Malformed("a hexadecimal string holds something else");
            }
        }

        // A missing last digit reads as zero (7.3.4.3).
        if (digits.Length % 2 is 1)
        {
            digits.Append('0');
        }

        Position += length + 1;
        return new PdfString(Convert.FromHexString(digits.ToString()), start, Position);
    }

    /// <summary>7.3.4.2: balanced parentheses, escapes, and every line end read as LF.</summary>
    private PdfString ReadLiteralString()
    {
        var start = Position++;
        var bytes = new ArrayBufferWriter<byte>();
        for (var open = 1; ;)
        {
            var b = NextByte();
            switch (b)
            {
                case (byte)'\\':
                    ReadEscape(bytes);
                    continue;
                case (byte)'(':
                    open++;
                    break;
                case (byte)')' when --open is 0:
                    return new PdfString(bytes.WrittenSpan.ToArray(), start, Position);
                case (byte)'\r':
                    SkipLineFeed();
                    b = (byte)'\n';
                    break;
            }

            bytes.Write([b]);
        }
    }

    private void ReadEscape(ArrayBufferWriter<byte> bytes)
    {
        var b = NextByte();
        switch ((char)b)
        {
            case 'n':
                bytes.Write("\n"u8);
                break;
            case 'r':
                bytes.Write("\r"u8);
                break;
            case 't':
                bytes.Write("\t"u8);
                break;
            case 'b':
                bytes.Write("\b"u8);
                break;
            case 'f':
                bytes.Write("\f"u8);
                break;
            case '\r':
                SkipLineFeed();
                break;
            case '\n':
                break;
            case >= '0' and <= '7':
                var code = b - '0';
                for (var i = 0; i < 2 && Peek() is >= '0' and <= '7'; i++)
                {
                    code = (code * 8) + (NextByte() - '0');
                }

                bytes.Write([(byte)code]);
                break;
            default:
                bytes.Write([b]);
                break;
        }
    }

    private void SkipLineFeed()
    {
        if (Peek() == '\n')
        {
            Position++;
        }
    }

    private byte NextByte() => Position < file.Length ? file[Position++] : throw Malformed("a string does not end");
}
