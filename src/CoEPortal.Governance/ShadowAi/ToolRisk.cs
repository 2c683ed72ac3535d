using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.ShadowAi;

public enum RiskLevel { Low, Medium, High }

/// <summary>What a finding is known by when its risk is judged.</summary>
/// <param name="Service">Null for a tool that the catalogue does not know, and for a look-alike.</param>
public sealed record ToolFacts(
    AiService? Service, bool IsLookAlike, string Department, IReadOnlyCollection<UsageSource> Sources, int People, int Addresses, int Answers, long Bytes, decimal? Spend, int Days, long Requests, long BlockedRequests,
    DataClass? MostSensitive);

/// <summary>All that is given must hold.</summary>
public sealed record RiskCondition
{
    public List<ServiceKind> Kinds { get; init; } = [];

    public bool? LookAlike { get; init; }

    public bool? Trains { get; init; }

    public bool? Facts { get; init; }

    public List<UsageSource> Sources { get; init; } = [];

    public int? PeopleAtLeast { get; init; }

    public int? PeopleBelow { get; init; }

    public int? AddressesAtLeast { get; init; }

    public int? AnswersAtLeast { get; init; }

    public int? MegabytesAtLeast { get; init; }

    public decimal? SpendAtLeast { get; init; }

    public int? DaysAtLeast { get; init; }

    /// <summary>Per cent of the requests.</summary>
    public int? BlockedAtLeast { get; init; }

    public DataClass? DataAtLeast { get; init; }

    public DataClass? DataBelow { get; init; }

    public List<string> Departments { get; init; } = [];

    public bool Holds(ToolFacts tool) =>
        (Kinds.Count == 0 || tool.Service is { } service && Kinds.Contains(service.Kind))
        && (LookAlike is null || LookAlike == tool.IsLookAlike)
        && (Trains is null || Trains == (tool.Service?.Facts.Exists(f => f.Trains) ?? false))
        && (Facts is null || Facts == (tool.Service?.Facts.Count > 0))
        && (Sources.Count == 0 || Sources.Exists(tool.Sources.Contains))
        && (PeopleAtLeast is null || tool.People >= PeopleAtLeast)
        && (PeopleBelow is null || tool.People < PeopleBelow)
        && (AddressesAtLeast is null || tool.Addresses >= AddressesAtLeast)
        && (AnswersAtLeast is null || tool.Answers >= AnswersAtLeast)
        && (MegabytesAtLeast is null || tool.Bytes >= MegabytesAtLeast * 1_000_000L)
        && (SpendAtLeast is null || tool.Spend >= SpendAtLeast)
        && (DaysAtLeast is null || tool.Days >= DaysAtLeast)
        && (BlockedAtLeast is null || tool.Requests > 0 && tool.BlockedRequests * 100 >= tool.Requests * BlockedAtLeast)
        && (DataAtLeast is null || tool.MostSensitive >= DataAtLeast)
        && (DataBelow is null || tool.MostSensitive is null || tool.MostSensitive < DataBelow)
        && (Departments.Count == 0 || Departments.Contains(tool.Department, StringComparer.OrdinalIgnoreCase));
}

public sealed record RiskRule
{
    public string Id { get; init; } = "";

    public int Points { get; init; }

    public RiskCondition When { get; init; } = new();

    public string Sentence { get; init; } = "";
}

/// <summary>A rule that held.</summary>
public sealed record RiskPoint(string Rule, int Points, string Sentence);

/// <summary>How much a finding weighs (<c>templates/shadow-ai/risk-*.yaml</c>).</summary>
public sealed record ToolRisk : IVersionedFile
{
    public const string Files = "risk-*.yaml";
    public const int Most = 100;

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public int MediumFrom { get; init; }

    public int HighFrom { get; init; }

    public List<RiskRule> Rules { get; init; } = [];

    public IReadOnlyList<RiskPoint> PointsOf(ToolFacts tool) => [.. Rules.Where(r => r.When.Holds(tool)).Select(r => new RiskPoint(r.Id, r.Points, r.Sentence))];

    public RiskLevel LevelOf(int points) => points >= HighFrom ? RiskLevel.High : points >= MediumFrom ? RiskLevel.Medium : RiskLevel.Low;

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        if (MediumFrom is < 1 or > Most || HighFrom <= MediumFrom || HighFrom > Most)
        {
            yield return ("mediumFrom", "mediumFrom is at least 1, highFrom more, and at most 100.");
        }

        foreach (var rule in Rules.Where(r => r.Id.Length is 0 or > 60 || Rules.Count(o => o.Id == r.Id) > 1))
        {
            yield return (rule.Id, $"The rule '{rule.Id}' needs an id of its own.");
        }

        foreach (var rule in Rules.Where(r => r.Points is < 1 or > Most))
        {
            yield return (rule.Id, $"The rule '{rule.Id}' has 1 to 100 points.");
        }

        foreach (var rule in Rules.Where(r => r.Sentence.Length is 0 or > 300))
        {
            yield return (rule.Id, $"The rule '{rule.Id}' needs a sentence for people.");
        }

        foreach (var rule in Rules.Where(r => r.When == new RiskCondition()))
        {
            yield return (rule.Id, $"The rule '{rule.Id}' needs a condition.");
        }
    }
}
