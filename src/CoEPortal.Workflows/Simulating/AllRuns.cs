using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows.Simulating;

/// <summary>How runs end that had the same inputs and the same answers.</summary>
/// <param name="Answers">By activity, the last answer of each.</param>
internal sealed record Ending(
    string Outcome, ImmutableSortedDictionary<string, string> Inputs, ImmutableSortedDictionary<string, string> Answers, long Runs, ImmutableList<string> Story);

/// <summary>
/// Plays every run answer by answer. Runs that have come to the same situation go on together and are only counted, so
/// that the number of orders does not matter.
/// </summary>
internal sealed class AllRuns(WorkflowDefinition definition, int maxSituations)
{
    private readonly AnswerAlphabet _alphabet = new(definition);
    private readonly int _maxRounds = LintPolicy.Lane.MaxRounds;
    private readonly Dictionary<string, Ending> _endings = new(StringComparer.Ordinal);
    private Dictionary<string, Situation> _next = new(StringComparer.Ordinal);
    private int _situations;

    private sealed record Situation(
        WorkflowState State, ImmutableSortedDictionary<string, string> Inputs, ImmutableSortedDictionary<string, string> Answers, long Runs, ImmutableList<string> Story);

    public bool IsComplete { get; private set; } = true;

    /// <summary>False when any order ends alike; then only one is played.</summary>
    public bool OrderMatters { get; } = ModelCheck.OrderMatters(definition);

    public IReadOnlyCollection<Ending> Play()
    {
        try
        {
            foreach (var inputs in _alphabet.Inputs())
            {
                Reach(Interpreter.Start(definition, inputs), new Situation(null!, Texts(inputs), Texts([]), 1, []));
            }

            while (_next.Count > 0)
            {
                var now = _next;
                _next = new(StringComparer.Ordinal);
                foreach (var situation in now.Values)
                {
                    Continue(situation);
                }
            }
        }
        catch (ModelTooLargeException)
        {
            IsComplete = false;
        }

        return _endings.Values;
    }

    private void Continue(Situation situation)
    {
        foreach (var bookmark in OrderMatters ? situation.State.Bookmarks : situation.State.Bookmarks[..1])
        {
            foreach (var answer in _alphabet.Answers(bookmark))
            {
                var text = answer.Member("decision")?.AsText() ?? Text(answer);
                Reach(Interpreter.Apply(definition, situation.State, bookmark.Answered(answer)), situation with
                {
                    Answers = situation.Answers.SetItem(bookmark.ActivityId, text),
                    Story = situation.Story.Add($"{Drawing.Caption.Title(definition.FindActivity(bookmark.ActivityId)!)}: {text}"),
                });
            }
        }
    }

    private void Reach(Transition transition, Situation situation)
    {
        situation = situation with { State = transition.State };
        if (transition.State.Status is WorkflowStatus.Finished || transition.State.Bookmarks.IsEmpty)
        {
            var key = $"{Key(situation.Inputs)}|{Key(situation.Answers)}|{OutcomeOf(transition)}";
            _endings[key] = _endings.TryGetValue(key, out var known)
                ? known with { Runs = Add(known.Runs, situation.Runs) }
                : new Ending(OutcomeOf(transition), situation.Inputs, situation.Answers, situation.Runs, situation.Story);
        }
        else if (transition.State.Bookmarks.All(b => transition.State.Openings[b.ActivityId] <= _maxRounds))
        {
            var key = $"{transition.State.ToJson()}|{Key(situation.Inputs)}|{Key(situation.Answers)}";
            if (_next.TryGetValue(key, out var known))
            {
                _next[key] = known with { Runs = Add(known.Runs, situation.Runs) };
                return;
            }

            if (++_situations > Math.Min(maxSituations, ModelCheck.Effort / (definition.Root.Activities.Length + 50)))
            {
                throw new ModelTooLargeException($"there are more than {maxSituations} situations");
            }

            _next[key] = situation;
        }
    }

    private string OutcomeOf(Transition transition)
    {
        var state = transition.State;
        if (state.SubStatus is WorkflowSubStatus.Faulted)
        {
            return "fails";
        }

        if (state.Status is WorkflowStatus.Running)
        {
            return "waits for ever";
        }

        if (definition.Variables.Any(v => v.Name == LaneVocabulary.OutcomeVariable))
        {
            return state.Variables[LaneVocabulary.OutcomeVariable].AsText() ?? "without outcome";
        }

        var end = transition.Effects.OfType<Effect.ActivityLogged>()
            .Select(l => definition.FindActivity(l.ActivityId)!)
            .LastOrDefault(a => a.Type is ActivityTypes.End or ActivityTypes.Finish);
        return end is null ? "without outcome" : Drawing.Caption.Title(end);
    }

    private static ImmutableSortedDictionary<string, string> Texts(Dictionary<string, JsonElement> values) =>
        values.ToImmutableSortedDictionary(v => v.Key, v => Text(v.Value), StringComparer.Ordinal);

    private static string Text(JsonElement value) => value.AsText() ?? value.GetRawText();

    private static string Key(ImmutableSortedDictionary<string, string> values) => string.Join(';', values.Select(v => $"{v.Key}={v.Value}"));

    private static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
