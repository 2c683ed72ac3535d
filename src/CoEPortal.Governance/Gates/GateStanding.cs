namespace CoEPortal.Governance.Gates;

public enum GateState { Pass, NotRun, NotSigned, Stale, Fail, OpenFinding }

/// <param name="Value">Null when the run did not say it.</param>
public sealed record MetricStanding(Metric Metric, decimal? Value)
{
    public bool Holds => Value is { } value && Metric.Holds(value);
}

/// <summary>Where an artefact stands at one gate.</summary>
/// <param name="Gate">A suite's id, or <c>red-team</c>.</param>
/// <param name="Title">As people call it.</param>
/// <param name="State">Anything but a pass holds the promotion.</param>
/// <param name="Why">A sentence with the figures.</param>
/// <param name="WhatToDo">For whoever runs the pipeline; empty when it passes.</param>
/// <param name="Result">The newest run on this very artefact.</param>
/// <param name="Metrics">Of that run.</param>
public sealed record GateStanding(string Gate, string Title, GateState State, string Why, string WhatToDo, GateResult? Result, IReadOnlyList<MetricStanding> Metrics);

/// <summary>All gates before one artefact.</summary>
public sealed record GateCheck(VersionPointer Which, string ArtefactHash, string RulesVersion, IReadOnlyList<GateStanding> Gates)
{
    public const string RedTeam = "red-team";

    public bool Passes => Gates.All(g => g.State is GateState.Pass);

    /// <param name="which">What is to run.</param>
    /// <param name="artefactHash">Of exactly that.</param>
    /// <param name="rules">In force.</param>
    /// <param name="required">Suites that its lane and its use case ask for.</param>
    /// <param name="results">Of this use case and this name, any version.</param>
    /// <param name="findings">Of this use case.</param>
    /// <param name="keys">That speak for this use case, or did.</param>
    /// <param name="now">Decides what is stale.</param>
    /// <param name="today">Decides what is overdue.</param>
    public static GateCheck Of(
        VersionPointer which, string artefactHash, GateRules rules, IReadOnlyList<Suite> required, IReadOnlyCollection<GateResult> results,
        IReadOnlyCollection<RedTeamFinding> findings, IReadOnlyCollection<PipelineKey> keys, DateTimeOffset now, DateOnly today)
    {
        var gates = required.Select(suite => StandingOf(suite, which, artefactHash, results, keys, now)).ToList();
        var holding = findings.Where(f => f.Holds(rules.Findings, today)).OrderByDescending(f => f.Severity).ThenBy(f => f.DueOn).ToList();
        gates.Add(holding.Count == 0
            ? new GateStanding(RedTeam, "Red-team findings", GateState.Pass, "No finding holds the gate.", "", null, [])
            : new GateStanding(
                RedTeam, "Red-team findings", GateState.OpenFinding,
                $"{string.Join(", ", holding.Take(5).Select(f => $"{f.Key} ({f.Severity.ToString().ToLowerInvariant()}, due {f.DueOn:yyyy-MM-dd})"))}{(holding.Count > 5 ? $" and {holding.Count - 5} more" : "")}.",
                "Mend them and have somebody else try again, or ask Risk to accept them until a date.", null, []));
        return new GateCheck(which, artefactHash, rules.Version, gates);
    }

    /// <exception cref="GateNotPassedException">A gate does not pass; the rule is the one of the first that does not.</exception>
    public void Demand()
    {
        if (Gates.FirstOrDefault(g => g.State is not GateState.Pass) is { } first)
        {
            throw new GateNotPassedException(this, first);
        }
    }

    private static GateStanding StandingOf(Suite suite, VersionPointer which, string artefactHash, IReadOnlyCollection<GateResult> results, IReadOnlyCollection<PipelineKey> keys, DateTimeOffset now)
    {
        var ofSuite = results.Where(r => r.Suite == suite.Id && r.Component == which.Component && r.Artefact == which.Name).OrderByDescending(r => r.EvaluatedAt).ThenByDescending(r => r.Id).ToList();
        if (ofSuite.Find(r => r.ArtefactHash == artefactHash && PipelineKey.Vouches(keys, r)) is not { } newest)
        {
            if (ofSuite.Find(r => r.ArtefactHash == artefactHash) is { } unproven)
            {
                return new GateStanding(suite.Id, suite.Title, GateState.NotSigned,
                    $"Run {unproven.RunId} {(unproven.KeyId is null ? "is not signed" : "was signed with a key that is not trusted any more")}.",
                    "Run the suite again and sign its result with a key in force.", unproven, []);
            }

            var other = ofSuite.Count > 0 ? $" The newest run was on {ofSuite[0].ArtefactVersion}, {Short(ofSuite[0].ArtefactHash)}." : "";
            return new GateStanding(suite.Id, suite.Title, GateState.NotRun, $"No result of this suite for {which}, {Short(artefactHash)}.{other}",
                $"Run the suite '{suite.Id}' on exactly this artefact and send its result to /gates/results with its hash.", null, []);
        }

        var metrics = suite.Metrics.ConvertAll(m => new MetricStanding(m, newest.Metrics.TryGetValue(m.Id, out var value) ? value : null));
        var broken = metrics.Where(m => !m.Holds).ToList();
        if (newest.Examples < suite.MinimumExamples)
        {
            return new GateStanding(suite.Id, suite.Title, GateState.Fail, $"{newest.Examples:N0} examples, at least {suite.MinimumExamples:N0} are needed.", "Run it on more examples.", newest, metrics);
        }

        if (broken.Count > 0)
        {
            return new GateStanding(suite.Id, suite.Title, GateState.Fail, string.Join(" ", broken.Select(SentenceOf)), "Improve the artefact and run the suite again: a changed artefact has another hash.", newest, metrics);
        }

        var staleAt = newest.EvaluatedAt.AddDays(suite.GoodForDays);
        return staleAt <= now
            ? new GateStanding(suite.Id, suite.Title, GateState.Stale, $"The last pass is of {newest.EvaluatedAt:yyyy-MM-dd} and was good for {suite.GoodForDays} days.", $"Run the suite '{suite.Id}' again.", newest, metrics)
            : new GateStanding(suite.Id, suite.Title, GateState.Pass, $"Passed on {newest.EvaluatedAt:yyyy-MM-dd} with {newest.Examples:N0} examples, good until {staleAt:yyyy-MM-dd}.", "", newest, metrics);
    }

    private static string SentenceOf(MetricStanding standing) => standing.Value is { } value
        ? FormattableString.Invariant($"{standing.Metric.Title} is {value}, {OwnMetric.LimitOf(standing.Metric)} is asked.")
        : $"{standing.Metric.Title} ({standing.Metric.Id}) was not reported.";

    private static string Short(string hash) => hash.Length > 19 ? hash[..19] + "…" : hash;
}

/// <summary>A gate holds a promotion. Says which, why and what to do, for the pipeline that asked.</summary>
public sealed class GateNotPassedException(GateCheck check, GateStanding first) : Exception($"{first.Title}: {first.Why} {first.WhatToDo}")
{
    public string Rule { get; } = first.State switch
    {
        GateState.NotRun => "gate-missing",
        GateState.NotSigned => "gate-not-signed",
        GateState.Stale => "gate-stale",
        GateState.OpenFinding => "gate-open-finding",
        _ => "gate-failed",
    };

    public GateCheck Check { get; } = check;
}
