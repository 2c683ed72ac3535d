using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CoEPortal.Evidence.Log;

/// <summary>
/// The personal texts of one event and one person, encrypted (<c>FORMAT.md</c>, sealed texts): AES-256-GCM under a key for
/// just these two, so that it can be given away without giving away the person's key.
/// </summary>
public static class SealedTexts
{
    /// <summary>Bytes of a person's key, and of an event's.</summary>
    public const int KeyLength = 32;

    /// <summary>The name of who acted, which is a column of the event and no member of its body.</summary>
    public const string ActorName = "actorName";

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Before = SHA256.HashSizeInBytes + NonceLength;

    /// <summary>The key of one event for one person: HKDF with SHA-256 (RFC 5869) of the person's key, without salt, with the event's id as info.</summary>
    public static byte[] KeyOf(byte[] personKey, Guid eventId) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, personKey, KeyLength, info: Encoding.ASCII.GetBytes(eventId.ToString()));

    /// <param name="key">Of <see cref="KeyOf"/>.</param>
    /// <param name="texts">By their place: a member of the body, or one and an index, as in <c>conditions/0</c>.</param>
    /// <param name="nonce">Only for examples of the format; otherwise random.</param>
    /// <returns>In base64: SHA-256 of the key, nonce, ciphertext, tag.</returns>
    public static string Seal(byte[] key, Guid eventId, string person, JsonObject texts, byte[]? nonce = null)
    {
        var clear = CanonicalJson.Write(texts);
        var stored = new byte[Before + clear.Length + TagLength];
        // GCM alone would let somebody make a text that opens to two different ones under two keys.
        SHA256.HashData(key, stored);
        (nonce ?? RandomNumberGenerator.GetBytes(NonceLength)).CopyTo(stored, SHA256.HashSizeInBytes);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(
            stored.AsSpan(SHA256.HashSizeInBytes, NonceLength), clear, stored.AsSpan(Before, clear.Length), stored.AsSpan(Before + clear.Length), Bound(eventId, person));
        return Convert.ToBase64String(stored);
    }

    /// <exception cref="CryptographicException">It was not sealed with this key, for this event and person.</exception>
    public static JsonObject Open(byte[] key, Guid eventId, string person, string sealedText)
    {
        var stored = new byte[sealedText.Length];
        if (!Convert.TryFromBase64String(sealedText, stored, out var length) || length < Before + TagLength)
        {
            throw new CryptographicException("This is no sealed text.");
        }

        var clear = new byte[length - Before - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(
            stored.AsSpan(SHA256.HashSizeInBytes, NonceLength), stored.AsSpan(Before, clear.Length), stored.AsSpan(length - TagLength, TagLength), clear, Bound(eventId, person));
        return JsonNode.Parse(clear)!.AsObject();
    }

    /// <summary>Puts texts back where they were taken out of; one whose place is gone stays away.</summary>
    public static void Restore(JsonObject body, IEnumerable<KeyValuePair<string, JsonNode?>> texts)
    {
        foreach (var (place, text) in texts)
        {
            if (place.Split('/') is not [var name, var number])
            {
                body[place] = text?.DeepClone();
            }
            else if (body[name] is JsonArray list && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count)
            {
                list[index] = text?.DeepClone();
            }
        }
    }

    private static byte[] Bound(Guid eventId, string person) => Encoding.UTF8.GetBytes($"{eventId}\n{person}");
}
