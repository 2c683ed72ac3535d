namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// One span (or log record, see <see cref="LogRecords"/>) as we need it, whatever encoding it came in (opentelemetry/proto/trace/v1/trace.proto). Content, events
/// and links are never read. An identifier that is not 16 or 8 bytes, or is all zeros, is null: invalid by the
/// specification, and one such span must not cost the sender the rest of the batch.
/// </summary>
public sealed class OtlpSpan
{
    /// <summary>32 lower-case hex digits.</summary>
    public string? TraceId { get; internal set; }

    /// <summary>16 lower-case hex digits.</summary>
    public string? SpanId { get; internal set; }

    /// <summary>16 lower-case hex digits; null for a root span.</summary>
    public string? ParentSpanId { get; internal set; }

    /// <summary>Empty when it is longer than <see cref="OtlpLimits.TextBytes"/>.</summary>
    public string Name { get; internal set; } = "";

    public OtlpSpanKind Kind { get; internal set; }

    /// <summary>Nanoseconds since 1970, as sent; 0 when not sent.</summary>
    public ulong StartUnixNanos { get; internal set; }

    /// <summary>Nanoseconds since 1970, as sent; 0 when not sent.</summary>
    public ulong EndUnixNanos { get; internal set; }

    public OtlpStatusCode StatusCode { get; internal set; }

    public OtlpAttributes Attributes { get; init; } = new();

    /// <summary>Shared by all spans of one resource.</summary>
    public OtlpAttributes Resource { get; init; } = new();

    /// <summary>Shared by all spans of one instrumentation library or gateway.</summary>
    public OtlpScope Scope { get; init; } = new();

    /// <summary>To the microsecond, which is what the database keeps.</summary>
    public DateTimeOffset StartedAt => AtUnixNanos(StartUnixNanos);

    /// <summary>To the microsecond, which is what the database keeps.</summary>
    public DateTimeOffset EndedAt => AtUnixNanos(EndUnixNanos);

    // Cannot overflow: 2^64 nanoseconds end in 2554.
    private static DateTimeOffset AtUnixNanos(ulong nanos) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(nanos / 1_000) * TimeSpan.TicksPerMicrosecond);
}

/// <summary>Who emitted the span. Filled in while the body is read: the scope may follow its spans.</summary>
public sealed class OtlpScope
{
    /// <summary>Null when absent or longer than <see cref="OtlpLimits.TextBytes"/>.</summary>
    public string? Name { get; internal set; }
}

/// <summary>Span.SpanKind; numbers we do not know read as <see cref="Unspecified"/>.</summary>
public enum OtlpSpanKind
{
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

/// <summary>Status.StatusCode; numbers we do not know read as <see cref="Unset"/>.</summary>
public enum OtlpStatusCode
{
    Unset = 0,
    Ok = 1,
    Error = 2,
}
