using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>
/// Runs Elsa 3 workflow definitions. A pure function: no clock, no randomness, no I/O; the same arguments give the same
/// transition. Source: behaviour observed on Elsa 3.8 in counter mode (the conformance corpus).
/// </summary>
public static class Interpreter
{
    /// <summary>Creates an instance and runs it until it waits or ends.</summary>
    /// <param name="inputs">By name. Those the definition gives no storage driver are gone after the first suspension.</param>
    public static Transition Start(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        var burst = Burst.New(definition, inputs);
        burst.Start();
        return burst.Settle();
    }

    /// <summary>Applies one stimulus and runs the instance until it waits or ends.</summary>
    /// <exception cref="ArgumentException">The state belongs to another definition or version.</exception>
    public static Transition Apply(WorkflowDefinition definition, WorkflowState state, Stimulus stimulus)
    {
        RefuseOther(definition, state);
        return stimulus switch
        {
            Stimulus.CompleteTask answer => Resume(definition, state, answer.BookmarkId, BookmarkKind.Task, answer.Result),
            Stimulus.DeliverEvent delivery => Resume(definition, state, delivery.BookmarkId, BookmarkKind.Event, delivery.Payload),
            _ => Cancel(state),
        };
    }

    /// <summary>
    /// Executes what failed once more, and after it what the failure kept from running; everything else is as it was.
    /// The same definition fails again in the same way, unless the answer was at fault: then the task is asked anew.
    /// To mend an expression, <see cref="Upgrade"/> the instance first.
    /// </summary>
    /// <returns>Matched is false when nothing has failed; then nothing changes.</returns>
    /// <exception cref="ArgumentException">The state belongs to another definition or version.</exception>
    public static Transition Retry(WorkflowDefinition definition, WorkflowState state)
    {
        RefuseOther(definition, state);
        if (state.SubStatus is WorkflowSubStatus.Cancelled || !state.Open.Any(o => o.IsFaulted))
        {
            return new Transition(state, [], Matched: false);
        }

        var burst = Burst.Continue(definition, state);
        burst.Retry();
        return burst.Settle();
    }

    private static void RefuseOther(WorkflowDefinition definition, WorkflowState state)
    {
        if (state.DefinitionId != definition.DefinitionId || state.DefinitionVersion != definition.Version)
        {
            throw new ArgumentException(
                $"The instance runs on {state.DefinitionId} version {state.DefinitionVersion}, not on {definition.DefinitionId} version {definition.Version}.",
                nameof(definition));
        }
    }

    private static Transition Resume(
        WorkflowDefinition definition, WorkflowState state, string bookmarkId, BookmarkKind kind, JsonElement result)
    {
        var bookmark = state.FindBookmark(bookmarkId);
        if (bookmark is null || bookmark.Kind != kind)
        {
            return new Transition(state, [], Matched: false);
        }

        if (state.Status is WorkflowStatus.Finished)
        {
            return new Transition(state, [], Matched: true);
        }

        var burst = Burst.Continue(definition, state);
        burst.Resume(bookmark, result);
        return burst.Settle();
    }

    private static Transition Cancel(WorkflowState state)
    {
        if (state.Status is WorkflowStatus.Finished)
        {
            return new Transition(state, [], Matched: true);
        }

        var cancelled = state with
        {
            Status = WorkflowStatus.Finished,
            SubStatus = WorkflowSubStatus.Cancelled,
            Bookmarks = [],
        };
        return new Transition(
            cancelled,
            [
                .. state.Bookmarks.Select(b => new Effect.BookmarkClosed(b.Id, b.ActivityId, CloseReason.Canceled)),
                new Effect.Finished(cancelled.Status, cancelled.SubStatus),
            ],
            Matched: true);
    }
}
