using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;

namespace CoEPortal.Tests.Evidence;

public sealed class ContentHashTests
{
    private const string OfEmptyObject = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    [Fact]
    public void A_document_hashes_as_sha256sum_hashes_its_canonical_bytes()
    {
        Assert.Equal(OfEmptyObject, ContentHash.Of(new JsonObject()).ToString());
        Assert.Equal(OfEmptyObject, ContentHash.OfBytes("{}"u8).ToString());
        Assert.Equal(OfEmptyObject, ContentHash.Of(JsonElement.Parse(" { } ")).ToString());
    }

    [Fact]
    public void Equal_bytes_are_equal_hashes()
    {
        var hash = ContentHash.OfBytes("a"u8);

        Assert.Equal(hash, ContentHash.Parse(hash.ToString()));
        Assert.Equal(hash, new ContentHash(hash.ToBytes()));
        Assert.Equal(hash.GetHashCode(), ContentHash.OfBytes("a"u8).GetHashCode());
        Assert.NotEqual(hash, ContentHash.OfBytes("b"u8));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    [InlineData("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8")]
    [InlineData("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a0")]
    [InlineData("sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A")]
    [InlineData("SHA256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    [InlineData("sha256: 4136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    public void A_hash_has_one_text_and_no_other_is_read(string? text)
    {
        Assert.False(ContentHash.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ContentHash.Parse(text!));
    }

    [Fact]
    public void A_hash_travels_through_JSON_as_its_text()
    {
        var hash = ContentHash.OfBytes("a"u8);

        Assert.Equal($"\"{hash}\"", JsonSerializer.Serialize(hash));
        Assert.Equal(hash, JsonSerializer.Deserialize<ContentHash>($"\"{hash}\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ContentHash>("\"sha256:00\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ContentHash>("7"));
    }

    [Fact]
    public void A_digest_of_another_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ContentHash(Encoding.ASCII.GetBytes("short")));
    }
}
