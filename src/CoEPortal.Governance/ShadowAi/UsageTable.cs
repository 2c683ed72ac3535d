using CoEPortal.Governance.Access;
using CsvHelper;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Reads a CSV export of any size in bounded memory, row by row, by a mapping.</summary>
internal sealed class UsageTable(HostMatcher matcher, Departments departments)
{
    /// <summary>A longer row is a quote that was opened and never closed.</summary>
    public const int LongestRow = 256 * 1024;

    public const int MostColumns = 500;

    /// <exception cref="RuleViolationException">It is no CSV file, or lacks a column that the mapping needs.</exception>
    public async Task<ScannedLog> RunAsync(
        Stream file, UsageMapping mapping, DateTimeOffset now, IProgress<long>? progress = null, DateTimeOffset since = default, CancellationToken cancellation = default)
    {
        var read = new CountedStream(file, progress);
        var isBad = false;
        await using var reader = CsvReader.Create(
            read, new CsvReaderOptions { Separator = mapping.Delimiter[0], HasHeader = false, TrackLineNumbers = true, MaxRecordSize = LongestRow, OnMalformedRecord = _ => isBad = true }, true);
        var line = 1L;
        try
        {
            Refuse.If(!await reader.ReadAsync(cancellation), "empty-file", "The file has no line.");
            Refuse.If(reader.FieldCount > MostColumns, "file-too-wide", $"The file has more than {MostColumns} columns.");
            var rows = new UsageRows(mapping, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)], new UsageTally(matcher, departments), now, since);
            for (isBad = false; await reader.ReadAsync(cancellation); isBad = false)
            {
                line = reader.LineNumber;
                rows.Take(reader, isBad);
            }

            return rows.Sum(read.At);
        }
        catch (CsvFormatException)
        {
            throw new RuleViolationException("not-a-csv", $"What follows line {line:N0} is one row of more than {LongestRow / 1024} KB. Usually a quote is opened there and never closed.");
        }
    }

    /// <summary>Says how far it is.</summary>
    private sealed class CountedStream(Stream inner, IProgress<long>? progress) : ForwardStream
    {
        public long At { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            At += count;
            progress?.Report(At);
            return count;
        }
    }
}
