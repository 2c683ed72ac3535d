using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows.Linting;

/// <summary>
/// Goes through every run: every input, every order in which open bookmarks are answered, every answer; each state
/// once. What it finds is a run the interpreter itself made, so the message can tell it step by step.
/// </summary>
/// <param name="required">Functions without which nothing may end approved.</param>
internal sealed class ModelCheck(WorkflowDefinition definition, LintPolicy policy, IReadOnlyList<string> required)
{
    /// <summary>Situations times activities: playing on from a situation of a large file takes longer.</summary>
    public const int Effort = 1_000_000;

    private readonly AnswerAlphabet _alphabet = new(definition);
    private readonly bool _orderMatters = OrderMatters(definition);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Stack<Situation> _pending = new();
    private readonly Dictionary<string, LintFinding> _findings = new(StringComparer.Ordinal);
    private WorkflowState? _from;

    private sealed record Situation(WorkflowState State, Round Round, ImmutableList<string> Story);

    /// <returns>At most one finding for each rule: the first run that breaks it.</returns>
    public IEnumerable<LintFinding> Run() => Explore(() =>
    {
        foreach (var inputs in _alphabet.Inputs())
        {
            var story = ImmutableList.CreateRange(inputs.Select(i => $"{i.Key} = {i.Value.GetRawText()}"));
            Reach(Interpreter.Start(definition, inputs), Round.First, story);
        }
    });

    /// <summary>Goes through every run that can follow on a running instance.</summary>
    /// <param name="round">What has been decided so far.</param>
    /// <inheritdoc cref="Run" path="/returns"/>
    public IEnumerable<LintFinding> RunFrom(Transition reached, Round round) => Explore(() =>
    {
        _from = reached.State;
        Reach(reached, round, []);
    });

    private IEnumerable<LintFinding> Explore(Action begin)
    {
        try
        {
            begin();
            while (_pending.TryPop(out var situation))
            {
                Explore(situation);
            }
        }
        catch (ModelTooLargeException cause)
        {
            Find("model-too-large", [], $"The runs cannot all be checked: {cause.Message}. Ask fewer people in parallel, or split the workflow");
        }

        return _findings.Values;
    }

    private void Explore(Situation situation)
    {
        var (state, round, story) = situation;
        foreach (var bookmark in _orderMatters ? state.Bookmarks : state.Bookmarks[..1])
        {
            foreach (var answer in _alphabet.Answers(bookmark))
            {
                Reach(
                    Interpreter.Apply(definition, state, bookmark.Answered(answer)),
                    policy.IsLane ? round.Answer(bookmark, answer) : round,
                    story.Add($"{bookmark.ActivityId} answers {Tell(answer)}"));
            }
        }
    }

    private static string Tell(JsonElement answer) => answer.Member("decision")?.AsText() ?? answer.GetRawText();

    private void Reach(Transition transition, Round round, ImmutableList<string> story)
    {
        var state = transition.State;
        foreach (var opened in transition.Effects.OfType<Effect.BookmarkOpened>().Where(o => o.Kind is BookmarkKind.Task))
        {
            var bookmark = new Bookmark(opened.BookmarkId, opened.ActivityId, opened.Kind, opened.Name, opened.Payload);
            if (!policy.IsLane)
            {
                continue;
            }

            if (ReviewRules.FaultOf(bookmark) is { } fault)
            {
                Find("review-payload", story, fault);
                return;
            }

            round = round.Ask(bookmark);
        }

        if (state.SubStatus is WorkflowSubStatus.Faulted)
        {
            var incident = transition.Effects.OfType<Effect.IncidentRaised>().Last();
            Find("run-faults", story, $"A run fails at '{incident.ActivityId}': {incident.Message}");
        }
        else if (state.Status is WorkflowStatus.Finished)
        {
            CheckEnd(transition, round, story);
        }
        else if (state.Bookmarks.IsEmpty)
        {
            Find("run-stuck", story, "A run waits for ever, with nobody to ask");
        }
        else if (state.Bookmarks.All(IsWithinRounds) && _seen.Add(state.ToJson() + round.Key))
        {
            var most = Math.Min(policy.MaxStates, Effort / (definition.Root.Activities.Length + 50));
            if (_seen.Count > most)
            {
                throw new ModelTooLargeException($"there are more than {most} situations, the most for {definition.Root.Activities.Length} activities");
            }

            _pending.Push(new Situation(state, round, story));
        }

        bool IsWithinRounds(Bookmark bookmark) =>
            state.Openings[bookmark.ActivityId] <= (_from?.Openings.GetValueOrDefault(bookmark.ActivityId) ?? 0) + policy.MaxRounds;
    }

    private void CheckEnd(Transition transition, Round round, ImmutableList<string> story)
    {
        var reachedEnd = transition.Effects.OfType<Effect.ActivityLogged>().Any(l =>
            l.Event is ActivityEvent.Completed
            && definition.FindActivity(l.ActivityId)!.Type is ActivityTypes.End or ActivityTypes.Finish);
        if (!reachedEnd)
        {
            Find("silent-finish", story, "A run ends without reaching End");
        }

        if (!policy.IsLane)
        {
            return;
        }

        var outcome = transition.State.Variables.GetValueOrDefault(LaneVocabulary.OutcomeVariable).AsText();
        if (outcome is null || !LaneVocabulary.Outcomes.Contains(outcome))
        {
            Find("outcome-unset", story, $"A run ends with the outcome '{outcome}' instead of one of {string.Join(", ", LaneVocabulary.Outcomes)}");
        }

        if (outcome is LaneVocabulary.Approved && round.NotApproving(required) is { Count: > 0 } missing)
        {
            Find("approved-without-function", story, $"A run ends approved although {string.Join(", ", missing)} did not approve in the current round");
        }
    }

    private void Find(string rule, ImmutableList<string> story, string message) =>
        _findings.TryAdd(rule, new LintFinding(rule, null, story.IsEmpty ? $"{message}." : $"{message}: {string.Join("; ", story)}."));

    /// <summary>
    /// Forks, tasks and WaitAll joins alone always end the same way, in whatever order tasks are answered; trying all
    /// orders of twenty parallel tasks would take a million states to learn that.
    /// </summary>
    public static bool OrderMatters(WorkflowDefinition definition) =>
        definition.Root.Connections.Any(c => definition.Graph.IsBackward(c))
        || definition.Root.Activities.Any(a => a.Type switch
        {
            ActivityTypes.Start or ActivityTypes.FlowFork or ActivityTypes.RunTask or ActivityTypes.SetVariable
                or ActivityTypes.SetName or ActivityTypes.SetOutput or ActivityTypes.Correlate => false,
            ActivityTypes.End => definition.Root.Activities.Count(e => e.Type is ActivityTypes.End) > 1,
            ActivityTypes.FlowJoin => (a.FindSlot("mode")?.Expression as Expressions.Expression.Literal)?.Value.AsText() is not JoinModes.WaitAll,
            _ => true,
        });
}
