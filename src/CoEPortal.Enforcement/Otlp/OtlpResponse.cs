using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Bodies of OTLP/HTTP responses, in the media type of their request (OTLP specification, "OTLP/HTTP Response").
/// Send them with <see cref="OtlpMediaTypes.ContentType"/>.
/// </summary>
public static class OtlpResponse
{
    /// <summary>
    /// For status 200: an ExportTraceServiceResponse. Metrics and logs differ only in the name of the count, which is
    /// field 1 in all three, hence <paramref name="jsonCountName"/>. Without rejections and message the answer is
    /// empty, as the specification demands of full success; a message without rejections is a warning.
    /// </summary>
    public static byte[] Accepted(
        OtlpMediaType mediaType, long rejected = 0, string? message = null, string jsonCountName = "rejectedSpans")
    {
        var isFullSuccess = rejected == 0 && string.IsNullOrEmpty(message);
        if (mediaType is OtlpMediaType.Protobuf)
        {
            var partial = Field(1, rejected).Concat(Field(2, message)).ToArray();
            return isFullSuccess ? [] : Field(1, partial);
        }
        return Json(json =>
        {
            if (!isFullSuccess)
            {
                json.WriteStartObject("partialSuccess");
                // int64 is a string in proto3 JSON
                json.WriteString(jsonCountName, rejected.ToString(CultureInfo.InvariantCulture));
                json.WriteString("errorMessage", message ?? "");
                json.WriteEndObject();
            }
        });
    }

    /// <summary>For status 4xx and 5xx: a google.rpc.Status. Its code is omitted: OTLP/HTTP does not use it.</summary>
    public static byte[] Refused(OtlpMediaType mediaType, string message) =>
        mediaType is OtlpMediaType.Protobuf
            ? Field(2, message)
            : Json(json => json.WriteString("message", message));

    /// <summary>The media type to answer in when the request's own is not one of ours.</summary>
    public static OtlpMediaType MediaTypeFor(string? contentType) =>
        OtlpMediaTypes.Parse(contentType) ?? OtlpMediaType.Json;

    private static byte[] Json(Action<Utf8JsonWriter> writeProperties)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            writeProperties(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Field(int number, string? text) => Field(number, Encoding.UTF8.GetBytes(text ?? ""));

    /// <summary>A length-delimited field; proto3 leaves out what is empty.</summary>
    private static byte[] Field(int number, byte[] bytes) =>
        bytes.Length == 0 ? [] : [(byte)((number << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Field(int number, long value) =>
        value == 0 ? [] : [(byte)(number << 3), .. Varint((ulong)value)];

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return bytes;
    }
}
