using CoEPortal.Evidence.Verify;
using CoEPortal.Tests.Evidence.Log;
using CoEPortal.Tests.Reliability;

namespace CoEPortal.Tests.Evidence.Verify;

/// <summary>Entries that are said to follow each other are exactly those of the log.</summary>
public sealed class RangeCheckTests
{
    private static int Forgeries => FullRun.IsOn ? 20_000 : 1_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(64)]
    public async Task Every_range_of_a_small_log_is_proven_and_no_other_hash_count_is_taken(int size)
    {
        var log = await MemorySubtrees.OfAsync(size);
        var root = (await log.Tree.RootAsync()).ToBytes();
        for (var first = 0; first < size; first++)
        {
            for (var end = first + 1; end <= size; end++)
            {
                var leaves = Enumerable.Range(first, end - first).Select(i => MemorySubtrees.LeafOf(i).ToBytes()).ToList();
                var proof = MerkleTreeTests.Bytes(await log.Tree.RangeProofAsync(first, end)).ToList();

                Assert.Equal(root, RangeCheck.Root(first, leaves, size, proof));
                Assert.Null(RangeCheck.Root(first, leaves, size, [.. proof, root]));
                Assert.True(proof.Count == 0 || RangeCheck.Root(first, leaves, size, [.. proof.SkipLast(1)]) is null);
            }
        }
    }

    [Fact]
    public async Task No_changed_range_has_the_root_of_the_log()
    {
        var random = new Random(6962);
        for (var done = 0; done < Forgeries; done++)
        {
            var size = random.Next(2, 700);
            var log = await MemorySubtrees.OfAsync(size);
            var root = (await log.Tree.RootAsync()).ToBytes();
            long first = random.Next(size);
            var count = random.Next(1, (int)(size - first) + 1);
            var leaves = Enumerable.Range((int)first, count).Select(i => MemorySubtrees.LeafOf(i).ToBytes()).ToList();
            var proof = MerkleTreeTests.Bytes(await log.Tree.RangeProofAsync(first, first + count)).ToList();
            switch (random.Next(6))
            {
                case 0:
                    leaves[random.Next(count)][random.Next(32)] ^= 1;
                    break;
                case 1:
                    leaves.RemoveAt(random.Next(count));
                    break;
                case 2:
                    leaves.Insert(random.Next(count), MemorySubtrees.LeafOf(size + 1).ToBytes());
                    break;
                case 3 when proof.Count > 0:
                    proof[random.Next(proof.Count)][random.Next(32)] ^= 0x80;
                    break;
                case 4 when proof.Count > 1:
                    proof.Reverse();
                    break;
                default:
                    first += first > 0 && random.Next(2) == 0 ? -1 : 1;
                    break;
            }

            Assert.NotEqual(root, leaves.Count == 0 || first + leaves.Count > size ? null : RangeCheck.Root(first, leaves, size, proof));
        }
    }
}
