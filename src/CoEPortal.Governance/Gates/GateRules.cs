using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Gates;

public enum MetricUnit { Share, Usd, Seconds, Score }

/// <summary>A figure with the limit it has to keep: exactly one of the two.</summary>
public sealed record Metric
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    public MetricUnit Unit { get; init; }

    public decimal? AtLeast { get; init; }

    public decimal? AtMost { get; init; }

    /// <summary>Set for one use case, not by the organisation's file.</summary>
    public bool IsOwn { get; init; }

    public bool Holds(decimal value) => value >= (AtLeast ?? value) && value <= (AtMost ?? value);

    internal bool IsStricterThan(Metric other) =>
        AtLeast is { } floor && other.AtLeast is { } otherFloor && floor > otherFloor || AtMost is { } ceiling && other.AtMost is { } otherCeiling && ceiling < otherCeiling;
}

/// <summary>An evaluation whose result a promotion needs.</summary>
public sealed record Suite
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    public string Help { get; init; } = "";

    public int MinimumExamples { get; init; }

    /// <summary>After that a result is stale.</summary>
    public int GoodForDays { get; init; }

    public List<Metric> Metrics { get; init; } = [];
}

public sealed record GateRequirement
{
    public Lane Lane { get; init; }

    public List<Component> Components { get; init; } = [];

    public List<string> Suites { get; init; } = [];
}

/// <summary>What red-team findings do to a gate.</summary>
public sealed record FindingRules
{
    public List<Severity> HoldOpen { get; init; } = [];

    public List<Severity> HoldOverdue { get; init; } = [];

    public Dictionary<Severity, int> DaysToFix { get; init; } = [];
}

/// <summary>The versioned rules of gates (<c>templates/gates/gates-*.yaml</c>).</summary>
public sealed record GateRules : IVersionedFile
{
    public const string Files = "gates-*.yaml";

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public List<Suite> Suites { get; init; } = [];

    public List<GateRequirement> Requirements { get; init; } = [];

    public FindingRules Findings { get; init; } = new();

    /// <summary>Whether a change of a use case in this lane goes to the promotion board.</summary>
    public bool AsksTheBoard(Lane lane) => Requirements.Exists(r => r.Lane == lane);

    /// <param name="lane">Of the revision in force.</param>
    /// <param name="component">What changes.</param>
    /// <param name="own">Metrics of the use case itself, by suite.</param>
    public IReadOnlyList<Suite> RequiredFor(Lane lane, Component component, IEnumerable<OwnMetric> own)
    {
        var required = Requirements.Where(r => r.Lane == lane && r.Components.Contains(component)).SelectMany(r => r.Suites).Distinct()
            .Select(id => Suites.Single(s => s.Id == id)).ToList();
        foreach (var ownOfSuite in own.GroupBy(m => m.Suite).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var at = required.FindIndex(s => s.Id == ownOfSuite.Key);
            var suite = at >= 0 ? required[at] : Suites.Find(s => s.Id == ownOfSuite.Key) ?? new Suite { Id = ownOfSuite.Key, Title = ownOfSuite.Key, Help = "A suite of this use case.", MinimumExamples = 1, GoodForDays = 30 };
            var metrics = suite.Metrics.Where(m => ownOfSuite.All(o => o.Metric != m.Id)).Concat(ownOfSuite.OrderBy(o => o.Metric, StringComparer.Ordinal).Select(o => o.AsMetric(suite.Metrics.Find(m => m.Id == o.Metric)))).ToList();
            suite = suite with { Metrics = metrics };
            if (at >= 0)
            {
                required[at] = suite;
            }
            else
            {
                required.Add(suite);
            }
        }

        return required;
    }

    public DateOnly DueOn(Severity severity, DateOnly from) => from.AddDays(Findings.DaysToFix.GetValueOrDefault(severity, 30));

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        foreach (var suite in Suites)
        {
            if (!GateNames.IsPlain(suite.Id) || suite.Title.Length == 0 || Suites.Count(s => s.Id == suite.Id) > 1)
            {
                yield return (suite.Id, $"The suite '{suite.Id}' needs an id of its own and a title.");
            }

            if (suite.MinimumExamples < 1 || suite.GoodForDays < 1)
            {
                yield return (suite.Id, $"The suite '{suite.Id}' needs minimumExamples and goodForDays of at least 1.");
            }

            foreach (var metric in suite.Metrics.Where(m => !GateNames.IsPlain(m.Id) || m.AtLeast is null == m.AtMost is null || suite.Metrics.Count(o => o.Id == m.Id) > 1))
            {
                yield return (metric.Id, $"The metric '{metric.Id}' of '{suite.Id}' needs an id of its own and either atLeast or atMost.");
            }

            if (suite.Metrics.Count == 0)
            {
                yield return (suite.Id, $"The suite '{suite.Id}' has no metric, so nothing could fail it.");
            }
        }

        foreach (var requirement in Requirements)
        {
            if (requirement.Components.Count == 0 || requirement.Suites.Count == 0 || requirement.Lane is Lane.NotAllowed)
            {
                yield return ("requirements", $"The requirement of the {requirement.Lane} lane names no component or no suite.");
            }

            foreach (var unknown in requirement.Suites.Where(id => Suites.TrueForAll(s => s.Id != id)))
            {
                yield return (unknown, $"The suite '{unknown}' is required but not described under suites.");
            }
        }

        foreach (var severity in Enum.GetValues<Severity>().Where(s => !Findings.DaysToFix.TryGetValue(s, out var days) || days < 1))
        {
            yield return ("daysToFix", $"daysToFix does not say how long a {severity.ToString().ToLowerInvariant()} finding may take.");
        }
    }
}

internal static class GateNames
{
    public const int Length = 100;

    public static bool IsPlain(string text) => text.Length is > 0 and <= Length && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    public static bool IsHash(string text) => text.Length == 71 && text.StartsWith("sha256:", StringComparison.Ordinal) && text.Skip(7).All(char.IsAsciiHexDigitLower);
}
