using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;

namespace CoEPortal.Governance.Scoring;

/// <summary>Judges a proposal by a rules file and the patterns that hold. Pure: the same of each always gives the same assessment.</summary>
public static class Triage
{
    /// <param name="patterns">Those that hold now, in the order in which they are tried; none where the lane is not yet of interest.</param>
    /// <param name="standing">What two people said instead, which holds only for exactly the judgement that they saw.</param>
    public static Assessment Assess(Proposal proposal, RulesFile rules, IReadOnlyList<CurrentPattern>? patterns = null, JudgementOverride? standing = null)
    {
        var facts = Facts.Of(proposal);
        var tried = (patterns ?? []).Select(p => (Pattern: p, Facts: PatternFit.Judge(proposal, p.Content))).ToList();
        var followed = tried.Find(t => t.Facts.All(f => f.Holds));
        facts.Set("pattern", followed.Pattern is null ? "none" : "fits");
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
        var assessment = new Assessment
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
            OneChangeFromFast = lane.Lane is Lane.Standard ? OneChangeFrom(Lane.Fast, rules, facts, tried) : null,
            ClearedAs = lane.Lane is Lane.Fast && followed.Pattern is { } pattern && lane.Conditions.Exists(c => c.When.ContainsKey("pattern"))
                ? new(pattern.Key, pattern.Number, pattern.Content.Title, pattern.ContentHash, [.. followed.Facts.Select(f => f.Sentence)], pattern.Content.Disclosures)
                : null,
        };
        return standing is not null && riskClass is not RiskClass.Prohibited && standing.IsAbout(assessment) ? Overridden(assessment, standing, rules, facts, customerFacing) : assessment;
    }

    private static Assessment Overridden(Assessment judged, JudgementOverride standing, RulesFile rules, Facts facts, bool customerFacing)
    {
        var riskClass = standing.ClassTo ?? judged.RiskClass;
        facts.Set("riskClass", riskClass);
        // Only a pattern opens the fast lane, whatever people say of the class.
        var lane = rules.Lanes.FirstOrDefault(l => l.Lane == standing.LaneTo) ?? rules.Lanes.First(l => l.Lane is not Lane.Fast && l.Conditions.All(c => c.When.Holds(facts)));
        var sentence = string.Concat(
            $"By override O{standing.Number}",
            standing.ClassTo is null ? "" : $" the class is {Lowered(riskClass)}, where rules found {Lowered(judged.RiskClass)}",
            standing.LaneTo is null ? "." : $"{(standing.ClassTo is null ? "" : ", and")} the lane is {Lowered(lane.Lane)}, where rules found {Lowered(judged.Lane)}.");
        return judged with
        {
            RiskClass = riskClass,
            ClassReasons = [sentence, .. judged.ClassReasons],
            Tier = rules.Tiers.First(t => t.When.Holds(facts)).Tier,
            Lane = lane.Lane,
            LaneReason = standing.LaneTo is null ? lane.Sentence : sentence,
            Functions = [.. lane.Functions, .. customerFacing ? lane.AlsoWhenCustomerFacing : []],
            UsualWorkingDays = lane.UsualWorkingDays,
            OneChangeFromFast = null,
            ClearedAs = null,
            Overridden = new(standing.Number, judged.RiskClass, judged.Lane),
        };
    }

    private static string Lowered(Enum word) => word.ToString().ToLowerInvariant();

    private static List<Point> Score(List<ScoreRule> rules, Facts facts) =>
        [.. from rule in rules
            let band = rule.Bands.Find(b => b.When.Holds(facts))
            where band is not null
            select new Point(rule.Id, band.Points, rule.Title, band.Sentence)];

    private static string? OneChangeFrom(Lane lane, RulesFile rules, Facts facts, List<(CurrentPattern Pattern, IReadOnlyList<PatternFact> Facts)> tried)
    {
        var missing = rules.Lanes.First(l => l.Lane == lane).Conditions.Where(c => !c.When.Holds(facts)).Take(2).ToList();
        return missing is not [var only] ? null
            : only.When.ContainsKey("pattern") && tried.Count == 0 ? null
            : only.When.ContainsKey("pattern") && tried.OrderBy(t => t.Facts.Count(f => !f.Holds)).FirstOrDefault() is { Pattern: { } nearest } found
                ? $"It is nearly {nearest.Key} {nearest.Content.Title}. {string.Join(" ", found.Facts.Where(f => !f.Holds).Select(f => f.Sentence))}"
            : only.Otherwise;
    }
}
