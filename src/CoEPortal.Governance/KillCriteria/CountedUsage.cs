namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// What is added to the figures that kill criteria look at: one call, what a metric counted at once, or with negative
/// figures what was counted before and turned out otherwise.
/// </summary>
/// <param name="UseCase">Whose it is.</param>
/// <param name="Id">How a breach names it.</param>
/// <param name="At">Event time: by it the usage falls into a window, however late it arrives.</param>
public sealed record CountedUsage(string UseCase, string Id, DateTimeOffset At)
{
    public long Calls { get; init; }

    public long Failed { get; init; }

    public long Unmetered { get; init; }

    /// <summary>How many a guardrail stopped or changed.</summary>
    public long Guarded { get; init; }

    /// <summary>Of how many of the calls the cost is known.</summary>
    public long Priced { get; init; }

    /// <summary>US dollars.</summary>
    public decimal Cost { get; init; }

    /// <summary>The task that the call is part of; null when it is not said.</summary>
    public string? TraceId { get; init; }

    /// <summary>The bucket of <see cref="LatencyHistogram"/> in which the calls are counted; null when not reported.</summary>
    public int? LatencyBucket { get; init; }

    internal DateTime Minute => MinuteOf(At);

    internal static DateTime MinuteOf(DateTimeOffset at) => new(at.UtcDateTime.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}
