using CoEPortal.Evidence.Verify;
using CoEPortal.Tests.Evidence.Log;
using CoEPortal.Tests.Reliability;

namespace CoEPortal.Tests.Evidence.Verify;

/// <summary>Whoever forges a proof changes something in it. Nothing that was changed may hold.</summary>
public sealed class ForgedProofTests
{
    private static int Forgeries => FullRun.IsOn ? 100_000 : 2_000;

    [Fact]
    public async Task No_changed_proof_of_inclusion_holds()
    {
        var random = new Random(6962);
        for (var done = 0; done < Forgeries;)
        {
            var size = SizeOf(random);
            var log = await MemorySubtrees.OfAsync(size);
            var root = (await log.Tree.RootAsync()).ToBytes();
            for (var i = 0; i < 50; i++, done++)
            {
                long index = random.Next(size);
                var leaf = MemorySubtrees.LeafOf((int)index).ToBytes();
                var path = MerkleTreeTests.Bytes(await log.Tree.InclusionAsync(index)).ToList();
                byte[] forgedRoot = [.. root];
                Assert.True(TreeCheck.Includes(index, size, leaf, path, root));
                switch (random.Next(5))
                {
                    case 0:
                        Flip(random, leaf);
                        break;
                    case 1:
                        Flip(random, forgedRoot);
                        break;
                    case 2:
                        index += random.Next(2) == 0 ? -1 - random.Next(size) : 1 + random.Next(size);
                        break;
                    default:
                        Forge(random, path);
                        break;
                }

                Assert.False(TreeCheck.Includes(index, size, leaf, path, forgedRoot));
            }
        }
    }

    [Fact]
    public async Task No_changed_proof_of_consistency_holds()
    {
        var random = new Random(9162);
        for (var done = 0; done < Forgeries;)
        {
            var size = Math.Max(2, SizeOf(random));
            var log = await MemorySubtrees.OfAsync(size);
            var second = (await log.Tree.RootAsync()).ToBytes();
            for (var i = 0; i < 50; i++, done++)
            {
                var earlier = random.Next(1, size);
                var first = (await log.At(earlier).RootAsync()).ToBytes();
                var proof = MerkleTreeTests.Bytes(await log.Tree.ConsistencyAsync(earlier)).ToList();
                Assert.True(TreeCheck.Extends(earlier, size, first, second, proof));
                switch (random.Next(4))
                {
                    case 0:
                        Flip(random, first);
                        break;
                    case 1:
                        proof = [];
                        break;
                    case 2 when (earlier & (earlier - 1)) == 0:
                        // From a complete tree the proof is the same for some sizes, but never from one leaf fewer.
                        earlier--;
                        break;
                    default:
                        Forge(random, proof);
                        break;
                }

                Assert.False(TreeCheck.Extends(earlier, size, first, second, proof));
            }
        }
    }

    private static int SizeOf(Random random) => random.Next(5) switch
    {
        0 => 1,
        1 => 1 << random.Next(1, 10),
        2 => (1 << random.Next(1, 10)) + 1,
        3 => (1 << random.Next(2, 10)) - 1,
        _ => random.Next(2, 1000),
    };

    /// <summary>Changes a list of hashes in one of the ways a forger would.</summary>
    private static void Forge(Random random, List<byte[]> hashes)
    {
        switch (hashes.Count == 0 ? 0 : random.Next(5))
        {
            case 0:
                hashes.Insert(random.Next(hashes.Count + 1), RandomHash(random));
                break;
            case 1:
                hashes.RemoveAt(random.Next(hashes.Count));
                break;
            case 2:
                hashes[random.Next(hashes.Count)] = RandomHash(random);
                break;
            case 3:
                var at = random.Next(hashes.Count);
                hashes[at] = hashes[at][..random.Next(31)];
                break;
            default:
                Flip(random, hashes[random.Next(hashes.Count)] = [.. hashes[random.Next(hashes.Count)]]);
                break;
        }
    }

    private static void Flip(Random random, byte[] hash) => hash[random.Next(hash.Length)] ^= (byte)(1 << random.Next(8));

    private static byte[] RandomHash(Random random)
    {
        var hash = new byte[TreeCheck.HashLength];
        random.NextBytes(hash);
        return hash;
    }
}
