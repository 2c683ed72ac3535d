using CoEPortal.Governance.Access;
using CoEPortal.Workflows;

namespace CoEPortal.Governance.Approvals;

/// <summary>A workflow file as it was published: immutable by hash for its version.</summary>
public sealed class PublishedWorkflow
{
    public string DefinitionId { get; init; } = "";

    public int DefinitionVersion { get; init; }

    public string Sha256 { get; init; } = "";

    public string Json { get; init; } = "";

    public DateTimeOffset PublishedAt { get; init; }
}

/// <summary>A lane running for one round. Stays on the version it started with.</summary>
public sealed class LaneInstance
{
    private LaneInstance()
    {
    }

    public Guid Id { get; private init; }

    public Guid RoundId { get; private init; }

    public string DefinitionId { get; private init; } = "";

    public int DefinitionVersion { get; private set; }

    public string Status { get; private set; } = "";

    public string State { get; private set; } = "{}";

    public DateTimeOffset StartedAt { get; private init; }

    public DateTimeOffset ChangedAt { get; private set; }

    public int JournalLength { get; private set; }

    public int StimulusCount { get; private set; }

    /// <summary>An activity failed; answers change nothing until it is retried or the review is cancelled.</summary>
    public bool IsFaulted => Status is "Finished/Faulted";

    internal static LaneInstance Of(Guid roundId, WorkflowDefinition definition, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        RoundId = roundId,
        DefinitionId = definition.DefinitionId,
        DefinitionVersion = definition.Version,
        StartedAt = now,
    };

    /// <summary>Takes the new state, and notes what was told and what the lane did about it.</summary>
    internal (LaneStimulus Stimulus, LaneJournal? Journal) Advance(
        StimulusKind kind, string? bookmarkId, string? body, Transition transition, Actor by, DateTimeOffset now)
    {
        State = transition.State.ToJson();
        Status = $"{transition.State.Status}/{transition.State.SubStatus}";
        DefinitionVersion = transition.State.DefinitionVersion;
        ChangedAt = now;
        var stimulus = new LaneStimulus
        {
            InstanceId = Id,
            Number = ++StimulusCount,
            Kind = kind,
            DefinitionVersion = DefinitionVersion,
            BookmarkId = bookmarkId,
            Body = body,
            At = now,
            ActorId = by.Id.Value,
        };
        var entries = transition.Effects.OfType<Effect.ActivityLogged>().ToList();
        if (entries.Count == 0)
        {
            return (stimulus, null);
        }

        var journal = new LaneJournal
        {
            InstanceId = Id,
            First = JournalLength + 1,
            Activities = entries.ConvertAll(e => e.ActivityId),
            Events = entries.ConvertAll(e => e.Event.ToString()),
            At = now,
            ActorId = by.Id.Value,
        };
        JournalLength += entries.Count;
        return (stimulus, journal);
    }
}

public enum StimulusKind { Start, Answer, Cancel, Retry, Upgrade }

/// <summary>What an instance was told. All of them in order, told again, give the same state.</summary>
public sealed class LaneStimulus
{
    public Guid InstanceId { get; init; }

    public int Number { get; init; }

    public StimulusKind Kind { get; init; }

    /// <summary>The version the instance ran on afterwards.</summary>
    public int DefinitionVersion { get; init; }

    public string? BookmarkId { get; init; }

    /// <summary>The inputs of a start, the result of an answer; JSON.</summary>
    public string? Body { get; init; }

    public DateTimeOffset At { get; init; }

    public string ActorId { get; init; } = "";
}

/// <summary>What the lane did about one stimulus: one row, however many activities ran.</summary>
public sealed class LaneJournal
{
    public Guid InstanceId { get; init; }

    /// <summary>Number of the first entry, counted over the instance from 1.</summary>
    public int First { get; init; }

    public List<string> Activities { get; init; } = [];

    /// <summary>One for each of <see cref="Activities"/>.</summary>
    public List<string> Events { get; init; } = [];

    public DateTimeOffset At { get; init; }

    public string ActorId { get; init; } = "";
}

/// <summary>What the lane did, entry by entry: <see cref="LaneJournal"/> as it is read.</summary>
public sealed class LaneJournalEntry
{
    public Guid InstanceId { get; init; }

    public int Sequence { get; init; }

    public string Activity { get; init; } = "";

    public string Event { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public string ActorId { get; init; } = "";
}
