using System.Security.Cryptography;

namespace CoEPortal.Evidence.Verify;

/// <summary>
/// Checks proofs from the text of RFC 9162 (2.1.3.2 and 2.1.4.2) and shares nothing with the code that makes them: a
/// mistake made twice in the same place would prove itself.
/// </summary>
public static class TreeCheck
{
    public const int HashLength = 32;

    /// <summary>Longer than any tree of 2⁶³ leaves needs.</summary>
    public const int LongestProof = 130;

    public static byte[] HashLeaf(ReadOnlySpan<byte> data)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha256.AppendData([0x00]);
        sha256.AppendData(data);
        return sha256.GetHashAndReset();
    }

    public static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashLength)];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashLength)..]);
        return SHA256.HashData(input);
    }

    /// <summary>Whether the leaf with this hash is the one at this index of the tree with this root.</summary>
    public static bool Includes(long index, long size, byte[] leaf, IReadOnlyList<byte[]> path, byte[] root)
    {
        if (index < 0 || index >= size || !AreHashes([leaf, root, .. path]) || path.Count > LongestProof)
        {
            return false;
        }

        var (fn, sn) = (index, size - 1);
        var r = leaf;
        foreach (var p in path)
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                r = HashNode(p, r);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                r = HashNode(r, p);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && r.AsSpan().SequenceEqual(root);
    }

    /// <summary>Whether the larger tree begins with exactly the leaves of the smaller one.</summary>
    public static bool Extends(long first, long second, byte[] firstRoot, byte[] secondRoot, IReadOnlyList<byte[]> proof)
    {
        if (first < 0 || second < first || !AreHashes([firstRoot, secondRoot, .. proof]) || proof.Count > LongestProof)
        {
            return false;
        }

        if (first == second)
        {
            return proof.Count == 0 && firstRoot.AsSpan().SequenceEqual(secondRoot);
        }

        if (first == 0)
        {
            // Every tree begins with no leaves, but the root of none is still a known one.
            return proof.Count == 0 && firstRoot.AsSpan().SequenceEqual(SHA256.HashData([]));
        }

        if (proof.Count == 0)
        {
            return false;
        }

        var isComplete = (first & (first - 1)) == 0;
        var steps = isComplete ? proof.Prepend(firstRoot) : proof;
        var (fn, sn) = (first - 1, second - 1);
        while ((fn & 1) == 1)
        {
            (fn, sn) = (fn >> 1, sn >> 1);
        }

        var (fr, sr) = (steps.First(), steps.First());
        foreach (var c in steps.Skip(1))
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                fr = HashNode(c, fr);
                sr = HashNode(c, sr);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                sr = HashNode(sr, c);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && fr.AsSpan().SequenceEqual(firstRoot) && sr.AsSpan().SequenceEqual(secondRoot);
    }

    private static bool AreHashes(IEnumerable<byte[]?> hashes) => hashes.All(h => h is { Length: HashLength });
}
