using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What happened in a minute, or in a window of them.</summary>
public sealed record WindowFigures(long Calls, long Failed, long Unmetered, long Priced, decimal Cost)
{
    public static WindowFigures None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>How many calls a guardrail stopped or changed.</summary>
    public long Guarded { get; init; }

    /// <summary>How many tasks began: each is counted with its first call.</summary>
    public long Tasks { get; init; }

    /// <summary>What the calls of tasks cost, US dollars.</summary>
    public decimal TaskCost { get; init; }

    /// <summary>How many people said what they think of an answer.</summary>
    public long Opinions { get; init; }

    public long NegativeOpinions { get; init; }

    /// <summary>Calls by bucket of their latency.</summary>
    public IReadOnlyDictionary<int, long> Latency { get; init; } = new Dictionary<int, long>();

    public static WindowFigures operator +(WindowFigures a, WindowFigures b) => Add(a, b);

    public static WindowFigures Add(WindowFigures a, WindowFigures b)
    {
        var latency = b.Latency.Count == 0 ? a.Latency : a.Latency.Concat(b.Latency).GroupBy(l => l.Key).ToDictionary(g => g.Key, g => g.Sum(l => l.Value));
        return new(a.Calls + b.Calls, a.Failed + b.Failed, a.Unmetered + b.Unmetered, a.Priced + b.Priced, a.Cost + b.Cost)
        {
            Guarded = a.Guarded + b.Guarded,
            Tasks = a.Tasks + b.Tasks,
            TaskCost = a.TaskCost + b.TaskCost,
            Opinions = a.Opinions + b.Opinions,
            NegativeOpinions = a.NegativeOpinions + b.NegativeOpinions,
            Latency = latency,
        };
    }

    /// <summary>The figure a criterion is judged by and the number of calls, tasks or opinions behind it.</summary>
    public (decimal Value, long Sample) Of(KillCriterionKind kind) => kind switch
    {
        KillCriterionKind.ErrorRate => (Percent(Failed, Calls), Calls),
        KillCriterionKind.Unmetered => (Percent(Unmetered, Calls), Calls),
        KillCriterionKind.GuardrailRate => (Percent(Guarded, Calls), Calls),
        KillCriterionKind.NegativeFeedback => (Percent(NegativeOpinions, Opinions), Opinions),
        KillCriterionKind.CostPerCall => (Priced > 0 ? Cost / Priced : 0, Priced),
        KillCriterionKind.CostPerTask => (Tasks > 0 ? TaskCost / Tasks : 0, Tasks),
        KillCriterionKind.Latency => (P95, Latency.Values.Sum()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a rate."),
    };

    private decimal P95 => Latency.Count == 0 ? 0
        : Math.Round((decimal)(new LatencyHistogram([.. Enumerable.Range(0, Latency.Keys.Max() + 1).Select(b => Latency.GetValueOrDefault(b))]).P95?.TotalMilliseconds ?? 0), 3);

    private static decimal Percent(long part, long of) => of > 0 ? 100m * part / of : 0;
}
