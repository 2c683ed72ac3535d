using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>What the host tells an instance. Closed: there is nothing else an instance reacts to.</summary>
public abstract record Stimulus
{
    private Stimulus()
    {
    }

    /// <summary>A task was answered.</summary>
    /// <param name="Result">Goes into the task's result variable as it is; JSON null when there is none.</param>
    public sealed record CompleteTask(string BookmarkId, JsonElement Result) : Stimulus;

    /// <summary>The event an Event activity waits for has come.</summary>
    public sealed record DeliverEvent(string BookmarkId, JsonElement Payload) : Stimulus;

    /// <summary>End the instance now. Does nothing once it is finished.</summary>
    public sealed record Cancel : Stimulus;
}

/// <summary>What an instance did, in order. Closed.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>The instance waits here. For a task this is also the request to put it before somebody.</summary>
    public sealed record BookmarkOpened(
        string BookmarkId, string ActivityId, BookmarkKind Kind, string Name, JsonElement? Payload) : Effect;

    public sealed record BookmarkClosed(string BookmarkId, string ActivityId, CloseReason Reason) : Effect;

    /// <summary>An entry of the journal, as Elsa writes it. Skipped activities, Finish and Cancel leave no Canceled entry.</summary>
    public sealed record ActivityLogged(string ActivityId, ActivityEvent Event) : Effect;

    /// <summary>An activity failed. With the continuing strategy the other branches go on.</summary>
    public sealed record IncidentRaised(string ActivityId, string ActivityType, string Message) : Effect;

    /// <summary>The instance has ended; last effect of its last transition.</summary>
    public sealed record Finished(WorkflowStatus Status, WorkflowSubStatus SubStatus) : Effect;
}

public enum CloseReason
{
    Completed,
    Canceled,
}

public enum ActivityEvent
{
    Started,
    Suspended,
    Resumed,
    Completed,
    Canceled,
    Faulted,
}

/// <summary>The outcome of one stimulus.</summary>
/// <param name="Matched">
/// False when the bookmark is not open: nothing changed, the answer came too late. True does not promise an effect: a
/// faulted instance still lists bookmarks.
/// </param>
public sealed record Transition(WorkflowState State, ImmutableArray<Effect> Effects, bool Matched);
