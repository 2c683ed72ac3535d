using CoEPortal.Governance.KillCriteria;
namespace CoEPortal.Governance.Telemetry;

public enum DriftFigure { CostPerCall, LatencyP50, LatencyP95, FailedShare, GuardrailShare, UnmeteredShare }

public enum DriftVerdict
{
    /// <summary>Fewer than 100 calls in one of the two periods, or fewer than five days to compare with.</summary>
    TooLittle,

    /// <summary>Between the lowest and the highest day of the period before.</summary>
    AsBefore,
    Lower,
    Higher,
}

/// <summary>
/// One figure in this period and in the one before. It has drifted when this period as a whole lies outside every single day
/// of the period before: rare by chance, and without a model that would have to be explained.
/// </summary>
/// <param name="Figure">Which; dollars, milliseconds, or a share between 0 and 1.</param>
/// <param name="Before">Null when nothing was counted.</param>
/// <param name="SampleBefore">How many calls are behind it.</param>
/// <param name="Lowest">Of the days before with at least 20 calls.</param>
public sealed record Drift(
    DriftFigure Figure, decimal? Before, long SampleBefore, decimal? Now, long SampleNow, decimal? Lowest, decimal? Highest, DriftVerdict Verdict)
{
    public const int EnoughCalls = 100;
    public const int EnoughOfDay = 20;
    public const int EnoughDays = 5;

    /// <param name="figure">Which.</param>
    /// <param name="before">Of each day of the period before.</param>
    /// <param name="now">Of each day of this period.</param>
    public static Drift Of(DriftFigure figure, IReadOnlyList<UsageSum> before, IReadOnlyList<UsageSum> now)
    {
        var ((was, sampleBefore), (value, sample)) = (ValueOf(figure, before), ValueOf(figure, now));
        var days = before.Select(day => ValueOf(figure, [day])).Where(d => d.Sample >= EnoughOfDay).Select(d => d.Value).OfType<decimal>().ToList();
        var verdict = sampleBefore < EnoughCalls || sample < EnoughCalls || days.Count < EnoughDays ? DriftVerdict.TooLittle
            : value > days.Max() ? DriftVerdict.Higher
            : value < days.Min() ? DriftVerdict.Lower
            : DriftVerdict.AsBefore;
        return new Drift(figure, was, sampleBefore, value, sample, days.Count > 0 ? days.Min() : null, days.Count > 0 ? days.Max() : null, verdict);
    }

    private static (decimal? Value, long Sample) ValueOf(DriftFigure figure, IReadOnlyList<UsageSum> sums)
    {
        var calls = sums.Sum(s => s.Calls);
        var priced = calls - sums.Sum(s => s.UnpricedCalls);
        return figure switch
        {
            DriftFigure.CostPerCall => (priced > 0 ? sums.Sum(s => s.Cost) / priced : null, priced),
            DriftFigure.LatencyP50 => Percentile(0.50),
            DriftFigure.LatencyP95 => Percentile(0.95),
            DriftFigure.FailedShare => Share(s => s.FailedCalls),
            DriftFigure.GuardrailShare => Share(s => s.GuardrailCalls),
            _ => Share(s => s.UnmeteredCalls),
        };

        (decimal?, long) Share(Func<UsageSum, long> of) => (calls > 0 ? (decimal)sums.Sum(of) / calls : null, calls);

        (decimal?, long) Percentile(double share)
        {
            var latency = LatencyHistogram.Merged(sums.Select(s => s.Latency));
            return ((decimal?)latency.Percentile(share)?.TotalMilliseconds, latency.Count);
        }
    }
}
