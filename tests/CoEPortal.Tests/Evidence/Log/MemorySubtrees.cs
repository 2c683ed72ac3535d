using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;

namespace CoEPortal.Tests.Evidence.Log;

/// <summary>A log in memory that keeps what a log has to keep, and refuses to give out what is not complete.</summary>
internal sealed class MemorySubtrees : ISubtrees
{
    private readonly List<List<ContentHash>> _levels = [[]];

    public long Size => _levels[0].Count;

    public MerkleTree Tree => At(Size);

    public MerkleTree At(long size) => new(this, size);

    public async Task AddAsync(params IReadOnlyList<ContentHash> leaves)
    {
        var completed = await Tree.CompletedByAsync(leaves);
        _levels[0].AddRange(leaves);
        foreach (var subtree in completed)
        {
            if (_levels.Count == subtree.Level)
            {
                _levels.Add([]);
            }

            Assert.Equal(_levels[subtree.Level].Count, subtree.Index);
            _levels[subtree.Level].Add(subtree.Hash);
        }
    }

    public ValueTask<IReadOnlyList<ContentHash>> ReadAsync(int level, long first, int count, CancellationToken cancellation)
    {
        Assert.InRange(count, 1, ISubtrees.Fanout);
        return new(_levels[level].GetRange((int)first, count));
    }

    /// <summary>A log whose leaves are the numbers from 0, added a few at a time.</summary>
    public static async Task<MemorySubtrees> OfAsync(int size, int batch = 100)
    {
        var log = new MemorySubtrees();
        foreach (var leaves in Enumerable.Range(0, size).Select(LeafOf).Chunk(batch))
        {
            await log.AddAsync(leaves);
        }

        return log;
    }

    public static ContentHash LeafOf(int number) => TreeHash.Leaf(BitConverter.GetBytes(number));
}
