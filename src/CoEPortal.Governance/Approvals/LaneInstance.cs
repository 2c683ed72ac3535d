using CoEPortal.Governance.Access;

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

    public int DefinitionVersion { get; private init; }

    public string Status { get; private set; } = "";

    public string State { get; private set; } = "{}";

    public DateTimeOffset StartedAt { get; private init; }

    public DateTimeOffset ChangedAt { get; private set; }

    public int JournalLength { get; private set; }

    internal static LaneInstance Of(Guid roundId, PublishedWorkflow definition, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        RoundId = roundId,
        DefinitionId = definition.DefinitionId,
        DefinitionVersion = definition.DefinitionVersion,
        StartedAt = now,
    };

    internal void Advance(string state, string status, int entries, DateTimeOffset now)
    {
        State = state;
        Status = status;
        JournalLength += entries;
        ChangedAt = now;
    }
}

/// <summary>What the lane did, entry by entry.</summary>
public sealed class LaneJournalEntry
{
    public Guid InstanceId { get; init; }

    public int Sequence { get; init; }

    public string Activity { get; init; } = "";

    public string Event { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public string ActorId { get; init; } = "";
}

public enum TaskState { Open, Decided, Withdrawn }

/// <summary>A question in somebody's inbox: an open bookmark of a lane, put to one function.</summary>
public sealed class ReviewTask
{
    private ReviewTask()
    {
    }

    public Guid Id { get; private init; }

    public Guid RoundId { get; private init; }

    public Guid InstanceId { get; private init; }

    public string BookmarkId { get; private init; } = "";

    public string UseCaseKey { get; private init; } = "";

    public Role Function { get; private init; }

    public TaskState State { get; private set; }

    public DateTimeOffset OpenedAt { get; private init; }

    public DateTimeOffset DueAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    internal static ReviewTask Open(
        ApprovalRound round, Guid instanceId, string bookmarkId, Role function, DateTimeOffset dueAt, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now),
            RoundId = round.Id,
            InstanceId = instanceId,
            BookmarkId = bookmarkId,
            UseCaseKey = round.UseCaseKey,
            Function = function,
            OpenedAt = now,
            DueAt = dueAt,
        };

    internal void Close(TaskState state, DateTimeOffset now)
    {
        State = state;
        ClosedAt = now;
    }
}
