namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// How much one request may cost us. Lengths are in bytes. OTLP/HTTP asks receivers to bound a body before
/// <em>and</em> after decompression: a megabyte of gzip can unfold to a gigabyte.
/// </summary>
public sealed record OtlpLimits
{
    public static OtlpLimits Default { get; } = new();

    /// <summary>The longest gzip body taken off the wire.</summary>
    public int CompressedBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The longest body that is parsed, whether it came plain or unfolded from gzip.</summary>
    public int DecompressedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Spans, metric points or log records. A span takes two bytes on the wire and a hundred here, so bytes alone do not bound memory.</summary>
    public const int ItemsPerRequest = 100_000;

    /// <summary>SDKs stop at 128 by default (OpenTelemetry specification, "Span Limits").</summary>
    public const int AttributesPerSpan = 1_000;

    /// <summary>How deep an AnyValue may nest; a scalar is depth 1. Reading recurses, and stacks end.</summary>
    public const int ValueDepth = 16;

    /// <summary>Longer texts are noted as too long and not kept, in bytes of UTF-8.</summary>
    public const int TextBytes = 1_024;
}
