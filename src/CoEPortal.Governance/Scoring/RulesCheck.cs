using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Scoring;

/// <summary>What in a rules file contradicts itself or can never hold, with the line: said before it judges anybody.</summary>
internal sealed class RulesCheck(RulesFile rules, string file, string yaml)
{
    private readonly YamlPlace _place = YamlPlace.Of(yaml);

    /// <exception cref="InvalidDataException">The first fault, with file and line.</exception>
    public void Demand()
    {
        Demand(rules.Version.Length is > 0 and <= 40 && rules.EffectiveOn != default, "version and effectiveOn are needed.", "version");
        Articles();
        Scores("value", rules.Value);
        Scores("risk", rules.Risk);
        foreach (var (at, rule) in rules.Classes.Index())
        {
            Condition(rule.When, known: [], "classes", at, "when");
            foreach (var reference in rule.Articles)
            {
                Demand(rules.Articles.Exists(a => a.Ref == reference), $"'{reference}' is used but not listed under articles.", "classes", at, "articles");
            }
        }

        Demand(rules.Classes.Exists(c => c.When.Count == 0), "one class must hold without a condition.", "classes");
        Ordered("tiers", [.. rules.Tiers.Select(t => t.When)], "tier");
        Lanes();
        foreach (var (at, control) in rules.Controls.Index())
        {
            Demand(control is { Ref.Length: > 0, Sentence.Length: > 0 }, "a control needs ref and sentence.", "controls", at);
            Condition(control.When, known: null, "controls", at, "when");
        }
    }

    private void Articles()
    {
        foreach (var (at, article) in rules.Articles.Index())
        {
            Demand(article.Source.Length > 0 && article.EffectiveFrom != default, "each article needs a source and a date.", "articles", at);
            Demand(rules.Articles.FindIndex(a => a.Ref == article.Ref) == at, $"'{article.Ref}' is listed twice.", "articles", at, "ref");
        }
    }

    private void Scores(string part, List<ScoreRule> questions)
    {
        foreach (var (at, question) in questions.Index())
        {
            Demand(question.Id.Length > 0 && questions.FindIndex(q => q.Id == question.Id) == at, $"'{question.Id}' is there twice, or has no id.", part, at, "id");
            foreach (var (index, band) in question.Bands.Index())
            {
                Condition(band.When, known: ["riskClass", "risk"], part, at, "bands", index);
                Demand(band.Points is >= 0 and <= 100, "points are 0 to 100.", part, at, "bands", index);
                // The first band that holds is taken, so what stands behind the same condition is never reached.
                Demand(index == 0 || question.Bands[index - 1].When.Count > 0, "the band before holds always, so this one never does.", part, at, "bands", index);
                Demand(!question.Bands.Take(index).Any(earlier => Same(earlier.When, band.When)), "an earlier band has the same condition, so this one never holds.", part, at, "bands", index);
            }
        }
    }

    private void Lanes()
    {
        foreach (var (at, lane) in rules.Lanes.Index())
        {
            foreach (var (index, condition) in lane.Conditions.Index())
            {
                Condition(condition.When, known: null, "lanes", at, "conditions", index, "when");
            }

            Demand(lane.Lane is Lane.Fast or Lane.NotAllowed || lane.Functions is [.., Role.CoeLead], "a lane that people decide ends with coeLead, who signs the final list of conditions.", "lanes", at, "functions");
            Demand(at == 0 || rules.Lanes[at - 1].Conditions.Count > 0, "the lane before is open without a condition, so this one is never reached.", "lanes", at);
        }

        Demand(rules.Lanes.Exists(l => l.Conditions.Count == 0), "one lane must be open without a condition.", "lanes");
        var first = rules.Lanes.FirstOrDefault(l => l.Conditions.All(c => c.When.Count == 0 || c.When.All(w => w.Key == "riskClass" && Words(w.Value).Contains("prohibited"))));
        Demand(first is { Lane: Lane.NotAllowed }, "a prohibited practice must lead to the lane notAllowed before any other that takes it.", "lanes");
    }

    private void Ordered(string part, IReadOnlyList<Condition> conditions, string what)
    {
        foreach (var (at, condition) in conditions.Index())
        {
            Condition(condition, known: null, part, at, "when");
            Demand(at == 0 || conditions[at - 1].Count > 0, $"the {what} before holds always, so this one never does.", part, at);
        }

        Demand(conditions.Any(c => c.Count == 0), $"one {what} must hold without a condition.", part);
    }

    /// <param name="condition">Facts and what they must be.</param>
    /// <param name="known">Facts that are not known yet when this is asked; null when all are.</param>
    /// <param name="path">Where it stands.</param>
    private void Condition(Condition condition, IReadOnlyList<string>? known, params object[] path)
    {
        foreach (var (fact, expected) in condition)
        {
            object[] here = [.. path, fact];
            Demand(Facts.Known.Contains(fact), $"there is no fact '{fact}'. Facts are {string.Join(", ", Facts.Known)}.", here);
            Demand(known is null || fact is not ("riskClass" or "risk"), $"{fact} is not known yet here: classes and scores are found first, tiers and lanes after them.", here);
            var words = Facts.WordsOf(fact);
            if (words is null)
            {
                Demand(expected is IDictionary<object, object> { Count: > 0 } range && range.All(r => r.Key is "min" or "below" && IsNumber(r.Value)), $"{fact} is a figure: write {{ min: 10 }}, {{ below: 20 }} or both.", here);
                var limits = ((IDictionary<object, object>)expected).ToDictionary(l => (string)l.Key, l => Number(l.Value));
                Demand(limits.Count < 2 || limits["min"] < limits["below"], $"{fact} cannot be both at least {limits.GetValueOrDefault("min")} and below {limits.GetValueOrDefault("below")}.", here);
                continue;
            }

            var named = Words(expected);
            Demand(named.Count > 0, $"{fact} is a word: write it in brackets, as [{words[0]}].", here);
            foreach (var word in named.Where(w => !words.Contains(w)))
            {
                Demand(false, $"{fact} is never '{word}', but {string.Join(", ", words)}.", here);
            }
        }
    }

    private static bool Same(Condition one, Condition other) => one.Count == other.Count && one.All(c => other.TryGetValue(c.Key, out var value) && Text(c.Value) == Text(value));

    private static string Text(object expected) => expected is IDictionary<object, object> range
        ? string.Join(",", range.OrderBy(r => (string)r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}:{r.Value}"))
        : string.Join(",", Words(expected).Order(StringComparer.Ordinal));

    private static List<string> Words(object expected) => expected is IEnumerable<object> words and not IDictionary<object, object> ? [.. words.Select(w => w?.ToString() ?? "")] : [];

    private static bool IsNumber(object text) => decimal.TryParse(text?.ToString(), NumberStyles.Number, CultureInfo.InvariantCulture, out _);

    private static decimal Number(object text) => decimal.Parse(text.ToString()!, CultureInfo.InvariantCulture);

    private void Demand(bool holds, string what, params object[] path)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{file}, line {_place.Line(path)}: {what}");
        }
    }
}
