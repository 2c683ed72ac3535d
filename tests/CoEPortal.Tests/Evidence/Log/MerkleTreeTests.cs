using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;

namespace CoEPortal.Tests.Evidence.Log;

public sealed class MerkleTreeTests
{
    // The leaves and roots that implementations of RFC 6962 test each other with (certificate-transparency-go).
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public async Task The_roots_are_those_of_the_vectors_of_rfc_6962()
    {
        var log = new MemorySubtrees();
        await log.AddAsync([.. Leaves.Select(l => TreeHash.Leaf(Convert.FromHexString(l)))]);
        for (var size = 0; size <= Leaves.Length; size++)
        {
            Assert.Equal("sha256:" + Roots[size], (await log.At(size).RootAsync()).ToString());
        }
    }

    [Fact]
    public async Task However_leaves_arrive_the_root_is_that_of_the_one_who_counts_along()
    {
        var along = new RunningTree();
        var log = await MemorySubtrees.OfAsync(700, batch: 7);
        for (var size = 0; size <= 700; size++)
        {
            Assert.Equal(along.Root, (await log.At(size).RootAsync()).ToBytes());
            along.Add(MemorySubtrees.LeafOf(size).ToBytes());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public async Task Every_leaf_is_proven_to_be_where_it_is_and_nowhere_else(int size)
    {
        var tree = (await MemorySubtrees.OfAsync(size)).Tree;
        var root = (await tree.RootAsync()).ToBytes();
        for (var index = 0; index < size; index++)
        {
            var path = Bytes(await tree.InclusionAsync(index));
            var leaf = MemorySubtrees.LeafOf(index).ToBytes();
            Assert.True(TreeCheck.Includes(index, size, leaf, path, root));
            Assert.False(TreeCheck.Includes(index, size, MemorySubtrees.LeafOf(index + 1).ToBytes(), path, root));
            Assert.False(TreeCheck.Includes(index + 1, size, leaf, path, root));
            Assert.False(index > 0 && TreeCheck.Includes(index - 1, size, leaf, path, root));
        }
    }

    [Fact]
    public async Task Every_tree_is_proven_to_extend_every_earlier_one_and_no_other()
    {
        const int largest = 70;
        var log = await MemorySubtrees.OfAsync(largest);
        var roots = new List<byte[]>();
        for (var size = 0; size <= largest; size++)
        {
            roots.Add((await log.At(size).RootAsync()).ToBytes());
        }

        for (var later = 0; later <= largest; later++)
        {
            for (var earlier = 0; earlier <= later; earlier++)
            {
                var proof = Bytes(await log.At(later).ConsistencyAsync(earlier));
                Assert.True(TreeCheck.Extends(earlier, later, roots[earlier], roots[later], proof));
                Assert.False(earlier > 0 && TreeCheck.Extends(earlier, later, roots[earlier - 1], roots[later], proof));
                Assert.False(earlier > 0 && earlier < later && TreeCheck.Extends(earlier - 1, later, roots[earlier], roots[later], proof));
            }
        }
    }

    [Fact]
    public async Task A_log_of_three_levels_proves_across_them()
    {
        const int size = 66_000;
        var log = await MemorySubtrees.OfAsync(size, batch: 5_000);
        var root = (await log.Tree.RootAsync()).ToBytes();
        foreach (var index in new[] { 0, 255, 256, 65_535, 65_536, 65_791, 65_792, size - 1 })
        {
            Assert.True(TreeCheck.Includes(index, size, MemorySubtrees.LeafOf(index).ToBytes(), Bytes(await log.Tree.InclusionAsync(index)), root));
        }

        foreach (var earlier in new[] { 1, 256, 65_535, 65_536, 65_537, 65_999 })
        {
            Assert.True(TreeCheck.Extends(earlier, size, (await log.At(earlier).RootAsync()).ToBytes(), root, Bytes(await log.Tree.ConsistencyAsync(earlier))));
        }
    }

    [Fact]
    public async Task A_leaf_or_an_earlier_tree_that_is_not_there_is_not_proven()
    {
        var tree = (await MemorySubtrees.OfAsync(5)).Tree;

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tree.InclusionAsync(5).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tree.InclusionAsync(-1).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tree.ConsistencyAsync(6).AsTask());
    }

    internal static IReadOnlyList<byte[]> Bytes(IReadOnlyList<ContentHash> hashes) => [.. hashes.Select(h => h.ToBytes())];
}
