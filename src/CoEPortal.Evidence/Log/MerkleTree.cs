using System.Numerics;

namespace CoEPortal.Evidence.Log;

/// <summary>
/// The Merkle tree of RFC 6962 over the first <paramref name="size"/> leaves of a log: its root, and proofs from it. Reads
/// what it needs, a page of 256 hashes at a time, and remembers it; make one for each batch of questions.
/// </summary>
public sealed class MerkleTree(ISubtrees subtrees, long size)
{
    private const int LevelBits = 8;

    private readonly Dictionary<(int Level, long Page), IReadOnlyList<ContentHash>> _pages = [];

    public ValueTask<ContentHash> RootAsync(CancellationToken cancellation = default) =>
        size == 0 ? new(TreeHash.Empty) : RangeAsync(0, size, cancellation);

    /// <summary>That a leaf is in this tree (RFC 6962, 2.1.1), from the leaf upwards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public async ValueTask<IReadOnlyList<ContentHash>> InclusionAsync(long index, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<ContentHash>();
        await DescendAsync(index, 0, size, path, cancellation);
        return path;
    }

    /// <summary>That this tree only added leaves to an earlier one (RFC 6962, 2.1.2).</summary>
    /// <param name="earlier">Its size; from an empty tree nothing has to be proven, and the proof is empty.</param>
    /// <exception cref="ArgumentOutOfRangeException">The earlier tree is larger than this one.</exception>
    public async ValueTask<IReadOnlyList<ContentHash>> ConsistencyAsync(long earlier, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(earlier);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, size);
        var proof = new List<ContentHash>();
        if (earlier > 0 && earlier < size)
        {
            await CompareAsync(earlier, 0, size, isWhole: true, proof, cancellation);
        }

        return proof;
    }

    /// <summary>That leaves follow each other in this tree: the roots of the largest subtrees beside them, from left to right.</summary>
    /// <param name="first">The first leaf.</param>
    /// <param name="end">The one after the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaves, or there are none.</exception>
    public async ValueTask<IReadOnlyList<ContentHash>> RangeProofAsync(long first, long end, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(first, end);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, size);
        var proof = new List<ContentHash>();
        await BesideAsync(first, end, 0, size, proof, cancellation);
        return proof;
    }

    /// <summary>What a log has to keep besides the leaves themselves when leaves are added to this tree.</summary>
    /// <param name="leaves">The new ones, in their order.</param>
    public async ValueTask<IReadOnlyList<Subtree>> CompletedByAsync(IReadOnlyList<ContentHash> leaves, CancellationToken cancellation = default)
    {
        var completed = new List<Subtree>();
        var added = leaves;
        for (var (level, from) = (0, size); added.Count > 0; level++, from /= ISubtrees.Fanout)
        {
            var open = (int)(from % ISubtrees.Fanout);
            var row = open == 0 ? added : [.. await subtrees.ReadAsync(level, from - open, open, cancellation), .. added];
            added = [.. row.Chunk(ISubtrees.Fanout).Where(page => page.Length == ISubtrees.Fanout).Select(RootOf)];
            completed.AddRange(added.Select((hash, at) => new Subtree(level + 1, (from / ISubtrees.Fanout) + at, hash)));
        }

        return completed;
    }

    private async ValueTask DescendAsync(long index, long from, long to, List<ContentHash> path, CancellationToken cancellation)
    {
        if (to - from == 1)
        {
            return;
        }

        var middle = from + LeftOf(to - from);
        if (index < middle)
        {
            await DescendAsync(index, from, middle, path, cancellation);
            path.Add(await RangeAsync(middle, to, cancellation));
        }
        else
        {
            await DescendAsync(index, middle, to, path, cancellation);
            path.Add(await RangeAsync(from, middle, cancellation));
        }
    }

    private async ValueTask BesideAsync(long first, long end, long from, long to, List<ContentHash> proof, CancellationToken cancellation)
    {
        if (to <= first || from >= end)
        {
            proof.Add(await RangeAsync(from, to, cancellation));
        }
        else if (to - from > 1 && (from < first || to > end))
        {
            var middle = from + LeftOf(to - from);
            await BesideAsync(first, end, from, middle, proof, cancellation);
            await BesideAsync(first, end, middle, to, proof, cancellation);
        }
    }

    /// <param name="isWhole">The range is a subtree of the earlier tree, so whoever checks the proof knows its root.</param>
    private async ValueTask CompareAsync(long earlier, long from, long to, bool isWhole, List<ContentHash> proof, CancellationToken cancellation)
    {
        if (earlier == to)
        {
            if (!isWhole)
            {
                proof.Add(await RangeAsync(from, to, cancellation));
            }

            return;
        }

        var middle = from + LeftOf(to - from);
        if (earlier <= middle)
        {
            await CompareAsync(earlier, from, middle, isWhole, proof, cancellation);
            proof.Add(await RangeAsync(middle, to, cancellation));
        }
        else
        {
            await CompareAsync(earlier, middle, to, isWhole: false, proof, cancellation);
            proof.Add(await RangeAsync(from, middle, cancellation));
        }
    }

    private async ValueTask<ContentHash> RangeAsync(long from, long to, CancellationToken cancellation)
    {
        var length = to - from;
        if (BitOperations.IsPow2(length))
        {
            return await CompleteAsync(BitOperations.Log2((ulong)length), from / length, cancellation);
        }

        var middle = from + LeftOf(length);
        return TreeHash.Node(await RangeAsync(from, middle, cancellation), await RangeAsync(middle, to, cancellation));
    }

    /// <summary>A complete subtree of 2ⁿ leaves, from the kept ones of the nearest level below.</summary>
    private async ValueTask<ContentHash> CompleteAsync(int binaryLevel, long index, CancellationToken cancellation)
    {
        var (level, bits) = Math.DivRem(binaryLevel, LevelBits);
        var first = index << bits;
        var page = await PageAsync(level, first / ISubtrees.Fanout, cancellation);
        return RootOf([.. page.Skip((int)(first % ISubtrees.Fanout)).Take(1 << bits)]);
    }

    private async ValueTask<IReadOnlyList<ContentHash>> PageAsync(int level, long page, CancellationToken cancellation)
    {
        if (!_pages.TryGetValue((level, page), out var hashes))
        {
            var first = page * ISubtrees.Fanout;
            var kept = size >> (LevelBits * level);
            hashes = _pages[(level, page)] = await subtrees.ReadAsync(level, first, (int)Math.Min(ISubtrees.Fanout, kept - first), cancellation);
        }

        return hashes;
    }

    private static ContentHash RootOf(ContentHash[] hashes)
    {
        var row = hashes;
        while (row.Length > 1)
        {
            row = [.. row.Chunk(2).Select(pair => TreeHash.Node(pair[0], pair[1]))];
        }

        return row[0];
    }

    /// <summary>The largest power of two smaller than a length of two or more.</summary>
    private static long LeftOf(long length) => 1L << BitOperations.Log2((ulong)(length - 1));
}
