using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows;

public enum WorkflowStatus
{
    Running,
    Finished,
}

/// <summary>Elsa's sub-statuses a settled instance can have.</summary>
public enum WorkflowSubStatus
{
    Suspended,
    Finished,
    Cancelled,
    Faulted,
}

public enum BookmarkKind
{
    Task,
    Event,
}

/// <summary>A place where the instance waits for the host.</summary>
/// <param name="Id">Deterministic: activity id, <c>#</c>, and how often the activity has waited so far. Unique within the instance.</param>
/// <param name="Name">Task name or event name.</param>
/// <param name="Payload">The task's payload, evaluated; null for events and tasks without one.</param>
public sealed record Bookmark(string Id, string ActivityId, BookmarkKind Kind, string Name, JsonElement? Payload)
{
    /// <summary>The stimulus that answers it.</summary>
    public Stimulus Answered(JsonElement with) =>
        Kind is BookmarkKind.Task ? new Stimulus.CompleteTask(Id, with) : new Stimulus.DeliverEvent(Id, with);
}

/// <summary>
/// Everything an instance needs to go on: immutable, and written to and read from JSON without loss.
/// Made by <see cref="Interpreter"/> only.
/// </summary>
public sealed record WorkflowState
{
    internal WorkflowState()
    {
    }

    /// <summary>The definition this instance is pinned to; any other is refused.</summary>
    public required string DefinitionId { get; init; }

    public required int DefinitionVersion { get; init; }

    public required WorkflowStatus Status { get; init; }

    public required WorkflowSubStatus SubStatus { get; init; }

    /// <summary>Set by SetName; null until then.</summary>
    public string? Name { get; init; }

    /// <summary>Set by Correlate; null until then.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Every declared variable by name, as the next burst will read it.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Variables { get; init; }

    public ImmutableSortedDictionary<string, JsonElement> Outputs { get; init; } = NoValues;

    /// <summary>Inputs that survive a suspension, that is those with a storage driver.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Inputs { get; init; } = NoValues;

    /// <summary>In order of opening. A faulted instance may still list some; answering them changes nothing.</summary>
    public ImmutableArray<Bookmark> Bookmarks { get; init; } = [];

    /// <summary>True once End was reached or nothing was left to do.</summary>
    internal bool FlowCompleted { get; init; }

    /// <summary>Activities that started and neither completed nor were withdrawn.</summary>
    internal ImmutableArray<OpenActivity> Open { get; init; } = [];

    /// <summary>What a retry has to run: the activities that failed, then those a failure of the instance kept from running.</summary>
    internal ImmutableArray<StalledActivity> Stalled { get; init; } = [];

    internal ImmutableSortedDictionary<string, int> ActivityVisits { get; init; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    internal ImmutableSortedDictionary<string, ConnectionVisits> ConnectionVisits { get; init; } =
        ImmutableSortedDictionary.Create<string, ConnectionVisits>(StringComparer.Ordinal);

    /// <summary>How often each activity has opened; the number in the next bookmark id.</summary>
    internal ImmutableSortedDictionary<string, int> Openings { get; init; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    internal static ImmutableSortedDictionary<string, JsonElement> NoValues { get; } =
        ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    public Bookmark? FindBookmark(string id) => Bookmarks.FirstOrDefault(b => b.Id == id);

    /// <summary>Compact JSON for a jsonb column. The text is the same for the same state.</summary>
    public string ToJson() => WorkflowStateJson.Write(this);

    /// <exception cref="FormatException">The text is not a state that <see cref="ToJson"/> wrote.</exception>
    public static WorkflowState FromJson(string json) => WorkflowStateJson.Read(json);
}

/// <param name="Id">Equals the bookmark's id when the activity waits.</param>
internal sealed record OpenActivity(string Id, string ActivityId, bool IsFaulted);

/// <param name="OverBackEdge">It was reached over a backward connection.</param>
/// <param name="IsOrphaned">The flow had completed before it ran.</param>
internal sealed record StalledActivity(string ActivityId, bool OverBackEdge, bool IsOrphaned);

internal readonly record struct ConnectionVisits(int Count, bool LastFollowed);
