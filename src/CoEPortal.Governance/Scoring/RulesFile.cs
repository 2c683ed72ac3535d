using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Scoring;

/// <summary>An article of law as data: what it says, from when, and who says so.</summary>
public sealed record Article
{
    public string Ref { get; init; } = "";

    public string Title { get; init; } = "";

    public DateOnly EffectiveFrom { get; init; }

    public string Source { get; init; } = "";
}

/// <summary>A condition: each fact named must have one of the values, or lie in the range.</summary>
public sealed class Condition : Dictionary<string, object>
{
    public bool Holds(Facts facts) => this.All(clause => facts.Match(clause.Key, clause.Value));
}

public sealed record Band
{
    public Condition When { get; init; } = [];

    public int Points { get; init; }

    public string Sentence { get; init; } = "";
}

/// <summary>A question whose first matching band gives the points.</summary>
public sealed record ScoreRule
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    public List<Band> Bands { get; init; } = [];
}

public sealed record ClassRule
{
    public RiskClass Class { get; init; }

    public Condition When { get; init; } = [];

    public List<string> Articles { get; init; } = [];

    public string Sentence { get; init; } = "";
}

public sealed record TierRule
{
    public RiskTier Tier { get; init; }

    public Condition When { get; init; } = [];
}

public sealed record LaneCondition
{
    public Condition When { get; init; } = [];

    /// <summary>What to change for the condition to hold.</summary>
    public string Otherwise { get; init; } = "";
}

public sealed record LaneRule
{
    public Lane Lane { get; init; }

    public string Sentence { get; init; } = "";

    public List<Role> Functions { get; init; } = [];

    public List<Role> AlsoWhenCustomerFacing { get; init; } = [];

    public int UsualWorkingDays { get; init; }

    public List<LaneCondition> Conditions { get; init; } = [];
}

/// <summary>Something that a framework expects where a condition holds, by reference and in our own words.</summary>
public sealed record ControlRule
{
    /// <summary>As the framework numbers it: <c>LLM01</c>, <c>MAP 1.1</c>, <c>A.5.2</c>.</summary>
    public string Ref { get; init; } = "";

    public string Framework { get; init; } = "";

    public string Sentence { get; init; } = "";

    public Condition When { get; init; } = [];
}

/// <summary>The versioned rules by which proposals are judged (<c>templates/rules/triage-*.yaml</c>).</summary>
public sealed record RulesFile
{
    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public List<Article> Articles { get; init; } = [];

    public List<ScoreRule> Value { get; init; } = [];

    public List<ScoreRule> Risk { get; init; } = [];

    public List<ClassRule> Classes { get; init; } = [];

    public List<TierRule> Tiers { get; init; } = [];

    public List<LaneRule> Lanes { get; init; } = [];

    public Article Article(string reference) => Articles.First(a => a.Ref == reference);

    /// <summary>Controls that others expect, and when: OWASP, NIST, ISO. They add no points.</summary>
    public List<ControlRule> Controls { get; init; } = [];

    /// <exception cref="InvalidDataException">The file cannot be read or contradicts itself; says where.</exception>
    public static RulesFile Parse(string yaml, string name)
    {
        var rules = Read(yaml, name);
        new RulesCheck(rules, name, yaml).Demand();
        return rules;
    }

    /// <exception cref="InvalidDataException">The file cannot be read; says where.</exception>
    internal static RulesFile Read(string yaml, string name) => YamlFile.Read<RulesFile>(yaml, name);

    /// <exception cref="InvalidDataException">A file cannot be read or contradicts itself; says which and where.</exception>
    public static IReadOnlyList<RulesFile> All(string folder) =>
        [.. Directory.GetFiles(folder, "triage-*.yaml").Order(StringComparer.Ordinal)
            .Select(path => Parse(File.ReadAllText(path), Path.GetFileName(path)))];

    /// <summary>The newest of the files that are in force on a day.</summary>
    public static RulesFile InForce(IReadOnlyList<RulesFile> files, DateOnly on) =>
        files.Where(rules => rules.EffectiveOn <= on).MaxBy(rules => rules.EffectiveOn)
        ?? throw new InvalidDataException($"No triage rules are in force on {on:yyyy-MM-dd}.");
}
