namespace CoEPortal.Enforcement.Otlp;

/// <summary>The structural bounds, written once so that both encodings refuse the same bodies.</summary>
internal static class OtlpBounds
{
    public static void CountAttribute(ref int seen)
    {
        if (++seen > OtlpLimits.AttributesPerSpan)
        {
            throw new OtlpFormatException(
                $"More than {OtlpLimits.AttributesPerSpan} attributes on one span or resource.");
        }
    }

    public static void CheckRoomForItem(int taken)
    {
        if (taken >= OtlpLimits.ItemsPerRequest)
        {
            throw new OtlpFormatException($"More than {OtlpLimits.ItemsPerRequest} spans, points or records in one request.");
        }
    }

    public static void CheckDepth(int depth)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new OtlpFormatException($"An attribute value nested deeper than {OtlpLimits.ValueDepth}.");
        }
    }

    public static OtlpSpanKind KnownKind(long number) =>
        number is >= (long)OtlpSpanKind.Unspecified and <= (long)OtlpSpanKind.Consumer
            ? (OtlpSpanKind)number
            : OtlpSpanKind.Unspecified;

    public static OtlpTemporality KnownTemporality(long number) =>
        number is (long)OtlpTemporality.Delta or (long)OtlpTemporality.Cumulative
            ? (OtlpTemporality)number
            : OtlpTemporality.Unspecified;

    public static OtlpStatusCode KnownStatus(long number) =>
        number is >= (long)OtlpStatusCode.Unset and <= (long)OtlpStatusCode.Error
            ? (OtlpStatusCode)number
            : OtlpStatusCode.Unset;

    /// <summary>Null for a text too long to keep.</summary>
    public static string? ShortText(ReadOnlySpan<byte> utf8) =>
        utf8.Length > OtlpLimits.TextBytes ? null : OtlpText.Decode(utf8);
}
