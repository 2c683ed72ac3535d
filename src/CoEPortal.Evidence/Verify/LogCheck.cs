using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CoEPortal.Evidence.Verify;

/// <summary>Something about a log that an auditor has to know.</summary>
/// <param name="Rule">Stable and kebab-case, for programs.</param>
/// <param name="Index">The first entry it is about, from 0; null when it is about none.</param>
/// <param name="IsFault">Something does not hold. Otherwise it holds, but is worth a question.</param>
public sealed record LogFinding(string Rule, long? Index, string Message, bool IsFault = true);

/// <param name="Size">How many entries the file has.</param>
/// <param name="SignedSize">How many of them the last checkpoint covers.</param>
public sealed record LogReport(string Origin, long Size, long SignedSize, int Checkpoints, DateTimeOffset? SignedAt, IReadOnlyList<LogFinding> Findings)
{
    public bool Holds => !Findings.Any(f => f.IsFault);
}

/// <summary>
/// Checks a whole audit log from a file (<c>FORMAT.md</c>), in one pass and in memory that grows only with the number of
/// subjects: every entry is what was numbered, none is missing, and all checkpoints are of this log and no other.
/// </summary>
public sealed class LogCheck
{
    private const string Schema = "coeportal/audit-log/1";
    private const string LeafMark = "leaf ";
    private const string CheckpointMark = "checkpoint ";
    private const int MostFindings = 100;
    private const int LongestLine = 4 * 1024 * 1024;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(65);

    private readonly IReadOnlyCollection<PinnedKey> _keys;
    private readonly Queue<SignedCheckpoint> _outside;
    private readonly RunningTree _tree = new();
    private readonly Dictionary<UInt128, int> _versions = [];
    private readonly List<LogFinding> _findings = [];
    private SignedCheckpoint? _last;
    private int _checkpoints;

    private LogCheck(IReadOnlyCollection<PinnedKey> keys, IEnumerable<SignedCheckpoint> outside)
    {
        _keys = keys;
        _outside = new(outside.OrderBy(c => c.Size));
    }

    /// <param name="keys">The keys of the log, from the auditor's own papers.</param>
    /// <param name="outside">Checkpoints that others kept: from audit PDFs, from a journal on another machine. The log has to begin with each.</param>
    /// <exception cref="CheckFailedException">The file is no log at all.</exception>
    public static LogReport Verify(Stream file, IReadOnlyCollection<PinnedKey> keys, IEnumerable<SignedCheckpoint> outside)
    {
        using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, 1 << 16);
        return new LogCheck(keys, outside).Run(reader);
    }

    private LogReport Run(StreamReader reader)
    {
        var origin = OriginOf(reader.ReadLine());
        CompareWithOutside();
        for (var line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            if (line.Length > LongestLine)
            {
                throw new CheckFailedException("line-length", $"The line after entry {_tree.Size - 1} is longer than any line of a log.");
            }

            if (line.StartsWith(LeafMark, StringComparison.Ordinal))
            {
                AddLeaf(line);
                CompareWithOutside();
            }
            else if (line.StartsWith(CheckpointMark, StringComparison.Ordinal))
            {
                AddCheckpoint(line, origin);
            }
            else
            {
                throw new CheckFailedException("line-kind", $"The line after entry {_tree.Size - 1} is neither an entry nor a checkpoint.");
            }
        }

        foreach (var kept in _outside.Where(c => c.Origin == origin))
        {
            Find("set-back", _tree.Size, $"The log has {_tree.Size:N0} entries, but a checkpoint kept outside is of {kept.Size:N0} ({kept.At:yyyy-MM-dd HH:mm:ss} UTC): the newest were removed, or the database was set back.");
        }

        if (_tree.Size > (_last?.Size ?? 0))
        {
            Find("unsigned", _last?.Size ?? 0, $"{_tree.Size - (_last?.Size ?? 0):N0} entries at the end are covered by no checkpoint in this file.", isFault: _last is null);
        }

        return new LogReport(origin, _tree.Size, _last?.Size ?? 0, _checkpoints, _last?.At, _findings);
    }

    private static string OriginOf(string? line)
    {
        try
        {
            using var header = JsonDocument.Parse(line ?? "");
            return header.RootElement.TryGetProperty("schema", out var schema) && schema.GetString() == Schema
                ? header.RootElement.GetProperty("origin").GetString() ?? throw new CheckFailedException("no-log", "The log names no origin.")
                : throw new CheckFailedException("unknown-schema", $"This is no audit log of the form {Schema}.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CheckFailedException("no-log", "This is no audit log: its first line does not say so.");
        }
    }

    private void AddLeaf(string line)
    {
        var index = _tree.Size;
        var end = line.IndexOf(' ', LeafMark.Length);
        if (end < 0 || !Base64.TryReadHash(line[LeafMark.Length..end], out var stated))
        {
            throw new CheckFailedException("leaf-format", $"Entry {index} states no hash.");
        }

        var data = Encoding.UTF8.GetBytes(line[(end + 1)..]);
        if (!TreeCheck.HashLeaf(data).AsSpan().SequenceEqual(stated))
        {
            Find("entry-changed", index, $"Entry {index} is not what was numbered: something in it was changed afterwards.");
        }

        FollowSubject(index, data);
        _tree.Add(stated);
    }

    /// <summary>The events of a subject are numbered from 1 without a gap, so one that is missing shows although the tree does not know it.</summary>
    private void FollowSubject(long index, byte[] data)
    {
        try
        {
            using var entry = JsonDocument.Parse(data);
            var subject = $"{entry.RootElement.GetProperty("subjectType").GetString()}\n{entry.RootElement.GetProperty("subjectKey").GetString()}";
            var version = entry.RootElement.GetProperty("subjectVersion").GetInt32();
            var key = UInt128Of(subject);
            var expected = _versions.GetValueOrDefault(key) + 1;
            if (version != expected)
            {
                Find("subject-gap", index, $"Entry {index} is number {version} of {subject.Replace('\n', ' ')}; number {expected} was to come.");
            }

            _versions[key] = version;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            Find("entry-format", index, $"Entry {index} is no event.");
        }
    }

    private void AddCheckpoint(string line, string origin)
    {
        _checkpoints++;
        SignedCheckpoint checkpoint;
        try
        {
            checkpoint = SignedCheckpoint.Open(Encoding.UTF8.GetString(Convert.FromBase64String(line[CheckpointMark.Length..])), _keys);
        }
        catch (Exception error) when (error is FormatException or CheckFailedException)
        {
            Find((error as CheckFailedException)?.Rule ?? "checkpoint-format", null, $"Checkpoint {_checkpoints}, after entry {_tree.Size - 1}: {error.Message}");
            return;
        }

        if (checkpoint.Origin != origin)
        {
            Find("other-log", null, $"Checkpoint {_checkpoints} is of the log {checkpoint.Origin}, not of {origin}.");
            return;
        }

        Compare(checkpoint);
        if (_last is { } before && (checkpoint.At <= before.At || checkpoint.Size < before.Size))
        {
            Find("checkpoint-order", null, $"Checkpoint {_checkpoints} of {checkpoint.At:yyyy-MM-dd HH:mm:ss} UTC stands after one that is later or larger.");
        }

        if (_last is { } earlier && checkpoint.At - earlier.At > LongestSilence)
        {
            Find("silence", earlier.Size, string.Create(CultureInfo.InvariantCulture, $"Nothing was signed from {earlier.At:yyyy-MM-dd HH:mm} to {checkpoint.At:yyyy-MM-dd HH:mm} UTC: the portal did not run, or its log was not kept."), isFault: false);
        }

        _last = checkpoint;
    }

    private void CompareWithOutside()
    {
        while (_outside.TryPeek(out var kept) && kept.Size == _tree.Size)
        {
            _outside.Dequeue();
            Compare(kept);
        }
    }

    private void Compare(SignedCheckpoint checkpoint)
    {
        if (checkpoint.Size != _tree.Size)
        {
            Find("missing-entries", _tree.Size, $"A checkpoint of {checkpoint.Size:N0} entries stands after {_tree.Size:N0}: entries were removed or added.");
        }
        else if (!checkpoint.Root.AsSpan().SequenceEqual(_tree.Root))
        {
            var first = _last?.Size ?? 0;
            Find("root", first, $"The entries up to {checkpoint.Size - 1} are not those that were signed on {checkpoint.At:yyyy-MM-dd HH:mm:ss} UTC. The first that differs is one of {first} to {Math.Max(first, checkpoint.Size - 1)}.");
        }
    }

    private void Find(string rule, long? index, string message, bool isFault = true)
    {
        if (_findings.Count < MostFindings)
        {
            _findings.Add(new LogFinding(rule, index, message, isFault));
        }
    }

    private static UInt128 UInt128Of(string subject) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(subject)));
}
