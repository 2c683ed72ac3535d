using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Dpia;

public sealed record DpiaCriterion
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";
}

public sealed record DpiaField
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    /// <summary>Which rule asks for it.</summary>
    public string Article { get; init; } = "";

    public bool Required { get; init; }

    /// <summary>The fact of the one-pager that it begins with; null when nothing there answers it.</summary>
    public string? From { get; init; }
}

public sealed record DpiaStep
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    /// <summary>Only where Article 27 of the AI Act asks for it.</summary>
    public bool OnlyFria { get; init; }

    public List<DpiaField> Fields { get; init; } = [];
}

/// <summary>The questions of an impact assessment, versioned (<c>templates/dpia/dpia-*.yaml</c>).</summary>
public sealed record DpiaTemplate : IVersionedFile
{
    public const string Files = "dpia-*.yaml";

    private const int CriteriaOfWp248 = 9;

    private static readonly string[] WrittenParts = ["(a)", "(b)"];

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public int ReviewWithinDays { get; init; }

    public List<DpiaCriterion> Criteria { get; init; } = [];

    public List<DpiaStep> Steps { get; init; } = [];

    public IEnumerable<DpiaStep> StepsFor(bool fria) => Steps.Where(s => fria || !s.OnlyFria);

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        if (ReviewWithinDays is < 1 or > 1100)
        {
            yield return ("reviewWithinDays", "reviewWithinDays is 1 to 1,100.");
        }

        if (Criteria.Count != CriteriaOfWp248 || Criteria.Select(c => c.Id).Distinct().Count() != CriteriaOfWp248)
        {
            yield return ("criteria", $"There are {Criteria.Count} criteria; the nine of WP 248 are needed, each with an id of its own.");
        }

        var ids = Steps.SelectMany(s => s.Fields).GroupBy(f => f.Id).ToList();
        foreach (var twice in ids.Where(g => g.Count() > 1 || g.Key.Length == 0))
        {
            yield return (twice.Key, $"The field '{twice.Key}' needs an id of its own.");
        }

        foreach (var field in Steps.SelectMany(s => s.Fields).Where(f => f.From is not null && !DpiaFacts.Known.Contains(f.From)))
        {
            yield return (field.From!, $"There is no fact '{field.From}' to begin with. Facts are {string.Join(", ", DpiaFacts.Known)}.");
        }

        foreach (var letter in WrittenParts.Where(l => !Steps.SelectMany(s => s.Fields).Any(f => f.Required && f.Article.Contains("35(7)" + l, StringComparison.Ordinal))))
        {
            yield return ("steps", $"No required field covers Article 35(7){letter}; (c) and (d) are the tables of risks and measures.");
        }
    }
}
