using System.Text.Json;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// What became of a request that was taken. <paramref name="Received"/> counts what was told of, <paramref name="Rejected"/>
/// what of it cannot be counted as sent; <paramref name="Message"/> says why, or warns.
/// </summary>
internal sealed record Receipt(int Received, int Stored, int AlreadyKnown, int Rejected, string? Message)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>For senders that speak plain JSON.</summary>
    public byte[] Json() => JsonSerializer.SerializeToUtf8Bytes(this, Format);

    /// <summary>For OTLP: a partial success, or nothing when all went well.</summary>
    public byte[] Otlp(OtlpMediaType mediaType, string jsonCountName) => OtlpResponse.Accepted(mediaType, Rejected, Message, jsonCountName);
}
