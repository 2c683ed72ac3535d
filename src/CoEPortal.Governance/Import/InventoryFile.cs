using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Access;
using CsvHelper;

namespace CoEPortal.Governance.Import;

/// <summary>A row as it stands in the file. <see cref="Fault"/>: why it cannot be read.</summary>
public sealed record InventoryLine(int Line, IReadOnlyList<string> Cells, string Hash, int Occurrence, string? Fault);

/// <summary>A CSV file, bounded and typed by what it holds, not by its name.</summary>
public sealed record InventoryFile(string Encoding, IReadOnlyList<string> Headers, IReadOnlyList<InventoryLine> Lines)
{
    public const int LargestBytes = 16 * 1024 * 1024;
    public const int MostRows = 50_000;
    public const int MostColumns = 200;
    public const int LargestCell = 32_767;

    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    /// <param name="content">The bytes.</param>
    /// <param name="delimiter">Empty to find it out.</param>
    /// <exception cref="RuleViolationException">It is no CSV file, or too large.</exception>
    public static InventoryFile Read(byte[] content, string delimiter = "")
    {
        Refuse.If(content.Length == 0, "empty-file", "The file is empty.");
        Refuse.If(content.Length > LargestBytes, "file-too-large", $"The file has more than {LargestBytes / 1024 / 1024} MB. Split it.");
        var (text, encoding) = Decode(content);
        return Parse(text, encoding, delimiter);
    }

    private static InventoryFile Parse(string text, string encoding, string delimiter)
    {
        var isBad = false;
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = (delimiter.Length > 0 ? delimiter : Likeliest(text))[0],
            HasHeader = false,
            TrackLineNumbers = true,
            OnMalformedRecord = _ => isBad = true,
        });
        Refuse.If(!reader.Read(), "empty-file", "The file has no line.");
        Refuse.If(reader.FieldCount > MostColumns, "file-too-wide", $"The file has more than {MostColumns} columns.");
        string[] headers = [.. reader.Current.ToArray().Select(InventoryText.Clean)];
        Refuse.If(headers.All(h => h.Length == 0), "no-header", "The first line has to name the columns.");

        var lines = new List<InventoryLine>();
        var seen = new Dictionary<string, int>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (isBad = false; reader.Read(); isBad = false)
        {
            Refuse.If(lines.Count == MostRows, "file-too-long", $"The file has more than {MostRows:N0} rows. Split it.");
            var line = (int)reader.LineNumber;
            Refuse.If(reader.FieldCount > 10 * MostColumns, "file-too-wide", $"Line {line} has {reader.FieldCount} cells.");
            string[] cells = [.. reader.Current.ToArray().Select(c => c.ReplaceLineEndings("\n"))];
            // The rest of the file would be in it, and its rows lost.
            Refuse.If(cells.Any(c => c.Length > LargestCell), "not-a-csv",
                $"A cell that begins at line {line} has more than {LargestCell:N0} characters. Usually a quote is opened there and never closed.");
            var digest = HashOf(hash, headers, cells);
            var fault = isBad ? "Its quotes are wrong: a quote inside a cell is written twice, and the cell in quotes."
                : cells.Length != headers.Length ? $"It has {cells.Length} cells, the first line {headers.Length}."
                : null;
            lines.Add(new(line, cells, digest, seen[digest] = seen.GetValueOrDefault(digest) + 1, fault));
        }

        return new InventoryFile(encoding, headers, lines);
    }

    // What the row says under which names; how its lines end in the file is no part of that.
    private static string HashOf(IncrementalHash hash, string[] headers, string[] cells)
    {
        foreach (var text in headers.Concat(cells))
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static (string Text, string Encoding) Decode(byte[] content)
    {
        Refuse.If(content.AsSpan().StartsWith("PK"u8), "not-a-csv", "This is a spreadsheet or an archive. Save it as CSV first.");
        Refuse.If(content.AsSpan().StartsWith("%PDF"u8), "not-a-csv", "This is a PDF. A CSV file is needed.");
        if (content is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            var utf16 = content[0] == 0xff ? System.Text.Encoding.Unicode : System.Text.Encoding.BigEndianUnicode;
            return (Without(utf16.GetString(content)), "UTF-16");
        }

        Refuse.If(content.AsSpan().Contains((byte)0), "not-a-csv", "This is no text. A CSV file is needed.");
        try
        {
            return (Without(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content)), "UTF-8");
        }
        catch (DecoderFallbackException)
        {
            // What old spreadsheets save; every byte means something in it.
            return (CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(content), "Windows-1252");
        }
    }

    private static string Without(string text) => text.Length > 0 && text[0] == '\ufeff' ? text[1..] : text;

    private static string Likeliest(string text)
    {
        var first = text.AsSpan(0, Math.Min(text.Length, LargestCell));
        var end = first.IndexOfAny('\r', '\n');
        first = end < 0 ? first : first[..end];
        var best = Delimiters[0];
        foreach (var delimiter in Delimiters)
        {
            best = first.Count(delimiter) > first.Count(best) ? delimiter : best;
        }

        return best.ToString();
    }
}
