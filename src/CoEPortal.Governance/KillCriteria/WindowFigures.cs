using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What happened in a minute, or in a window of them.</summary>
public sealed record WindowFigures(long Calls, long Failed, long Unmetered, long Priced, decimal Cost)
{
    public static WindowFigures None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Calls by bucket of their latency.</summary>
    public IReadOnlyDictionary<int, long> Latency { get; init; } = new Dictionary<int, long>();

    public static WindowFigures operator +(WindowFigures a, WindowFigures b) => Add(a, b);

    public static WindowFigures Add(WindowFigures a, WindowFigures b)
    {
        var latency = b.Latency.Count == 0 ? a.Latency : a.Latency.Concat(b.Latency).GroupBy(l => l.Key).ToDictionary(g => g.Key, g => g.Sum(l => l.Value));
        return new(a.Calls + b.Calls, a.Failed + b.Failed, a.Unmetered + b.Unmetered, a.Priced + b.Priced, a.Cost + b.Cost) { Latency = latency };
    }

    /// <summary>The figure a criterion is judged by and the number of calls behind it.</summary>
    public (decimal Value, long Sample) Of(KillCriterionKind kind) => kind switch
    {
        KillCriterionKind.ErrorRate => (Percent(Failed), Calls),
        KillCriterionKind.Unmetered => (Percent(Unmetered), Calls),
        KillCriterionKind.CostPerCall => (Priced > 0 ? Cost / Priced : 0, Priced),
        KillCriterionKind.Latency => (P95, Latency.Values.Sum()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a rate."),
    };

    private decimal P95 => Latency.Count == 0 ? 0
        : Math.Round((decimal)(new LatencyHistogram([.. Enumerable.Range(0, Latency.Keys.Max() + 1).Select(b => Latency.GetValueOrDefault(b))]).P95?.TotalMilliseconds ?? 0), 3);

    private decimal Percent(long part) => Calls > 0 ? 100m * part / Calls : 0;
}
