using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Evidence.Verify;

/// <summary>What an entry says with the sealed texts for which there is a key put back.</summary>
internal sealed record OpenedEntry(string Body, string ActorName)
{
    private const int HashLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <param name="data">Of the leaf.</param>
    /// <param name="keys">By person, in base64.</param>
    /// <exception cref="CheckFailedException">One of them opens nothing here, or what it opens does not fit.</exception>
    public static OpenedEntry Of(string data, IReadOnlyDictionary<string, string> keys)
    {
        string? id = null;
        try
        {
            var entry = CanonicalJson.Parse(Encoding.UTF8.GetBytes(data));
            id = entry.GetProperty("eventId").GetString();
            var body = JsonNode.Parse(entry.GetProperty("body").GetString()!)!.AsObject();
            var sealedTexts = CanonicalJson.Parse(Encoding.UTF8.GetBytes(entry.GetProperty("sealed").GetString()!));
            var name = entry.GetProperty("actorName").GetString()!;
            foreach (var (person, key) in keys)
            {
                foreach (var text in Open(sealedTexts.GetProperty(person).GetString(), key, $"{id}\n{person}").EnumerateObject())
                {
                    if (text.Name != "actorName")
                    {
                        PutBack(body, text.Name, text.Value.GetString()!);
                    }
                    else if (name.Length > 0 || person != entry.GetProperty("actorId").GetString())
                    {
                        throw new FormatException("The name of who acted stands twice, or is somebody else's.");
                    }
                    else
                    {
                        name = text.Value.GetString()!;
                    }
                }
            }

            return new OpenedEntry(Encoding.UTF8.GetString(CanonicalJson.Write(body)), name);
        }
        catch (Exception error) when (error is CanonicalJsonException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or CryptographicException or ArgumentException)
        {
            throw new CheckFailedException("opening-wrong", $"What the bundle opens of the event {id} was not sealed there: {error.Message}");
        }
    }

    private static JsonElement Open(string? sealedText, string keyText, string bound)
    {
        if (!Base64.TryRead(sealedText, out var stored) || stored.Length < HashLength + NonceLength + TagLength || !Base64.TryReadHash(keyText, out var key))
        {
            throw new FormatException("This is no sealed text, or no key.");
        }

        // Without it one text could be made that opens to two different ones under two keys.
        if (!SHA256.HashData(key).AsSpan().SequenceEqual(stored.AsSpan(0, HashLength)))
        {
            throw new CryptographicException("It was sealed with another key.");
        }

        var cut = HashLength + NonceLength;
        var clear = new byte[stored.Length - cut - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(stored.AsSpan(HashLength, NonceLength), stored.AsSpan(cut, clear.Length), stored.AsSpan(stored.Length - TagLength), clear, Encoding.UTF8.GetBytes(bound));
        return CanonicalJson.Parse(clear);
    }

    /// <summary>Only where something was taken out: a member that is not there, or null in a list.</summary>
    private static void PutBack(JsonObject body, string place, string text)
    {
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            body.Add(place, text);
            return;
        }

        var index = int.Parse(place.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        if (body[place[..slash]] is not JsonArray list || index >= list.Count || list[index] is not null)
        {
            throw new FormatException($"Nothing was taken out at {place}.");
        }

        list[index] = text;
    }
}
