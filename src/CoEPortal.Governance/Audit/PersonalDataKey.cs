using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Governance.Audit;

/// <summary>Encrypts the keys of people in the database, and lies outside it: 32 bytes, the same on every node.</summary>
public sealed class PersonalDataKey
{
    private const int Length = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;

    private PersonalDataKey(byte[] key) => _key = key;

    /// <summary>Names the key without telling anything of it.</summary>
    public string Fingerprint => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, Length, info: "fingerprint"u8.ToArray()));

    public static PersonalDataKey Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <param name="base64">32 bytes.</param>
    /// <exception cref="FormatException">Something else.</exception>
    public static PersonalDataKey Parse(string base64) => Convert.FromBase64String(base64.Trim()) is { Length: Length } key
        ? new PersonalDataKey(key)
        : throw new FormatException("The key of personal data is 32 bytes in base64, as `openssl rand -base64 32` writes them.");

    public string ToBase64() => Convert.ToBase64String(_key);

    /// <summary>Bound to the person: a key in another's row opens nothing.</summary>
    internal byte[] Wrap(byte[] personKey, string person)
    {
        var wrapped = new byte[NonceLength + personKey.Length + TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(
            wrapped.AsSpan(0, NonceLength), personKey, wrapped.AsSpan(NonceLength, personKey.Length), wrapped.AsSpan(NonceLength + personKey.Length), Encoding.UTF8.GetBytes(person));
        return wrapped;
    }

    /// <exception cref="CryptographicException">It was wrapped with another key, or for somebody else.</exception>
    internal byte[] Unwrap(byte[] wrapped, string person)
    {
        var key = new byte[wrapped.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Decrypt(wrapped.AsSpan(0, NonceLength), wrapped.AsSpan(NonceLength, key.Length), wrapped.AsSpan(NonceLength + key.Length), key, Encoding.UTF8.GetBytes(person));
        return key;
    }
}
