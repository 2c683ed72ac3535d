using System.Buffers;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>Trace and span ids as lower-case hex; null when invalid (trace.proto: wrong length or all zeros).</summary>
internal static class OtlpIds
{
    public const int TraceIdBytes = 16;
    public const int SpanIdBytes = 8;

    public static string? FromBytes(ReadOnlySpan<byte> id, int length) =>
        id.Length == length && id.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id) : null;

    /// <summary>OTLP/JSON carries ids as hex in either case, not as base64.</summary>
    public static string? FromHex(ReadOnlySpan<byte> utf8Hex, int length)
    {
        Span<byte> id = stackalloc byte[TraceIdBytes];
        var isHex = utf8Hex.Length == length * 2
            && Convert.FromHexString(utf8Hex, id, out _, out _) is OperationStatus.Done;
        return isHex ? FromBytes(id[..length], length) : null;
    }
}
