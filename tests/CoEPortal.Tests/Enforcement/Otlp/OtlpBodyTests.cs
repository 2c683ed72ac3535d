using System.IO.Compression;
using System.Text;
using CoEPortal.Enforcement.Otlp;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class OtlpBodyTests
{
    private const string Protobuf = "application/x-protobuf";
    private static readonly byte[] Sound = new SpanDraft().Protobuf();

    [Theory]
    [InlineData("application/x-protobuf", OtlpMediaType.Protobuf)]
    [InlineData("Application/X-Protobuf", OtlpMediaType.Protobuf)]
    [InlineData("application/json", OtlpMediaType.Json)]
    [InlineData("application/json; charset=utf-8", OtlpMediaType.Json)]
    [InlineData("application/json;charset=\"UTF-8\"", OtlpMediaType.Json)]
    public async Task Both_media_types_are_taken(string contentType, OtlpMediaType expected)
    {
        using var body = await ReadAsync(Sound, contentType);
        Assert.Equal(expected, body.MediaType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/grpc")]
    [InlineData("application/protobuf")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("not a media type")]
    public async Task Another_media_type_is_refused_with_415(string? contentType) =>
        Assert.Equal(415, (await RefusalOf(() => ReadAsync(Sound, contentType))).StatusCode);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("Identity")]
    public async Task A_plain_body_arrives_as_sent(string? encoding)
    {
        using var body = await ReadAsync(Sound, encoding: encoding);
        Assert.Equal(Sound, body.Bytes);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    public async Task A_gzip_body_arrives_unpacked(string encoding)
    {
        using var body = await ReadAsync(Wire.Gzip(Sound), encoding: encoding);
        Assert.Equal(Sound, body.Bytes);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task Another_encoding_is_refused_with_415(string encoding) =>
        Assert.Equal(415, (await RefusalOf(() => ReadAsync(Sound, encoding: encoding))).StatusCode);

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(1_001, true)]
    public async Task A_body_may_be_as_long_as_the_limit_and_no_longer(int length, bool isRefused)
    {
        var limits = new OtlpLimits { CompressedBytes = 1_000_000, DecompressedBytes = 1_000 };
        foreach (var (bytes, encoding) in new[] { (new byte[length], null), (Wire.Gzip(new byte[length]), "gzip") })
        {
            var read = async () => await ReadAsync(bytes, encoding: encoding, limits: limits);
            if (isRefused)
            {
                Assert.Equal(413, (await RefusalOf(read)).StatusCode);
            }
            else
            {
                using var body = await read();
                Assert.Equal(length, body.Bytes.Length);
            }
        }
    }

    [Fact]
    public async Task A_gzip_body_longer_than_the_wire_limit_is_refused_before_it_is_unpacked()
    {
        var packed = Wire.Gzip(Sound);
        var limits = new OtlpLimits { CompressedBytes = packed.Length - 1 };
        Assert.Equal(413, (await RefusalOf(() => ReadAsync(packed, encoding: "gzip", limits: limits))).StatusCode);
    }

    [Fact]
    public async Task A_body_that_announces_too_much_is_refused_unread()
    {
        using var stream = new EndlessStream();
        var refusal = await RefusalOf(() => OtlpBody.ReadAsync(
            stream, Protobuf, null, OtlpLimits.Default.DecompressedBytes + 1L, OtlpLimits.Default, default));
        Assert.Equal(413, refusal.StatusCode);
        Assert.Equal(0, stream.Given);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    public async Task An_endless_body_is_read_to_one_byte_over_the_limit(string? encoding)
    {
        using var stream = new EndlessStream();
        var limits = new OtlpLimits { CompressedBytes = 200_000, DecompressedBytes = 200_000 };
        var refusal = await RefusalOf(() => OtlpBody.ReadAsync(stream, Protobuf, encoding, null, limits, default));
        Assert.Equal(413, refusal.StatusCode);
        Assert.Equal(200_001, stream.Given);
    }

    [Fact]
    public async Task A_gibibyte_of_zeros_packed_into_a_mebibyte_is_refused_in_bounded_memory()
    {
        var bomb = GzipOfZeros(mebibytes: 1024);
        Assert.InRange(bomb.Length, 1, OtlpLimits.Default.CompressedBytes);

        // All streams here are in memory, so the whole read runs on this thread.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = await RefusalOf(() => ReadAsync(bomb, encoding: "gzip"));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(413, refusal.StatusCode);
        Assert.InRange(allocated, 0, 100 * 1024 * 1024);
    }

    [Fact]
    public async Task A_gzip_body_cut_off_anywhere_is_refused_with_400()
    {
        var packed = Captures.Read("otlp_v1_traces-official-proto-gzip-019.raw.pb.gz");
        for (var length = 0; length < packed.Length; length++)
        {
            var refusal = await RefusalOf(() => ReadAsync(packed[..length], encoding: "gzip"));
            Assert.True(refusal.StatusCode == 400, $"cut at {length}: {refusal.StatusCode}");
        }
    }

    [Fact]
    public async Task A_gzip_body_with_something_after_it_is_refused_with_400()
    {
        byte[] withGarbage = [.. Wire.Gzip(Sound), 1, 2, 3, 4];
        byte[] withSecondMember = [.. Wire.Gzip(Sound), .. Wire.Gzip(Sound)];
        Assert.Equal(400, (await RefusalOf(() => ReadAsync(withGarbage, encoding: "gzip"))).StatusCode);
        Assert.Equal(400, (await RefusalOf(() => ReadAsync(withSecondMember, encoding: "gzip"))).StatusCode);
    }

    [Fact]
    public async Task A_gzip_body_with_a_wrong_checksum_is_refused_with_400()
    {
        var packed = Wire.Gzip(Sound);
        packed[^8] ^= 1;
        Assert.Equal(400, (await RefusalOf(() => ReadAsync(packed, encoding: "gzip"))).StatusCode);
    }

    [Fact]
    public async Task A_plain_body_that_calls_itself_gzip_is_refused_with_400() =>
        Assert.Equal(400, (await RefusalOf(() => ReadAsync(Sound, encoding: "gzip"))).StatusCode);

    [Fact]
    public async Task Json_that_calls_itself_protobuf_is_refused_with_400_and_not_quoted()
    {
        using var body = await ReadAsync(Encoding.UTF8.GetBytes("""{"secret":"sk-123"}"""));
        var refusal = Assert.ThrowsAny<OtlpRefusalException>(() => TraceBatch.Read(body, SpanDraft.Now));
        Assert.Equal(400, refusal.StatusCode);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_whatever_their_headers_say() => Prop.ForAll(
        (byte[] bytes, bool isJson, bool isGzip) =>
        {
            try
            {
                var reading = ReadAsync(bytes, isJson ? "application/json" : Protobuf, isGzip ? "gzip" : null);
                // FsCheck's properties are synchronous; a stream in memory is read at once, so nothing blocks here.
                Assert.True(reading.IsCompleted);
                using var body = reading.GetAwaiter().GetResult();
                TraceBatch.Read(body, SpanDraft.Now);
            }
            catch (OtlpRefusalException refusal)
            {
                Assert.Equal(400, refusal.StatusCode);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static async Task<OtlpBody> ReadAsync(
        byte[] bytes, string? contentType = Protobuf, string? encoding = null, OtlpLimits? limits = null)
    {
        using var stream = new MemoryStream(bytes);
        return await OtlpBody.ReadAsync(
            stream, contentType, encoding, bytes.Length, limits ?? OtlpLimits.Default, default);
    }

    private static Task<OtlpRefusalException> RefusalOf(Func<Task<OtlpBody>> read) =>
        Assert.ThrowsAnyAsync<OtlpRefusalException>(read);

    private static byte[] GzipOfZeros(int mebibytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < mebibytes; i++)
            {
                gzip.Write(zeros);
            }
        }
        return packed.ToArray();
    }

    /// <summary>A sender that never stops; counts what was taken.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Given += buffer.Length;
            return new(buffer.Length);
        }
    }
}
