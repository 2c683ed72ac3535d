using System.Security.Cryptography;

namespace CoEPortal.Evidence.Verify;

/// <summary>
/// The public key of a log as an auditor keeps it, in C2SP's form <c>origin+id+key</c>. Without one of their own they would
/// believe whoever made the file.
/// </summary>
public sealed class PinnedKey
{
    private const byte Ecdsa = 2;

    private readonly byte[] _spki;

    private PinnedKey(string origin, byte[] id, byte[] spki)
    {
        (Origin, Id, _spki) = (origin, id, spki);
    }

    public string Origin { get; }

    /// <summary>Four bytes, to find the key among several; it proves nothing.</summary>
    public ReadOnlyMemory<byte> Id { get; }

    /// <exception cref="FormatException">Not such a line; the message says what is wrong.</exception>
    public static PinnedKey Parse(string text)
    {
        var parts = text.Trim().Split('+', 3);
        if (parts.Length != 3 || parts[0].Length == 0)
        {
            throw new FormatException("A key reads origin+id+key, as the portal shows it under Audit.");
        }

        if (!Base64.TryRead(parts[2], out var key) || key.Length < 2 || key[0] != Ecdsa)
        {
            throw new FormatException("The key is not an ECDSA key in base64.");
        }

        var spki = key[1..];
        var id = SHA256.HashData(spki)[..4];
        if (!Convert.ToHexStringLower(id).Equals(parts[1], StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException("The key does not belong to the id that stands before it: the line was cut or changed.");
        }

        try
        {
            using var check = ECDsa.Create();
            check.ImportSubjectPublicKeyInfo(spki, out _);
            return new PinnedKey(parts[0], id, spki);
        }
        catch (CryptographicException notAKey)
        {
            throw new FormatException("The key is no public key.", notAKey);
        }
    }

    internal bool HasSigned(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_spki, out _);
        try
        {
            return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
