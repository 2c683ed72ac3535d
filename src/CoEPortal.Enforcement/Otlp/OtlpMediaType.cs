using System.Net.Http.Headers;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>The two encodings of OTLP/HTTP. A response is written in the one of its request.</summary>
public enum OtlpMediaType
{
    Protobuf,
    Json,
}

public static class OtlpMediaTypes
{
    /// <summary>The encoding a Content-Type names; null for all others. UTF-8 is the only charset.</summary>
    public static OtlpMediaType? Parse(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed) || !IsUtf8(parsed.CharSet))
        {
            return null;
        }
        return parsed.MediaType?.ToLowerInvariant() switch
        {
            "application/x-protobuf" => OtlpMediaType.Protobuf,
            "application/json" => OtlpMediaType.Json,
            _ => null,
        };
    }

    public static string ContentType(this OtlpMediaType mediaType) =>
        mediaType is OtlpMediaType.Protobuf ? "application/x-protobuf" : "application/json";

    private static bool IsUtf8(string? charset) =>
        charset is null || charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
