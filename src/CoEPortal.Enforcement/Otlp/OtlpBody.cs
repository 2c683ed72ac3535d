using System.Buffers.Binary;
using System.IO.Compression;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// The body of an OTLP/HTTP request, decompressed and within its limits, in memory borrowed from a pool until
/// disposed. OTLP specification, "OTLP/HTTP Request".
/// </summary>
public sealed class OtlpBody : IDisposable
{
    // header 10, an empty block 2, checksum 4, length 4
    private const int ShortestGzip = 20;

    private readonly PooledBytes _bytes;

    private OtlpBody(OtlpMediaType mediaType, PooledBytes bytes)
    {
        MediaType = mediaType;
        _bytes = bytes;
    }

    public OtlpMediaType MediaType { get; }

    /// <summary>Valid until disposed.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Takes a request's body; at most one byte more than the limit is read or unfolded.</summary>
    /// <exception cref="OtlpRefusalException">
    /// 415 another media type, charset or encoding; 413 too long before or after decompression; 400 broken gzip.
    /// </exception>
    public static async Task<OtlpBody> ReadAsync(
        Stream body,
        string? contentType,
        string? contentEncoding,
        long? contentLength,
        OtlpLimits limits,
        CancellationToken cancellation)
    {
        var mediaType = OtlpMediaTypes.Parse(contentType)
            ?? throw new OtlpRefusalException(415, "Content-Type must be application/x-protobuf or application/json.");
        var isGzip = IsGzip(contentEncoding);

        var wireLimit = isGzip ? limits.CompressedBytes : limits.DecompressedBytes;
        if (contentLength > wireLimit)
        {
            throw TooLarge(wireLimit, "");
        }

        var wire = await FillAsync(body, wireLimit, "", cancellation);
        if (!isGzip)
        {
            return new(mediaType, wire);
        }
        using (wire)
        {
            return new(mediaType, await InflateAsync(wire, limits.DecompressedBytes, cancellation));
        }
    }

    /// <summary>The spans of a traces request.</summary>
    /// <exception cref="OtlpFormatException">Not what the media type promises, or beyond a bound.</exception>
    public IReadOnlyList<OtlpSpan> ReadSpans() =>
        MediaType is OtlpMediaType.Protobuf ? TraceProtobuf.Read(Bytes) : TraceJson.Read(Bytes);

    public void Dispose() => _bytes.Dispose();

    private static bool IsGzip(string? contentEncoding) => contentEncoding?.Trim().ToLowerInvariant() switch
    {
        null or "" or "identity" => false,
        "gzip" => true,
        _ => throw new OtlpRefusalException(415, "Content-Encoding must be gzip, identity or absent."),
    };

    private static async Task<PooledBytes> InflateAsync(PooledBytes wire, int limit, CancellationToken cancellation)
    {
        PooledBytes plain;
        try
        {
            await using var gzip = new GZipStream(wire.OpenRead(), CompressionMode.Decompress);
            plain = await FillAsync(gzip, limit, " after decompression", cancellation);
        }
        catch (InvalidDataException e)
        {
            throw BrokenGzip(e);
        }
        if (!EndsWithLengthOf(plain, wire.Span))
        {
            plain.Dispose();
            throw BrokenGzip();
        }
        return plain;
    }

    // GZipStream takes a body cut off anywhere for a whole one and gives what it has: a batch would lose its last
    // spans without a word. A gzip member ends with the length of what it holds (RFC 1952, section 2.3.1); comparing
    // it also refuses several members in a row, which the RFC allows and no OTLP exporter sends.
    private static bool EndsWithLengthOf(PooledBytes plain, ReadOnlySpan<byte> wire) =>
        wire.Length >= ShortestGzip && BinaryPrimitives.ReadUInt32LittleEndian(wire[^4..]) == (uint)plain.Length;

    private static async Task<PooledBytes> FillAsync(
        Stream source, int limit, string when, CancellationToken cancellation)
    {
        var bytes = new PooledBytes(limit);
        try
        {
            await bytes.FillAsync(source, cancellation);
            return bytes.IsOverLimit ? throw TooLarge(limit, when) : bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static OtlpRefusalException TooLarge(int limit, string when) =>
        new(413, $"The body is longer than {limit} bytes{when}.");

    private static OtlpRefusalException BrokenGzip(Exception? cause = null) =>
        new(400, "The body is not sound gzip.", cause);
}
