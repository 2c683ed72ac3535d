namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// One call of a model as a gateway or client reports it. Never holds prompt or response. What is missing stays
/// missing: a call without usage is unmetered, not free.
/// </summary>
public sealed record ReportedCall
{
    /// <summary>Which way it came, e.g. <c>otlp</c>. Together with <see cref="SourceEventId"/> it counts once.</summary>
    public required string Source { get; init; }

    public required string SourceEventId { get; init; }

    /// <summary>What the report itself says; believed only when the token is not bound to a use case.</summary>
    public string? ClaimedUseCase { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public TimeSpan? Duration { get; init; }

    public string Provider { get; init; } = "";

    public string Operation { get; init; } = "";

    public string? RequestModel { get; init; }

    public string? ResponseModel { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CachedInputTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    /// <summary>US dollars.</summary>
    public decimal? ReportedCost { get; init; }

    public bool Failed { get; init; }

    public string? ErrorType { get; init; }

    public string? ResponseId { get; init; }

    public string? TraceId { get; init; }

    public string? SpanId { get; init; }

    public string Model => ResponseModel ?? RequestModel ?? "unknown";

    public bool IsMetered => InputTokens is not null || OutputTokens is not null;
}

/// <summary>What became of a batch.</summary>
public sealed record RecordedBatch(int Received, int Stored, int AlreadyKnown, int Unattributed);
