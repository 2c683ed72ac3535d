using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CoEPortal.Governance.Access;
using CsvHelper;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Rows of one export, as its mapping reads them. Nothing is guessed: what cannot be read is counted with its reason.</summary>
internal sealed class UsageRows
{
    private const decimal LargestAmount = 1_000_000_000;

    private readonly UsageMapping _mapping;
    private readonly UsageTally _tally;
    private readonly TimeZoneInfo _zone;
    private readonly string[] _times;
    private readonly long _latest;
    private readonly long _since;
    private readonly int _columns;
    private readonly (int At, int User, int Client, int Host, int Tool, int Department, int Bytes, int Cost, int Currency, int Action) _column;
    private readonly Dictionary<LineFault, (long Count, long FirstAt)> _faults = [];
    private string? _currency;
    private long _lines;

    /// <exception cref="RuleViolationException">A column is missing.</exception>
    public UsageRows(UsageMapping mapping, IReadOnlyList<string> headers, UsageTally tally, DateTimeOffset now, DateTimeOffset since)
    {
        (_mapping, _tally, _columns) = (mapping, tally, headers.Count);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(mapping.Zone);
        _times = [.. mapping.Times.Where(t => t != "epoch")];
        (_latest, _since) = (now.AddDays(1).ToUnixTimeMilliseconds(), since.ToUnixTimeMilliseconds());
        var known = headers.Index().GroupBy(h => h.Item.Trim().Trim('\ufeff'), StringComparer.OrdinalIgnoreCase).ToDictionary(h => h.Key, h => h.First().Index, StringComparer.OrdinalIgnoreCase);
        _column = (Needed("at"), Of("user"), Of("client"), Of("host"), Of("tool"), Of("department"), Of("bytes"), Of("cost"), Of("currency"), Of("action"));
        Refuse.If(_column.User < 0 && _column.Client < 0, "no-such-column", $"The file has none of the columns in which {mapping.Title} names people: {Names("user", "client")}.");
        Refuse.If(_column.Host < 0 && _column.Tool < 0, "no-such-column", $"The file has none of the columns in which {mapping.Title} says what was used: {Names("host", "tool")}.");
        Refuse.If(_column.Cost < 0 && mapping.Columns.ContainsKey("cost"), "no-such-column", $"The file has none of the columns in which {mapping.Title} has amounts: {Names("cost")}.");

        int Of(string field) => mapping.Columns.GetValueOrDefault(field)?.Select(c => known.GetValueOrDefault(c, -1)).FirstOrDefault(at => at >= 0, -1) ?? -1;

        int Needed(string field)
        {
            var at = Of(field);
            Refuse.If(at < 0, "no-such-column", $"The file has none of the columns that {mapping.Title} reads as {field}: {Names(field)}.");
            return at;
        }

        string Names(params string[] fields) => string.Join(", ", fields.SelectMany(f => mapping.Columns.GetValueOrDefault(f) ?? []));
    }

    public void Take(CsvReader reader, bool isBad)
    {
        _lines++;
        var line = default(LogLine);
        if ((isBad || reader.FieldCount != _columns ? LineFault.Cells : Read(reader, out line)) is var fault and not LineFault.None)
        {
            var known = _faults.GetValueOrDefault(fault, (0, reader.LineNumber));
            _faults[fault] = (known.Count + 1, known.FirstAt);
        }
        else
        {
            _tally.Add(line);
        }
    }

    public ScannedLog Sum(long bytes) =>
        ScannedLog.Of(_tally, _lines, bytes, _faults.Select(f => new FaultyLines(f.Key, f.Value.Count, f.Value.FirstAt))) with { Currency = _currency };

    private LineFault Read(CsvReader reader, out LogLine line)
    {
        line = default;
        if (AtOf(reader) is not { } at || at < LineReader.Earliest || at > _latest)
        {
            return LineFault.Time;
        }

        var user = Cell(reader, _column.User);
        var client = Cell(reader, _column.Client);
        var department = Cell(reader, _column.Department);
        if (user.IsEmpty && client.IsEmpty || user.Length > LineReader.LongestWho || client.Length > LineReader.LongestWho || department.Length > LineReader.LongestWho)
        {
            return LineFault.Who;
        }

        var host = LineReader.HostOf(Cell(reader, _column.Host));
        var tool = Cell(reader, _column.Tool);
        if (host.IsEmpty && tool.IsEmpty || host.Length > 253 || tool.Length > 500)
        {
            return LineFault.Host;
        }

        if (at < _since)
        {
            return LineFault.Window;
        }

        if (AmountOf(reader) is not { } cost)
        {
            return LineFault.Amount;
        }

        if (_column.Cost >= 0 && !IsOneCurrency(reader))
        {
            return LineFault.Currency;
        }

        line = new LogLine
        {
            At = at,
            User = user,
            Client = client,
            Host = host,
            Tool = tool,
            Department = department,
            Cost = cost,
            Bytes = Utf8Parser.TryParse(Cell(reader, _column.Bytes), out long bytes, out _) && bytes > 0 ? bytes : 0,
            IsBlocked = _column.Action >= 0 && _mapping.Blocked.Count > 0 && IsBlocked(Cell(reader, _column.Action)),
        };
        return LineFault.None;
    }

    private static ReadOnlySpan<byte> Cell(CsvReader reader, int column)
    {
        var cell = column < 0 ? [] : reader.GetSpan(column).Trim((byte)' ');
        return cell.SequenceEqual("-"u8) ? [] : cell;
    }

    private bool IsBlocked(ReadOnlySpan<byte> action)
    {
        var said = Encoding.UTF8.GetString(action);
        return _mapping.Blocked.Exists(b => said.StartsWith(b, StringComparison.OrdinalIgnoreCase));
    }

    private long? AtOf(CsvReader reader)
    {
        var cell = Cell(reader, _column.At);
        if (cell.Length is 0 or > 64)
        {
            return null;
        }

        if (_mapping.Times.Count != _times.Length && Utf8Parser.TryParse(cell, out long seconds, out var used) && (used == cell.Length || cell[used] == '.') && seconds is > 0 and < 99_999_999_999)
        {
            return seconds * 1000;
        }

        var text = Encoding.UTF8.GetString(cell);
        if (!DateTime.TryParseExact(text, _times, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces, out var at))
        {
            return null;
        }

        // A time that says its zone has become UTC; any other is of the export's zone, and one that the clock skipped is an hour later.
        return (at.Kind is DateTimeKind.Utc ? new DateTimeOffset(at) : new DateTimeOffset(at, _zone.GetUtcOffset(at))).ToUnixTimeMilliseconds();
    }

    /// <summary>1,234.50 and 1.234,50 are the same; a lone comma before two digits is the decimal one.</summary>
    private decimal? AmountOf(CsvReader reader)
    {
        if (_column.Cost < 0)
        {
            return 0;
        }

        var cell = Cell(reader, _column.Cost);
        if (cell.Length is 0 or > 40)
        {
            return null;
        }

        var text = new string([.. Encoding.UTF8.GetString(cell).Where(c => c is '-' or ',' or '.' || char.IsAsciiDigit(c))]);
        var (comma, point) = (text.LastIndexOf(','), text.LastIndexOf('.'));
        text = comma > point && (point >= 0 || text.Length - comma is 2 or 3) ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : text.Replace(",", "", StringComparison.Ordinal);
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && Math.Abs(amount) < LargestAmount ? amount : null;
    }

    /// <summary>There is no table of rates: all amounts are of the currency of the first.</summary>
    private bool IsOneCurrency(CsvReader reader)
    {
        var currency = _column.Currency < 0 ? _mapping.Currency : Encoding.UTF8.GetString(Cell(reader, _column.Currency)).ToUpperInvariant();
        currency = currency.Length == 0 ? _mapping.Currency : currency;
        if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper))
        {
            return false;
        }

        _currency ??= currency;
        return _currency == currency;
    }
}
