using System.Text.Json;

namespace CoEPortal.Evidence.Bundle;

/// <summary>That one entry is in the audit log: a file of its own, for <c>coe audit verify</c>.</summary>
/// <param name="Schema"><see cref="CurrentSchema"/>; a reader refuses what it does not know.</param>
/// <param name="Key">The public key, as a help only.</param>
/// <param name="Checkpoint">A signed note.</param>
public sealed record EntryProof(string Schema, string Key, string Checkpoint, BundleEntry Entry)
{
    public const string CurrentSchema = "coeportal/entry-proof/1";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = CanonicalJson.MaxDepth,
    };

    public byte[] Write() => CanonicalJson.Write(JsonSerializer.SerializeToNode(this, Format));

    /// <exception cref="BundleFormatException">Not a proof of an entry.</exception>
    public static EntryProof Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var proof = CanonicalJson.Parse(utf8).Deserialize<EntryProof>(Format)!;
            return proof.Schema == CurrentSchema ? proof : throw new BundleFormatException($"The proof's schema is unknown here; only {CurrentSchema} is read.");
        }
        catch (Exception error) when (error is CanonicalJsonException or JsonException)
        {
            throw new BundleFormatException($"This is no proof of an entry. {error.Message}", error);
        }
    }
}
