using System.Text;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>Texts of either encoding are UTF-8 (proto3 for strings, RFC 8259 section 8.1 for JSON).</summary>
internal static class OtlpText
{
    // Strict: a lenient decoder would turn two different broken texts into the same name.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Utf8.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new OtlpFormatException("A text that is not UTF-8.", e);
        }
    }
}
