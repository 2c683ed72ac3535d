using System.Diagnostics.CodeAnalysis;

namespace CoEPortal.Evidence.Verify;

/// <summary>Base64 in its one canonical spelling: two texts for the same bytes would let a file be changed unseen.</summary>
internal static class Base64
{
    public static bool TryRead(string? text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text is null)
        {
            return false;
        }

        var buffer = new byte[((text.Length + 3) / 4 * 3) + 1];
        if (!Convert.TryFromBase64String(text, buffer, out var length) || Convert.ToBase64String(buffer, 0, length) != text)
        {
            return false;
        }

        bytes = buffer[..length];
        return true;
    }

    /// <returns>Null when one of them is no hash, or there are more than a proof can have.</returns>
    public static List<byte[]>? ReadHashes(IReadOnlyList<string> texts)
    {
        var hashes = new List<byte[]>(Math.Min(texts.Count, TreeCheck.LongestProof));
        foreach (var text in texts)
        {
            if (hashes.Count == TreeCheck.LongestProof || !TryReadHash(text, out var hash))
            {
                return null;
            }

            hashes.Add(hash);
        }

        return hashes;
    }

    public static bool TryReadHash(string? text, [NotNullWhen(true)] out byte[]? hash) => TryRead(text, out hash) && hash.Length == TreeCheck.HashLength;
}
