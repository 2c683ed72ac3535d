using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Scoring;

public enum Lane { Fast, Standard, Full, NotAllowed }

/// <summary>Class under Regulation (EU) 2024/1689, in rising severity.</summary>
public enum RiskClass { Minimal, Limited, High, Prohibited }

/// <summary>The portal's own tier. It decides what a gateway does when it cannot reach the portal.</summary>
public enum RiskTier { Low, Medium, High }

public sealed record Point(string Rule, int Points, string Title, string Sentence);

/// <summary>How a proposal is judged, with the sentence that explains each part, and the rules version that made it.</summary>
public sealed record Assessment
{
    public required string RulesVersion { get; init; }

    public required int Value { get; init; }

    public required int Risk { get; init; }

    public required IReadOnlyList<Point> ValuePoints { get; init; }

    public required IReadOnlyList<Point> RiskPoints { get; init; }

    public required RiskClass RiskClass { get; init; }

    public required IReadOnlyList<string> Articles { get; init; }

    public required IReadOnlyList<string> ClassReasons { get; init; }

    public required RiskTier Tier { get; init; }

    public required Lane Lane { get; init; }

    public required string LaneReason { get; init; }

    /// <summary>Functions that must each approve, the last one signing the final list of conditions.</summary>
    public required IReadOnlyList<Role> Functions { get; init; }

    public required int UsualWorkingDays { get; init; }

    /// <summary>The one thing that keeps it out of the fast lane, when it is only one.</summary>
    public string? OneChangeFromFast { get; init; }

    public string Quadrant => (Value >= 50, Risk >= 50) switch
    {
        (true, false) => "Do now",
        (true, true) => "Do with care",
        (false, false) => "Only if cheap",
        (false, true) => "Stop or rethink",
    };
}

/// <summary>Judges a proposal by a rules file. Pure: the same proposal and rules always give the same assessment.</summary>
public static class Triage
{
    public static Assessment Assess(Proposal proposal, RulesFile rules)
    {
        var facts = Facts.Of(proposal);
        var value = Score(rules.Value, facts);
        var risk = Score(rules.Risk, facts);
        var riskSum = Math.Min(100, risk.Sum(p => p.Points));

        var classes = rules.Classes.Where(c => c.When.Holds(facts)).ToList();
        var riskClass = classes.Max(c => c.Class);
        // "No duty beyond" is printed only when nothing else was found.
        var reasons = classes.Where(c => riskClass is RiskClass.Minimal || c.Class is not RiskClass.Minimal)
            .OrderByDescending(c => c.Class).ToList();
        facts.Set("risk", riskSum);
        facts.Set("riskClass", riskClass);

        var lane = rules.Lanes.First(l => l.Conditions.All(c => c.When.Holds(facts)));
        var customerFacing = proposal.Audience is Audience.Customers or Audience.Public;
        return new Assessment
        {
            RulesVersion = rules.Version,
            Value = Math.Min(100, value.Sum(p => p.Points)),
            Risk = riskSum,
            ValuePoints = value,
            RiskPoints = risk,
            RiskClass = riskClass,
            Articles = [.. reasons.SelectMany(c => c.Articles).Distinct()],
            ClassReasons = [.. reasons.Select(c => c.Sentence)],
            Tier = rules.Tiers.First(t => t.When.Holds(facts)).Tier,
            Lane = lane.Lane,
            LaneReason = lane.Sentence,
            Functions = [.. lane.Functions, .. customerFacing ? lane.AlsoWhenCustomerFacing : []],
            UsualWorkingDays = lane.UsualWorkingDays,
            OneChangeFromFast = lane.Lane is Lane.Standard ? OneChangeFrom(Lane.Fast, rules, facts) : null,
        };
    }

    private static List<Point> Score(List<ScoreRule> rules, Facts facts) =>
        [.. from rule in rules
            let band = rule.Bands.Find(b => b.When.Holds(facts))
            where band is not null
            select new Point(rule.Id, band.Points, rule.Title, band.Sentence)];

    private static string? OneChangeFrom(Lane lane, RulesFile rules, Facts facts)
    {
        var missing = rules.Lanes.First(l => l.Lane == lane).Conditions.Where(c => !c.When.Holds(facts)).Take(2).ToList();
        return missing is [var only] ? only.Otherwise : null;
    }
}
