using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Governance.Training;

/// <summary>
/// How enforcement knows an end user: the first 16 bytes of HMAC-SHA-256 over the id that the gateway sends, under the salt of
/// this portal. The id itself is stored nowhere, and another portal's hashes say nothing.
/// </summary>
public static class LearnerHash
{
    public const int Length = 16;

    /// <summary>Longer ids are nobody's.</summary>
    public const int LongestId = 200;

    /// <returns>Null for an id that nobody can have: empty, too long.</returns>
    public static UInt128? Of(ReadOnlySpan<byte> salt, string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > LongestId)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[LongestId * 3];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(salt, text[..Encoding.UTF8.GetBytes(id, text)], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public static byte[] ToBytes(UInt128 hash)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return bytes;
    }

    public static UInt128 Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);
}
