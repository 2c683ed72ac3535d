namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// Latencies in buckets that grow by a constant factor, so that histograms of minutes, models and gateways add up to the
/// histogram of all of them. From 1 ms to 1 hour a percentile is within 5 % of a value that a sorted list would give;
/// what is shorter reads as 1 ms, what is longer as 1 hour. (DDSketch, Masson et al., VLDB 2019, with fixed bounds.)
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>Highest relative error of a percentile, as a share.</summary>
    public const double RelativeError = 0.05;

    public const int Buckets = 152;

    private const double Factor = (1 + RelativeError) / (1 - RelativeError);
    private const double ShortestMilliseconds = 1;
    private const int LastBucket = Buckets - 1;
    private static readonly double LogFactor = Math.Log(Factor);

    /// <param name="counts">Calls in each bucket; empty buckets at the end may be missing.</param>
    public LatencyHistogram(IReadOnlyList<long> counts)
    {
        Counts = counts;
        Count = counts.Sum();
    }

    /// <summary>Calls in each bucket; empty buckets at the end may be missing.</summary>
    public IReadOnlyList<long> Counts { get; }

    public long Count { get; }

    public TimeSpan? P50 => Percentile(0.50);

    public TimeSpan? P95 => Percentile(0.95);

    public TimeSpan? P99 => Percentile(0.99);

    /// <summary>The histogram of all that was counted in any of these.</summary>
    public static LatencyHistogram Merged(IEnumerable<LatencyHistogram> histograms)
    {
        var counts = new long[Buckets];
        foreach (var histogram in histograms)
        {
            for (var bucket = 0; bucket < histogram.Counts.Count; bucket++)
            {
                counts[bucket] += histogram.Counts[bucket];
            }
        }

        return new LatencyHistogram(counts);
    }

    /// <summary>The bucket that counts a latency; <c>telemetry.latency_bucket</c> of the database says the same.</summary>
    public static int BucketOf(TimeSpan latency) => latency.TotalMilliseconds <= ShortestMilliseconds
        ? 0
        : Math.Min((int)Math.Ceiling(Math.Log(latency.TotalMilliseconds / ShortestMilliseconds) / LogFactor), LastBucket);

    /// <param name="share">Between 0 and 1, e.g. 0.95.</param>
    /// <returns>Null when nothing was counted.</returns>
    public TimeSpan? Percentile(double share)
    {
        if (Count == 0)
        {
            return null;
        }

        var rank = (long)Math.Ceiling(share * Count);
        var seen = 0L;
        var bucket = 0;
        while (bucket < Counts.Count - 1 && (seen += Counts[bucket]) < rank)
        {
            bucket++;
        }

        // Between the bounds of the bucket, as far from one as from the other in proportion.
        return TimeSpan.FromMilliseconds(bucket == 0 ? ShortestMilliseconds : ShortestMilliseconds * 2 * Math.Pow(Factor, bucket) / (Factor + 1));
    }
}
