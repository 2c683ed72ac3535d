using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CoEPortal.Evidence;

/// <summary>
/// SHA-256 of content, 32 bytes; as text <c>sha256:</c> and 64 lower-case hexadecimal digits.
/// What a person decides on is named by this, so that any edit leaves older decisions behind.
/// </summary>
[JsonConverter(typeof(ContentHashJsonConverter))]
public readonly record struct ContentHash : IParsable<ContentHash>
{
    public const int Length = 32;
    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> LowerCaseHex = SearchValues.Create("0123456789abcdef");

    // Two numbers and not an array: records compare arrays by reference.
    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <param name="digest">The 32 bytes of a SHA-256 digest.</param>
    public ContentHash(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Length)
        {
            throw new ArgumentException($"A SHA-256 digest has {Length} bytes, not {digest.Length}.", nameof(digest));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(digest);
        _low = BinaryPrimitives.ReadUInt128BigEndian(digest[16..]);
    }

    /// <summary>The hash of what a document says: SHA-256 of its RFC 8785 form.</summary>
    /// <exception cref="CanonicalJsonException">The document has no canonical form.</exception>
    public static ContentHash Of(JsonNode? document) => OfBytes(CanonicalJson.Write(document));

    /// <inheritdoc cref="Of(JsonNode?)"/>
    public static ContentHash Of(JsonElement document) => OfBytes(CanonicalJson.Write(document));

    /// <summary>The hash of bytes as they are: a file, an attachment, a certificate.</summary>
    public static ContentHash OfBytes(ReadOnlySpan<byte> bytes) => new(SHA256.HashData(bytes));

    public byte[] ToBytes()
    {
        var digest = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(digest, _high);
        BinaryPrimitives.WriteUInt128BigEndian(digest.AsSpan(16), _low);
        return digest;
    }

    public override string ToString() => Prefix + Convert.ToHexStringLower(ToBytes());

    /// <summary>Reads exactly what <see cref="ToString"/> writes: one hash has one text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContentHash hash)
    {
        hash = default;
        if (text is null
            || text.Length != Prefix.Length + (2 * Length)
            || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || text.AsSpan(Prefix.Length).ContainsAnyExcept(LowerCaseHex))
        {
            return false;
        }

        hash = new ContentHash(Convert.FromHexString(text.AsSpan(Prefix.Length)));
        return true;
    }

    /// <inheritdoc cref="TryParse(string?, out ContentHash)"/>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static ContentHash Parse(string text) =>
        TryParse(text, out var hash)
            ? hash
            : throw new FormatException("A content hash reads sha256: and 64 lower-case hexadecimal digits.");

    static ContentHash IParsable<ContentHash>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<ContentHash>.TryParse(string? s, IFormatProvider? provider, out ContentHash result) =>
        TryParse(s, out result);

    private sealed class ContentHashJsonConverter : JsonConverter<ContentHash>
    {
        public override ContentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String && TryParse(reader.GetString(), out var hash)
                ? hash
                : throw new JsonException("A content hash reads sha256: and 64 lower-case hexadecimal digits.");

        public override void Write(Utf8JsonWriter writer, ContentHash value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
