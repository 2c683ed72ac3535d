using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class TelemetryRefusalTests(RunningPortal portal)
{
    private const string Json = "application/json";

    [Theory]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{", Json, null, HttpStatusCode.BadRequest)]
    [InlineData("\u0001\u0002\u0003", "application/x-protobuf", null, HttpStatusCode.BadRequest)]
    [InlineData("{}", "text/plain", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("{}", Json, "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("not gzip at all", Json, "gzip", HttpStatusCode.BadRequest)]
    public async Task A_body_that_cannot_be_read_is_refused_in_words_and_stores_nothing(string text, string mediaType, string? encoding, HttpStatusCode status)
    {
        using var gateway = await portal.WithTokenAsync("telemetry.write");
        var before = await CallsAsync();

        using var answer = await gateway.PostAsync("/v1/traces", Body(Encoding.UTF8.GetBytes(text), mediaType, encoding));

        Assert.Equal(status, answer.StatusCode);
        Assert.True((await answer.Content.ReadAsByteArrayAsync()).Length > 10);
        Assert.Equal(before, await CallsAsync());
    }

    // Of the 256 MB that the bomb holds.
    private const long Bound = 200L * 1024 * 1024;

    [Fact]
    public async Task A_gzip_bomb_is_refused_before_it_unfolds()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 256; i++)
            {
                zip.Write(zeros);
            }
        }

        using var gateway = await portal.WithTokenAsync("telemetry.write");
        // Other tests allocate meanwhile; what unfolds would do so every time.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 10 && least >= Bound; attempt++)
        {
            var before = GC.GetTotalAllocatedBytes();
            using var answer = await gateway.PostAsync("/v1/traces", Body(packed.ToArray(), Json, "gzip"));
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }

        Assert.True(least < Bound);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        using var gateway = await portal.WithTokenAsync("telemetry.write");
        // Else the answer races with a client that is still sending.
        gateway.DefaultRequestHeaders.ExpectContinue = true;

        using var answer = await gateway.PostAsync("/v1/traces", Body(new byte[33 * 1024 * 1024], Json, null));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("enforcement.read")]
    [InlineData("gates.write")]
    public async Task Without_a_token_for_telemetry_nothing_is_taken(string? scope)
    {
        using var sender = scope is null ? new HttpClient { BaseAddress = await portal.AddressAsync() } : await portal.WithTokenAsync(scope);

        using var answer = await sender.PostAsync("/v1/traces", Body("{}"u8.ToArray(), Json, null));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task An_empty_request_is_a_success()
    {
        using var gateway = await portal.WithTokenAsync("telemetry.write");

        using var answer = await gateway.PostAsync("/v1/traces", Body("{}"u8.ToArray(), Json, null));

        Assert.Equal((HttpStatusCode.OK, "{}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    private static ByteArrayContent Body(byte[] bytes, string mediaType, string? encoding)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private async Task<long> CallsAsync()
    {
        await portal.AddressAsync();
        await using var database = NpgsqlDataSource.Create(portal.RuntimeConnectionString);
        await using var count = database.CreateCommand("select count(*) from telemetry.call where use_case_key is null");
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
