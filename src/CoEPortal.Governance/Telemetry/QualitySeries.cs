using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;

namespace CoEPortal.Governance.Telemetry;

/// <summary>Quality over a time: sums of each step, and what has drifted against the time before.</summary>
public sealed record Quality(IReadOnlyList<UsageMoment> Steps, IReadOnlyList<Drift> Drifts);

/// <summary>Latency, failures, guardrails and missing usage over time, and their drift. Reads totals, as <see cref="UsageBreakdown"/> does.</summary>
public sealed class QualitySeries(UsageBreakdown usage, TimeProvider clock)
{
    public const int MostDays = 92;

    private const int QuarterDayHours = 6;

    /// <param name="days">The length of this period; the one before is as long. Days are those of Greenwich.</param>
    /// <param name="reader">Sees the use cases that they may read.</param>
    /// <param name="useCaseKey">One only; null for all.</param>
    /// <param name="cancellation">Stops reading.</param>
    public async Task<Quality> OfAsync(int days, Actor reader, string? useCaseKey = null, CancellationToken cancellation = default)
    {
        Refuse.If(days is < 1 or > MostDays, "period-out-of-range", $"Ask for 1 to {MostDays} days.");
        var to = clock.GetUtcNow().AddMinutes(1);
        var from = new DateTimeOffset(to.UtcDateTime.Date.AddDays(1 - days), TimeSpan.Zero);
        var moments = await usage.OverTimeAsync(from, to, reader, useCaseKey, cancellation);
        var before = await usage.OverTimeAsync(from.AddDays(-days), from, reader, useCaseKey, cancellation);
        var step = TimeSpan.FromHours(days > 7 ? 24 : days > 1 ? QuarterDayHours : 1);
        var (daysNow, daysBefore) = (InSteps(moments, TimeSpan.FromDays(1)).Select(m => m.Sum).ToList(), InSteps(before, TimeSpan.FromDays(1)).Select(m => m.Sum).ToList());
        return new Quality(InSteps(moments, step), [.. Enum.GetValues<DriftFigure>().Select(figure => Drift.Of(figure, daysBefore, daysNow))]);
    }

    private static List<UsageMoment> InSteps(IReadOnlyList<UsageMoment> moments, TimeSpan step) =>
    [
        .. moments.GroupBy(m => new DateTimeOffset(m.Start.UtcTicks / step.Ticks * step.Ticks, TimeSpan.Zero)).OrderBy(g => g.Key)
            .Select(g => new UsageMoment(g.Key, new UsageSum(
                "", g.Sum(m => m.Sum.Calls), g.Sum(m => m.Sum.UnmeteredCalls), g.Sum(m => m.Sum.UnpricedCalls), g.Sum(m => m.Sum.FailedCalls), g.Sum(m => m.Sum.GuardrailCalls),
                g.Sum(m => m.Sum.InputTokens), g.Sum(m => m.Sum.OutputTokens), g.Sum(m => m.Sum.CachedInputTokens), g.Sum(m => m.Sum.Cost), LatencyHistogram.Merged(g.Select(m => m.Sum.Latency))))),
    ];
}
