using System.Collections.Immutable;

namespace CoEPortal.Workflows;

/// <summary>How far an activity of an instance is.</summary>
public enum ActivityProgress
{
    NotReached,
    Waiting,
    Done,

    /// <summary>Was asked, and is not needed any more.</summary>
    Withdrawn,
    Faulted,
}

/// <param name="Runs">How often it started. Exact with a journal; without one, steps in a loop count once.</param>
public sealed record ActivityView(string ActivityId, ActivityProgress Progress, int Runs);

/// <summary>An entry of an instance's journal, in the order of <see cref="Effect.ActivityLogged"/>.</summary>
public readonly record struct JournalEntry(string ActivityId, ActivityEvent Event);

/// <summary>
/// An instance on its drawing: where it waits, what is done, which ways were taken. The state alone tells nearly all of
/// it; the journal adds how often an activity ran, and what Finish dropped.
/// </summary>
public sealed class InstanceView
{
    private readonly ImmutableDictionary<string, ActivityView> _activities;
    private readonly ImmutableHashSet<(string Source, string Port, string Target)> _followed;

    private InstanceView(IEnumerable<ActivityView> activities, IEnumerable<Connection> followed)
    {
        _activities = activities.ToImmutableDictionary(a => a.ActivityId, StringComparer.Ordinal);
        _followed = [.. followed.Select(c => (c.Source, c.SourcePort, c.Target))];
    }

    /// <param name="journal">The whole journal of the instance; without it the state decides.</param>
    public static InstanceView Of(WorkflowDefinition definition, WorkflowState state, IReadOnlyList<JournalEntry>? journal = null)
    {
        var told = journal?.ToLookup(e => e.ActivityId, e => e.Event, StringComparer.Ordinal);
        return new InstanceView(
            definition.Root.Activities.Select(a => new ActivityView(
                a.Id,
                told is null ? Progress(definition, state, a) : Progress(state, a, told[a.Id]),
                told is null ? Runs(definition, state, a) : told[a.Id].Count(e => e is ActivityEvent.Started))),
            definition.Root.Connections.Where(c => WasFollowed(state, c)));
    }

    /// <summary>Every activity of the definition, by id.</summary>
    public IReadOnlyDictionary<string, ActivityView> Activities => _activities;

    public ActivityView this[string activityId] => _activities[activityId];

    /// <summary>True when the way was taken, the last time a run came to where it starts.</summary>
    public bool IsFollowed(DiagramEdge edge) => IsFollowed(edge.Source, edge.SourcePort, edge.Target);

    /// <inheritdoc cref="IsFollowed(DiagramEdge)"/>
    public bool IsFollowed(string source, string sourcePort, string target) => _followed.Contains((source, sourcePort, target));

    private static ActivityProgress Progress(WorkflowState state, Activity activity, IEnumerable<ActivityEvent> journal) =>
        Now(state, activity) ?? journal.LastOrDefault((ActivityEvent)(-1)) switch
        {
            ActivityEvent.Completed => ActivityProgress.Done,
            ActivityEvent.Faulted => ActivityProgress.Faulted,
            (ActivityEvent)(-1) => ActivityProgress.NotReached,
            // Finish and Cancel drop what is open without an entry of their own.
            _ => ActivityProgress.Withdrawn,
        };

    private static ActivityProgress Progress(WorkflowDefinition definition, WorkflowState state, Activity activity) =>
        Now(state, activity)
        ?? (HasRun(definition, state, activity) ? ActivityProgress.Done
            : state.Openings.ContainsKey(activity.Id) ? ActivityProgress.Withdrawn
            : ActivityProgress.NotReached);

    private static ActivityProgress? Now(WorkflowState state, Activity activity) =>
        state.Bookmarks.Any(b => b.ActivityId == activity.Id) ? ActivityProgress.Waiting
        : state.Open.Any(o => o.IsFaulted && o.ActivityId == activity.Id) ? ActivityProgress.Faulted
        : null;

    /// <summary>What completed has a way out that was followed; skipped and withdrawn activities have none.</summary>
    private static bool HasRun(WorkflowDefinition definition, WorkflowState state, Activity activity)
    {
        var outbound = definition.Graph.Outbound(activity.Id);
        return outbound.Count > 0
            ? outbound.Any(c => WasFollowed(state, c))
            : state.SubStatus is not WorkflowSubStatus.Faulted && definition.Graph.ForwardInbound(activity.Id).Any(c => WasFollowed(state, c));
    }

    private static int Runs(WorkflowDefinition definition, WorkflowState state, Activity activity) =>
        state.Openings.GetValueOrDefault(activity.Id) is var opened and > 0 ? opened : HasRun(definition, state, activity) ? 1 : 0;

    private static bool WasFollowed(WorkflowState state, Connection connection) =>
        state.ConnectionVisits.GetValueOrDefault(connection.Key).LastFollowed;
}
