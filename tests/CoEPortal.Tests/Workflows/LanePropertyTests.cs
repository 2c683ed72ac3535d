using System.Text.Json;
using CoEPortal.Workflows;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Workflows;

/// <summary>Whatever order people answer in, twice, too late, or to something that never was.</summary>
public sealed class LanePropertyTests
{
    private static readonly string[] Decisions =
        ["approve", "approve", "approve", "approve-with-conditions", "approve-with-conditions", "request-changes", "veto", "shrug", ""];

    public static TheoryData<string> Shipped => Lane.Shipped;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Nothing_is_approved_without_everybody_who_has_to_approve(string name) => ForAnyRun(name, run =>
        run.State.Status is WorkflowStatus.Running || run.Outcome is not "approved" || run.Refusing(run.Definition.RequiredFunctions).Count == 0);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_instance_has_an_outcome_or_waits_for_somebody_named(string name) => ForAnyRun(name, run => run.State.SubStatus switch
    {
        WorkflowSubStatus.Finished => run.Outcome is "approved" or "changes-requested" or "vetoed" && run.State.Bookmarks.IsEmpty,
        WorkflowSubStatus.Suspended => run.State.Bookmarks.Length > 0
            && run.State.Bookmarks.All(b => b.Name == "review" && ReviewPayload.From(b.Payload) is { Function.Length: > 0, DueInWorkingDays: > 0 }),
        _ => false,
    });

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_refusal_is_never_outlived(string name) => ForAnyRun(name, run =>
        run.FirstRefusal is null || run.Outcome == (run.FirstRefusal is "request-changes" ? "changes-requested" : "vetoed"));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void What_came_too_late_or_was_never_asked_changes_nothing(string name) => ForAnyRun(name, run => run.UnmatchedChangedNothing);

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Replaying_the_same_answers_gives_the_same_state_and_the_same_journal_to_the_byte(string name) => ForAnyRun(name, run =>
    {
        var replayed = new Run(run.Definition, run.Inputs);
        foreach (var stimulus in run.Stimuli)
        {
            replayed.Apply(stimulus);
        }

        return replayed.State.ToJson() == run.State.ToJson() && replayed.Journal.SequenceEqual(run.Journal);
    });

    [Theory]
    [MemberData(nameof(Shipped))]
    public void State_and_journal_show_the_same_picture(string name) => ForAnyRun(name, run =>
    {
        var (byState, byJournal) = (InstanceView.Of(run.Definition, run.State), InstanceView.Of(run.Definition, run.State, run.Journal));
        return run.Definition.Root.Activities.All(a => byState[a.Id] == byJournal[a.Id]);
    });

    /// <summary>Plays random stimuli and asks after every single one.</summary>
    private static void ForAnyRun(string name, Func<Run, bool> holds)
    {
        var definition = Lane.Load(name);
        var inputs = from choices in Gen.Choose(0, 9).ListOf(definition.Inputs.Length)
                     select Simulation.InputsOf(definition).Zip(choices).ToDictionary(i => i.First.Name, i => i.First.Choices[i.Second % i.First.Choices.Length]);
        var stimuli = Gen.Choose(0, 9_999).ListOf(14);
        var play = from given in inputs from numbers in stimuli select (given, numbers);
        Prop.ForAll(Arb.From(play), p =>
        {
            var run = new Run(definition, p.given);
            return holds(run) && p.numbers.All(number =>
            {
                run.Apply(run.StimulusFor(number));
                return holds(run);
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private sealed class Run
    {
        private readonly Dictionary<string, string> _decisions = [];
        private readonly List<Bookmark> _everOpen = [];

        public Run(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonElement> inputs)
        {
            (Definition, Inputs) = (definition, inputs);
            Take(Interpreter.Start(definition, inputs));
        }

        public WorkflowDefinition Definition { get; }

        public IReadOnlyDictionary<string, JsonElement> Inputs { get; }

        public WorkflowState State { get; private set; } = null!;

        public List<Stimulus> Stimuli { get; } = [];

        public List<JournalEntry> Journal { get; } = [];

        public bool UnmatchedChangedNothing { get; private set; } = true;

        public string? FirstRefusal { get; private set; }

        public string? Outcome => State.Variables["outcome"].GetString();

        /// <summary>Those who have to approve, or were asked, and have not approved everything they were asked.</summary>
        public List<string> Refusing(IEnumerable<string> required)
        {
            var asked = _everOpen.ToLookup(b => ReviewPayload.From(b.Payload)!.Function, b => _decisions.GetValueOrDefault(b.Id));
            return [.. required.Union(asked.Select(a => a.Key)).Where(f => !asked.Contains(f) || !asked[f].All(d => d is "approve" or "approve-with-conditions"))];
        }

        public Stimulus StimulusFor(int number)
        {
            var answer = Lane.Decision(Decisions[number % Decisions.Length]);
            var pick = number / Decisions.Length;
            return (pick % 8) switch
            {
                0 => new Stimulus.CompleteTask($"nobody#{pick}", answer),
                1 when _everOpen.Count > 0 => new Stimulus.CompleteTask(_everOpen[pick / 8 % _everOpen.Count].Id, answer),
                2 when State.Bookmarks.Length > 0 => new Stimulus.DeliverEvent(State.Bookmarks[0].Id, answer),
                _ when State.Bookmarks.Length > 0 => new Stimulus.CompleteTask(State.Bookmarks[pick / 8 % State.Bookmarks.Length].Id, answer),
                _ => new Stimulus.CompleteTask("", answer),
            };
        }

        public void Apply(Stimulus stimulus)
        {
            Stimuli.Add(stimulus);
            var (before, stored) = (State.ToJson(), WorkflowState.FromJson(State.ToJson()));
            var open = stimulus is Stimulus.CompleteTask task ? State.FindBookmark(task.BookmarkId) : null;
            var transition = Interpreter.Apply(Definition, stored, stimulus);
            UnmatchedChangedNothing &= transition.Matched == (open is not null);
            UnmatchedChangedNothing &= transition.Matched || (transition.Effects.IsEmpty && transition.State.ToJson() == before);
            if (open is not null && ((Stimulus.CompleteTask)stimulus).Result.GetProperty("decision").GetString() is { } decision)
            {
                // Who may not answer so has vetoed: no case of the lane knows it.
                var isOffered = ReviewPayload.From(open.Payload)!.Actions.Contains(decision);
                _decisions[open.Id] = isOffered ? decision : "veto";
                FirstRefusal ??= _decisions[open.Id] is "approve" or "approve-with-conditions" ? null : _decisions[open.Id];
            }

            Take(transition);
        }

        private void Take(Transition transition)
        {
            State = transition.State;
            Journal.AddRange(transition.Effects.OfType<Effect.ActivityLogged>().Select(l => new JournalEntry(l.ActivityId, l.Event)));
            _everOpen.AddRange(transition.Effects.OfType<Effect.BookmarkOpened>().Select(o => new Bookmark(o.BookmarkId, o.ActivityId, o.Kind, o.Name, o.Payload)));
        }
    }
}
