using System.Text;
using CoEPortal.Evidence.Bundle;

namespace CoEPortal.Evidence.Verify;

/// <summary>
/// Checks that entries follow each other in the log that was signed: the root follows from the entries and the roots of the
/// subtrees beside them (RFC 6962, 2.1), so none of them can be missing, put in or changed.
/// </summary>
public static class RangeCheck
{
    /// <returns>What does not hold; nothing when all of it does.</returns>
    public static IEnumerable<BundleFinding> Verify(BundleRange range, SignedCheckpoint checkpoint)
    {
        if (range.Entries.Count == 0 || range.First < 0 || range.First > checkpoint.Size - range.Entries.Count)
        {
            return [new("range", "The entries that are said to follow each other are none, or are not all in the log that was signed.")];
        }

        var leaves = range.Entries.Select(e => TreeCheck.HashLeaf(Encoding.UTF8.GetBytes(e))).ToList();
        return Base64.ReadHashes(range.Proof) is { } proof && Root(range.First, leaves, checkpoint.Size, proof) is { } root && root.AsSpan().SequenceEqual(checkpoint.Root)
            ? Gaps(range)
            : [new("range", $"Entries {range.First} to {range.First + range.Entries.Count - 1} are not those of the log that was signed.")];
    }

    /// <summary>The root of a tree of which some leaves are known, and the roots of the subtrees beside them.</summary>
    /// <returns>Null when the proof has too many or too few hashes.</returns>
    public static byte[]? Root(long first, IReadOnlyList<byte[]> leaves, long size, IReadOnlyList<byte[]> proof)
    {
        var used = 0;
        var root = Of(0, size);
        return used == proof.Count ? root : null;

        byte[]? Of(long from, long to)
        {
            if (to <= first || from >= first + leaves.Count)
            {
                return used < proof.Count ? proof[used++] : null;
            }

            if (to - from == 1)
            {
                return leaves[(int)(from - first)];
            }

            // The largest power of two below the length.
            var left = 1L;
            while (left <= (to - from - 1) / 2)
            {
                left *= 2;
            }

            return Of(from, from + left) is { } before && Of(from + left, to) is { } second ? TreeCheck.HashNode(before, second) : null;
        }
    }

    /// <summary>Of each subject the events in the range follow each other; the first of them may be any.</summary>
    private static IEnumerable<BundleFinding> Gaps(BundleRange range)
    {
        var last = new Dictionary<(string, string), int>();
        foreach (var (data, index) in range.Entries.Select((e, i) => (e, range.First + i)))
        {
            if (Subject(data) is not var (type, key, version))
            {
                yield return new BundleFinding("entry-format", $"Entry {index} is no event.");
                continue;
            }

            if (last.TryGetValue((type, key), out var before) && version != before + 1)
            {
                yield return new BundleFinding("subject-gap", $"Of {type} {key}, event {before + 1L} is missing: entry {index} is event {version}.");
            }

            last[(type, key)] = version;
        }
    }

    private static (string Type, string Key, int Version)? Subject(string data)
    {
        try
        {
            var entry = CanonicalJson.Parse(Encoding.UTF8.GetBytes(data));
            return (entry.GetProperty("subjectType").GetString() ?? "", entry.GetProperty("subjectKey").GetString() ?? "", entry.GetProperty("subjectVersion").GetInt32());
        }
        catch (Exception error) when (error is CanonicalJsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
