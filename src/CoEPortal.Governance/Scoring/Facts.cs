using System.Globalization;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Scoring;

/// <summary>What the rules can ask about a proposal, by name. An open question matches no value and no range.</summary>
public sealed class Facts
{
    public static IReadOnlySet<string> Known { get; } = new HashSet<string>
    {
        "improvementPercent", "casesPerMonth", "dataReadiness", "hypothesis", "dataClass", "personalData", "autonomy",
        "audience", "peopleAffectedPerMonth", "residency", "practices", "annexArea", "exempt", "interactsWithPeople",
        "publishesContent", "impact", "role", "gpai", "riskClass", "risk", "pattern",
    };

    /// <summary>The words a fact can be; null for a figure.</summary>
    public static IReadOnlyList<string>? WordsOf(string fact) => fact switch
    {
        "dataReadiness" => Names<DataReadiness>(),
        "hypothesis" => ["complete", "incomplete"],
        "dataClass" => Names<DataClass>(),
        "personalData" => Names<PersonalData>(),
        "autonomy" => Names<Autonomy>(),
        "audience" => Names<Audience>(),
        "residency" => Names<Residency>(),
        "practices" => [.. Names<ProhibitedPractice>(), "none"],
        "annexArea" => Names<AnnexArea>(),
        "exempt" or "interactsWithPeople" or "publishesContent" => ["yes", "no"],
        "impact" => [.. Names<Impact>(), "notAsked"],
        "role" => Names<ActRole>(),
        "gpai" => Names<Gpai>(),
        "riskClass" => Names<RiskClass>(),
        "pattern" => ["fits", "none"],
        _ => null,
    };

    private readonly Dictionary<string, string[]> _words = [];
    private readonly Dictionary<string, decimal> _figures = [];

    public static Facts Of(Proposal proposal)
    {
        var facts = new Facts();
        facts.Set("improvementPercent", proposal.Kpi.ImprovementPercent);
        facts.Set("casesPerMonth", proposal.CasesPerMonth);
        facts.Set("peopleAffectedPerMonth", proposal.PeopleAffectedPerMonth);
        facts.Set("dataReadiness", proposal.DataReadiness);
        facts.Set("dataClass", proposal.DataClass);
        facts.Set("personalData", proposal.PersonalData);
        facts.Set("autonomy", proposal.Autonomy);
        facts.Set("audience", proposal.Audience);
        facts.Set("residency", proposal.Residency);
        facts.Set("annexArea", proposal.AnnexArea);
        facts.Set("hypothesis", IsFalsifiable(proposal.Kpi) ? "complete" : "incomplete");
        facts.Set("interactsWithPeople", YesNo(proposal.InteractsWithPeople));
        facts.Set("publishesContent", YesNo(proposal.PublishesContent));
        facts.Set("role", proposal.Role);
        facts.Set("gpai", proposal.Gpai);
        facts.Set("impact", proposal.Impact is { } impact ? Name(impact) : "notAsked");
        facts._words["practices"] = proposal.Practices.Count == 0 ? ["none"] : [.. proposal.Practices.Select(Name)];

        // Art. 6(3): profiling of natural persons is always high risk, whatever reason is given.
        facts.Set("exempt", YesNo(proposal.AnnexArea is not (null or AnnexArea.None)
            && proposal.Exemption is not Article6Exemption.None && !proposal.ProfilesPeople));
        return facts;
    }

    internal void Set(string fact, decimal? figure)
    {
        if (figure is { } known)
        {
            _figures[fact] = known;
        }
    }

    internal void Set(string fact, Enum? word)
    {
        if (word is not null)
        {
            _words[fact] = [Name(word)];
        }
    }

    internal bool Match(string fact, object expected) => expected switch
    {
        IEnumerable<object> words and not IDictionary<object, object> =>
            _words.TryGetValue(fact, out var actual) && words.Select(w => w.ToString()).Intersect(actual).Any(),
        IDictionary<object, object> range =>
            _figures.TryGetValue(fact, out var figure)
            && (!range.TryGetValue("min", out var min) || figure >= Number(min))
            && (!range.TryGetValue("below", out var below) || figure < Number(below)),
        _ => false,
    };

    internal void Set(string fact, string word) => _words[fact] = [word];

    private static bool IsFalsifiable(Kpi kpi) =>
        kpi is { Baseline: not null, Target: not null, Deadline: not null } && kpi.Metric.Length > 0 && kpi.Guard.Length > 0;

    private static string YesNo(bool holds) => holds ? "yes" : "no";

    private static decimal Number(object text) => decimal.Parse(text.ToString()!, CultureInfo.InvariantCulture);

    private static string Name(Enum word) => Name(word.ToString());

    private static string Name(ProhibitedPractice practice) => Name(practice.ToString());

    private static string[] Names<TWord>()
        where TWord : struct, Enum => [.. Enum.GetNames<TWord>().Select(Name)];

    private static string Name(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
