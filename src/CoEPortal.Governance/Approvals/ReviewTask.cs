using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Approvals;

public enum TaskState { Open, Decided, Withdrawn }

/// <summary>A question in the inbox of a function: an open bookmark of a lane. Anybody of the function may take it.</summary>
public sealed class ReviewTask
{
    public const int HighestEscalation = 5;

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

    /// <summary>Who has taken it. Others of the function leave it alone unless they take it over.</summary>
    public string? AssigneeId { get; private set; }

    public string? AssigneeName { get; private set; }

    public DateTimeOffset? ClaimedAt { get; private set; }

    /// <summary>How often the CoE lead was told that it is overdue.</summary>
    public int EscalationLevel { get; private set; }

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

    /// <summary>Nothing reminds of it any more: the database drops its timers as it is saved.</summary>
    internal void Close(TaskState state, DateTimeOffset now)
    {
        State = state;
        ClosedAt = now;
    }

    internal void Assign(Actor person, DateTimeOffset now) => (AssigneeId, AssigneeName, ClaimedAt) = (person.Id.Value, person.Name, now);

    internal void Unassign() => (AssigneeId, AssigneeName, ClaimedAt) = (null, null, null);

    internal void Escalate() => EscalationLevel++;
}
