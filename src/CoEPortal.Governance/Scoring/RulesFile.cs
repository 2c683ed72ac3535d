using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

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

    /// <exception cref="InvalidDataException">The file cannot be read or contradicts itself; says where.</exception>
    public static RulesFile Parse(string yaml, string name)
    {
        RulesFile rules;
        try
        {
            rules = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .WithEnumNamingConvention(CamelCaseNamingConvention.Instance)
                .WithTypeConverter(new YamlDotNet.Serialization.Converters.DateOnlyConverter(formats: ["yyyy-MM-dd"]))
                .Build()
                .Deserialize<RulesFile>(yaml);
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"{name}, line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }

        rules.CheckFor(name);
        return rules;
    }

    /// <exception cref="InvalidDataException">A file cannot be read or contradicts itself; says which and where.</exception>
    public static IReadOnlyList<RulesFile> All(string folder) =>
        [.. Directory.GetFiles(folder, "triage-*.yaml").Order(StringComparer.Ordinal)
            .Select(path => Parse(File.ReadAllText(path), Path.GetFileName(path)))];

    /// <summary>The newest of the files that are in force on a day.</summary>
    public static RulesFile InForce(IReadOnlyList<RulesFile> files, DateOnly on) =>
        files.Where(rules => rules.EffectiveOn <= on).MaxBy(rules => rules.EffectiveOn)
        ?? throw new InvalidDataException($"No triage rules are in force on {on:yyyy-MM-dd}.");

    private void CheckFor(string name)
    {
        void Demand(bool holds, string what)
        {
            if (!holds)
            {
                throw new InvalidDataException($"{name}: {what}");
            }
        }

        Demand(Version.Length > 0 && EffectiveOn != default, "version and effectiveOn are needed.");
        var conditions = Value.Concat(Risk).SelectMany(r => r.Bands.Select(b => b.When))
            .Concat(Classes.Select(c => c.When)).Concat(Tiers.Select(t => t.When))
            .Concat(Lanes.SelectMany(l => l.Conditions.Select(c => c.When)));
        foreach (var fact in conditions.SelectMany(c => c.Keys).Distinct().Where(f => !Facts.Known.Contains(f)))
        {
            Demand(false, $"there is no fact '{fact}'. Facts are {string.Join(", ", Facts.Known)}.");
        }

        foreach (var reference in Classes.SelectMany(c => c.Articles).Distinct().Where(r => Articles.All(a => a.Ref != r)))
        {
            Demand(false, $"'{reference}' is used but not listed under articles.");
        }

        Demand(Articles.All(a => a.Source.Length > 0 && a.EffectiveFrom != default), "each article needs a source and a date.");
        Demand(Classes.Exists(c => c.When.Count == 0), "one class must hold without a condition.");
        Demand(Tiers.Exists(t => t.When.Count == 0), "one tier must hold without a condition.");
        Demand(Lanes.Exists(l => l.Conditions.Count == 0), "one lane must be open without a condition.");
    }
}
