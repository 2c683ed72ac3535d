using CoEPortal.Governance.KillCriteria;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// What is to be added to the totals; negative when a call that was counted turns out otherwise. One call, or what a
/// metric counted at once.
/// </summary>
internal sealed record UsageChange(string? UseCase, DateTimeOffset At, string Model, string Gateway, string Cause)
{
    public long Calls { get; init; }

    public long UnmeteredCalls { get; init; }

    public long UnpricedCalls { get; init; }

    public long FailedCalls { get; init; }

    public long GuardrailCalls { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CachedInputTokens { get; init; }

    public decimal Cost { get; init; }

    /// <summary>What the calls are about, where they say so.</summary>
    public string? Topic { get; init; }

    /// <summary>The task that the call is part of.</summary>
    public string? TraceId { get; init; }

    /// <summary>The bucket of <see cref="LatencyHistogram"/> in which the calls are counted.</summary>
    public int? LatencyBucket { get; init; }

    /// <summary>The same for kill criteria, as far as it belongs to a use case.</summary>
    public static IReadOnlyList<CountedUsage> Counted(IEnumerable<UsageChange> changes) =>
    [
        .. changes.Where(c => c.UseCase is not null).Select(c => new CountedUsage(c.UseCase!, c.Cause, c.At)
        {
            Calls = c.Calls,
            Failed = c.FailedCalls,
            Unmetered = c.UnmeteredCalls,
            Guarded = c.GuardrailCalls,
            Priced = c.Calls - c.UnpricedCalls,
            Cost = c.Cost,
            TraceId = c.TraceId,
            LatencyBucket = c.LatencyBucket,
        }),
    ];

    public static UsageChange Of(StoredCall stored, int sign = 1)
    {
        var call = stored.Call;
        return new UsageChange(stored.UseCase, call.StartedAt, call.Model, stored.Gateway, call.SourceEventId)
        {
            Calls = sign,
            UnmeteredCalls = call.IsMetered ? 0 : sign,
            UnpricedCalls = stored.Cost.Dollars is null ? sign : 0,
            FailedCalls = call.Failed ? sign : 0,
            GuardrailCalls = call.Guardrail is GuardrailOutcome.Intervened ? sign : 0,
            InputTokens = sign * (call.InputTokens ?? 0),
            OutputTokens = sign * (call.OutputTokens ?? 0),
            CachedInputTokens = sign * (call.CachedInputTokens ?? 0),
            Cost = sign * (stored.Cost.Dollars ?? 0),
            Topic = call.Topic,
            TraceId = call.TraceId,
            LatencyBucket = call.Duration is { } duration ? LatencyHistogram.BucketOf(duration) : null,
        };
    }

    /// <summary>The difference when only the cost of a call turned out otherwise.</summary>
    public static UsageChange OfCost(StoredCall before, StoredCall now)
    {
        var call = now.Call;
        return new UsageChange(now.UseCase, call.StartedAt, call.Model, now.Gateway, call.SourceEventId)
        {
            UnpricedCalls = (now.Cost.Dollars is null ? 1 : 0) - (before.Cost.Dollars is null ? 1 : 0),
            Cost = (now.Cost.Dollars ?? 0) - (before.Cost.Dollars ?? 0),
            TraceId = call.TraceId,
        };
    }
}
