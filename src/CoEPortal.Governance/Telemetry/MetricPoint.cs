namespace CoEPortal.Governance.Telemetry;

/// <summary>What a metric measures.</summary>
public enum Measure
{
    /// <summary>One measurement for each call; how many there are is what counts.</summary>
    Calls,
    FailedCalls,
    InputTokens,
    OutputTokens,

    /// <summary>US dollars.</summary>
    Cost,
}

/// <summary>A point of a metric as it was sent: a running total since its start, or what is new since the last point.</summary>
public sealed record MetricPoint
{
    /// <summary>The same for all points of one series.</summary>
    public required Guid Series { get; init; }

    /// <summary>Nanoseconds since 1970. A series that starts anew counts from zero again.</summary>
    public required long StartNanos { get; init; }

    public required long TimeNanos { get; init; }

    public required bool IsCumulative { get; init; }

    public required Measure Measure { get; init; }

    /// <summary>How many measurements.</summary>
    public long Count { get; init; }

    /// <summary>Their sum; never negative.</summary>
    public decimal Sum { get; init; }

    /// <summary>Who measured what: service, models, use case, gateway. Its tokens and times are not used.</summary>
    public required ReportedCall Of { get; init; }
}

/// <summary>What became of the points of a request; <paramref name="CrossChecks"/> are kept beside calls that tell the same.</summary>
public sealed record RecordedMetrics(int Received, int Counted, int CrossChecks, int AlreadyKnown);
