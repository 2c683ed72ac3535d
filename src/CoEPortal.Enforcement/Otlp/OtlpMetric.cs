namespace CoEPortal.Enforcement.Otlp;

/// <summary>AggregationTemporality; numbers we do not know read as <see cref="Unspecified"/>.</summary>
public enum OtlpTemporality
{
    Unspecified = 0,
    Delta = 1,
    Cumulative = 2,
}

/// <summary>What all points of one metric share (opentelemetry/proto/metrics/v1/metrics.proto).</summary>
public sealed class OtlpMetric
{
    public string Name { get; internal set; } = "";

    public OtlpTemporality Temporality { get; internal set; }

    /// <summary>False for gauges and for sums that may fall: neither can be added up over time.</summary>
    public bool IsMonotonic { get; internal set; }
}

/// <summary>One point of a counter or histogram; buckets and exemplars are never read.</summary>
public sealed class OtlpMetricPoint
{
    /// <summary>The flag by which an SDK says that nothing was recorded.</summary>
    internal const long NoRecordedValue = 1;

    public required OtlpMetric Metric { get; init; }

    public required OtlpAttributes Attributes { get; init; }

    public required OtlpAttributes Resource { get; init; }

    public required OtlpScope Scope { get; init; }

    public ulong StartUnixNanos { get; internal set; }

    public ulong TimeUnixNanos { get; internal set; }

    /// <summary>How many measurements a histogram holds; 0 for a counter.</summary>
    public ulong Count { get; internal set; }

    /// <summary>The sum of a histogram, or a counter's value; may be NaN or negative. Null when not sent.</summary>
    public double? Sum { get; internal set; }

    public bool HasNoValue { get; internal set; }

    /// <summary>The same for every point of one series, whichever encoding it came in. Valid once the body is read.</summary>
    public Guid Series => AttributeDigest.SeriesOf(Resource.Digest!, Scope.Name, Metric.Name, Attributes.Digest!);

    public DateTimeOffset At => DateTimeOffset.UnixEpoch.AddTicks((long)(TimeUnixNanos / 1_000) * TimeSpan.TicksPerMicrosecond);
}
