using System.Security.Cryptography;

namespace CoEPortal.Evidence.Log;

/// <summary>The two hashes of a Merkle tree (RFC 6962, 2.1). Their first byte keeps a leaf from being taken for a node.</summary>
public static class TreeHash
{
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    /// <summary>The root of a tree with no leaf.</summary>
    public static ContentHash Empty { get; } = ContentHash.OfBytes([]);

    public static ContentHash Leaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(data);
        return Of(hash);
    }

    public static ContentHash Node(ContentHash left, ContentHash right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * ContentHash.Length)];
        both[0] = NodePrefix;
        left.ToBytes().CopyTo(both[1..]);
        right.ToBytes().CopyTo(both[(1 + ContentHash.Length)..]);
        return ContentHash.OfBytes(both);
    }

    private static ContentHash Of(IncrementalHash hash)
    {
        Span<byte> digest = stackalloc byte[ContentHash.Length];
        hash.GetHashAndReset(digest);
        return new ContentHash(digest);
    }
}
