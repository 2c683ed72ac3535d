using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Drawing;

namespace CoEPortal.Workflows;

/// <summary>
/// A workflow being tried out: nothing is stored and nobody is asked. Immutable; a page holds the current one and goes
/// on from there.
/// </summary>
public sealed class Simulation
{
    private readonly Simulation? _before;
    private readonly Transition _last;

    private Simulation(WorkflowDefinition definition, Simulation? before, Transition last, string? answered)
    {
        Definition = definition;
        _before = before;
        _last = last;
        Answers = answered is null ? [] : before!.Answers.Add(answered);
        Journal = [.. before?.Journal ?? [], .. last.Effects.OfType<Effect.ActivityLogged>().Select(l => new JournalEntry(l.ActivityId, l.Event))];
    }

    public WorkflowDefinition Definition { get; }

    public WorkflowState State => _last.State;

    /// <summary>What happened since the start, in order.</summary>
    public ImmutableArray<JournalEntry> Journal { get; }

    /// <summary>Who answered what since the start, in words.</summary>
    public ImmutableArray<string> Answers { get; }

    /// <summary>Why it failed; null while it has not.</summary>
    public string? Incident => _last.Effects.OfType<Effect.IncidentRaised>().LastOrDefault()?.Message;

    /// <summary>The outcome, once it has ended with one.</summary>
    public string? Outcome => State.Status is WorkflowStatus.Finished
        ? State.Variables.GetValueOrDefault(LaneVocabulary.OutcomeVariable).AsText()
        : null;

    public bool CanUndo => _before is not null;

    /// <summary>What can be answered now, in order of opening. Empty once it has ended or failed.</summary>
    public ImmutableArray<SimulatedTask> Open => State.Status is WorkflowStatus.Finished
        ? []
        : [.. State.Bookmarks.Select(b => SimulatedTask.Of(Definition, b))];

    /// <summary>How far every activity is, for the drawing.</summary>
    public InstanceView View => InstanceView.Of(Definition, State, Journal);

    /// <summary>What to ask before the start: every input of the file with the values that make a difference.</summary>
    public static ImmutableArray<SimulatedInput> InputsOf(WorkflowDefinition definition) => SimulatedInput.Of(definition);

    /// <param name="inputs">By name; an input that is left out is absent.</param>
    public static Simulation Start(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonElement> inputs) =>
        new(definition, before: null, Interpreter.Start(definition, inputs), answered: null);

    /// <summary>Answers a review with a decision, or an event or another task with a text.</summary>
    /// <returns>The same simulation when the task is not open any more.</returns>
    public Simulation Answer(string bookmarkId, string decision) => Open.FirstOrDefault(t => t.BookmarkId == bookmarkId) is { Function: not null }
        ? Answer(bookmarkId, JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["decision"] = decision }), decision)
        : Answer(bookmarkId, JsonElements.Of(decision), decision);

    /// <inheritdoc cref="Answer(string, string)"/>
    public Simulation Answer(string bookmarkId, JsonElement result) => Answer(bookmarkId, result, result.GetRawText());

    /// <summary>As it was before the last answer; at the start, as it is.</summary>
    public Simulation Undo() => _before ?? this;

    private Simulation Answer(string bookmarkId, JsonElement result, string said)
    {
        if (Open.FirstOrDefault(t => t.BookmarkId == bookmarkId) is not { } task)
        {
            return this;
        }

        var transition = Interpreter.Apply(Definition, State, State.FindBookmark(bookmarkId)!.Answered(result));
        return new Simulation(Definition, this, transition, $"{task.Who}: {Words.InSentence(said)}");
    }
}

/// <param name="Function">Null when the task is no review.</param>
/// <param name="Actions">The answers on offer; empty for anything but a review.</param>
public sealed record SimulatedTask(
    string BookmarkId, string ActivityId, BookmarkKind Kind, string Title, string? Function, ImmutableArray<string> Actions, int? DueInWorkingDays)
{
    /// <summary>The function in words, or the title.</summary>
    public string Who => Function is null ? Title : Words.Of(Function);

    internal static SimulatedTask Of(WorkflowDefinition definition, Bookmark bookmark)
    {
        var review = ReviewPayload.From(bookmark.Payload);
        return new SimulatedTask(
            bookmark.Id, bookmark.ActivityId, bookmark.Kind, Caption.Title(definition.FindActivity(bookmark.ActivityId)!),
            review?.Function, review?.Actions ?? [], review?.DueInWorkingDays);
    }
}
