using System.Security.Cryptography;

namespace CoEPortal.Evidence.Verify;

/// <summary>The root of a tree whose leaves come one after the other, in the memory of its height: one pending hash for each bit of its size.</summary>
public sealed class RunningTree
{
    private readonly Stack<(byte[] Hash, int Height)> _pending = new();

    public long Size { get; private set; }

    public byte[] Root => _pending.Count == 0
        ? SHA256.HashData([])
        : _pending.Select(p => p.Hash).Aggregate((right, left) => TreeCheck.HashNode(left, right));

    /// <param name="leaf">Its hash.</param>
    public void Add(byte[] leaf)
    {
        var (hash, height) = (leaf, 0);
        while (_pending.TryPeek(out var left) && left.Height == height)
        {
            _pending.Pop();
            (hash, height) = (TreeCheck.HashNode(left.Hash, hash), height + 1);
        }

        _pending.Push((hash, height));
        Size++;
    }
}
