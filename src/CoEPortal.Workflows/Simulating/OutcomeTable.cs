using System.Collections.Immutable;
using CoEPortal.Workflows.Drawing;
using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows.Simulating;

/// <summary>
/// Makes few rows of many endings. A refusal that decides whatever the others say stands alone; approving answers that
/// end alike are one; the same answer of several functions becomes "any one of"; inputs are named only where they matter.
/// </summary>
internal sealed class OutcomeTable(WorkflowDefinition definition, IReadOnlyCollection<Ending> endings)
{
    private const string Approve = "approve";

    private static readonly ImmutableSortedDictionary<string, string> Nobody = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private readonly List<ImmutableSortedDictionary<string, string>> _inputs =
        [.. endings.Select(e => e.Inputs).DistinctBy(KeyOf)];

    /// <summary>What decided an ending.</summary>
    private sealed record Essence(Ending Ending, ImmutableSortedDictionary<string, string> Decisive, bool IsSufficient);

    public IReadOnlyList<OutcomeRow> Rows()
    {
        var ordered = !ModelCheck.OrderMatters(definition);
        var rows = endings.GroupBy(e => KeyOf(e.Inputs)).SelectMany(g => Essences([.. g]))
            .GroupBy(e => $"{e.Ending.Outcome}|{KeyOf(e.Decisive)}|{e.IsSufficient}")
            .Select(g => (Essences: g.ToList(), When: When([.. g.Select(e => e.Ending.Inputs).DistinctBy(KeyOf)])))
            .GroupBy(g => g.Essences[0] is { IsSufficient: true, Decisive.Count: 1 } single
                ? $"{single.Ending.Outcome}|{single.Decisive.First().Value}|{g.When}"
                : $"{g.Essences[0].Ending.Outcome}|{KeyOf(g.Essences[0].Decisive)}|{g.When}|alone")
            .Select(g => (All: g.SelectMany(x => x.Essences).ToList(), g.First().When))
            .Select(g => new OutcomeRow(
                g.All[0].Ending.Outcome,
                g.When,
                Answers(g.All),
                g.All[0].IsSufficient && g.All[0].Decisive.Count == 1,
                ordered ? null : g.All.Sum(e => e.Ending.Runs),
                [.. g.All.MinBy(e => e.Ending.Story.Count)!.Ending.Story]));
        return [.. rows.OrderBy(r => Rank(r.Outcome)).ThenBy(r => r.Outcome, StringComparer.Ordinal).ThenBy(r => r.IsAnyOne ? 0 : 1)];
    }

    /// <param name="alike">All endings with the same inputs.</param>
    private static IEnumerable<Essence> Essences(List<Ending> alike)
    {
        var outcomesByAnswer = alike.SelectMany(e => e.Answers.Select(a => (Key: (a.Key, a.Value), e.Outcome)))
            .ToLookup(a => a.Key, a => a.Outcome);
        var outcomesByApprovals = alike.Where(e => Refusals(e).IsEmpty)
            .ToLookup(e => string.Join(';', e.Answers.Keys), e => e.Outcome);
        var nothingDecides = alike.DistinctBy(e => e.Outcome).Count() == 1 && !alike.TrueForAll(e => Refusals(e).IsEmpty);
        foreach (var ending in alike)
        {
            var refusals = Refusals(ending);
            // Enough is one refusal of those that were given, if with it every run ends alike.
            var deciding = refusals.Where(r => outcomesByAnswer[(r.Key, r.Value)].All(o => o == ending.Outcome)).Take(1).ToImmutableSortedDictionary(StringComparer.Ordinal);
            if (nothingDecides)
            {
                yield return new Essence(ending, Nobody, IsSufficient: true);
            }
            else if (!deciding.IsEmpty)
            {
                yield return new Essence(ending, deciding, IsSufficient: true);
            }
            else if (refusals.IsEmpty && outcomesByApprovals[string.Join(';', ending.Answers.Keys)].All(o => o == ending.Outcome))
            {
                yield return new Essence(ending, ending.Answers.ToImmutableSortedDictionary(a => a.Key, _ => Approve, StringComparer.Ordinal), IsSufficient: false);
            }
            else
            {
                yield return new Essence(ending, ending.Answers, IsSufficient: false);
            }
        }
    }

    private static ImmutableSortedDictionary<string, string> Refusals(Ending ending) =>
        ending.Answers.Where(a => !LaneVocabulary.Approves(a.Value)).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private ImmutableArray<OutcomeAnswer> Answers(List<Essence> essences) =>
    [
        .. essences.SelectMany(e => e.Decisive).DistinctBy(a => a.Key)
            .OrderBy(a => definition.Root.Activities.IndexOf(definition.FindActivity(a.Key)!))
            .Select(a => new OutcomeAnswer(a.Key, Who(definition.FindActivity(a.Key)!), a.Value)),
    ];

    private string Who(Activity task)
    {
        var title = Caption.Title(task);
        return ReviewPayload.Of(task) is not { } review ? title
            : definition.Root.Activities.Count(a => ReviewPayload.Of(a)?.Function == review.Function) == 1 ? Words.Of(review.Function)
            : $"{Words.Of(review.Function)} ({title})";
    }

    /// <summary>Names an input only where not all of its values are meant.</summary>
    private string? When(List<ImmutableSortedDictionary<string, string>> meant)
    {
        if (meant.Count == _inputs.Count)
        {
            return null;
        }

        var named = definition.Inputs.Select(i => i.Name)
            .Select(name => (Name: name, Meant: Values(meant, name), All: Values(_inputs, name)))
            .Where(i => i.Meant.Count < i.All.Count)
            .ToList();
        // Only if the values can be combined freely may they be told one by one.
        var combined = _inputs.Count(i => named.TrueForAll(n => n.Meant.Contains(i[n.Name])));
        return combined == meant.Count
            ? string.Join(" and ", named.Select(n => $"{n.Name} is {Words.List([.. n.Meant.Select(InWords)], "or")}"))
            : string.Join(" or ", meant.Select(m => string.Join(" and ", m.Select(v => $"{v.Key} is {InWords(v.Value)}"))));
    }

    private static List<string> Values(List<ImmutableSortedDictionary<string, string>> inputs, string name) =>
        [.. inputs.Select(i => i[name]).Distinct()];

    private static string InWords(string value) => value == AnswerAlphabet.Other ? "anything else" : value;

    private static string KeyOf(ImmutableSortedDictionary<string, string> values) => string.Join(';', values.Select(v => $"{v.Key}={v.Value}"));

    private static int Rank(string outcome) =>
        LaneVocabulary.Outcomes.IndexOf(outcome) is var rank and >= 0 ? rank : LaneVocabulary.Outcomes.Length;
}
