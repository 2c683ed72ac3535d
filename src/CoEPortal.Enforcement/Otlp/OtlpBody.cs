using System.IO.Compression;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// The body of an OTLP/HTTP request, decompressed and within its limits, in memory borrowed from a pool until
/// disposed. OTLP specification, "OTLP/HTTP Request".
/// </summary>
public sealed class OtlpBody : IDisposable
{
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
        if (wire.Length == 0)
        {
            // GZipStream takes nothing at all for an empty stream, and a cut-off body would pass for "no spans".
            throw BrokenGzip();
        }
        try
        {
            await using var gzip = new GZipStream(wire.OpenRead(), CompressionMode.Decompress);
            return await FillAsync(gzip, limit, " after decompression", cancellation);
        }
        catch (InvalidDataException e)
        {
            throw BrokenGzip(e);
        }
    }

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
