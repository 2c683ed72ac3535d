using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Scoring;

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
            Controls = rules.Controls.Count == 0 ? null : [.. rules.Controls.Where(c => c.When.Holds(facts)).DistinctBy(c => (c.Framework, c.Ref)).Select(c => new Control(c.Framework, c.Ref, c.Sentence))],
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
