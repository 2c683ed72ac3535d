namespace CoEPortal.Governance.Approvals;

public enum TimerKind { Remind, Escalate }

public enum TimerState { Pending, Fired, Dropped }

/// <summary>
/// Something that is to happen at a time. The row is the truth: the scheduler only looks for what is due, so a trigger
/// that is lost or comes twice does no harm. A timer tells people; it never decides.
/// </summary>
public sealed class ReviewTimer
{
    private ReviewTimer()
    {
    }

    public Guid Id { get; private init; }

    public Guid? TaskId { get; private init; }

    public Guid? FollowUpId { get; private init; }

    public TimerKind Kind { get; private init; }

    public DateTimeOffset DueAt { get; private init; }

    public TimerState State { get; private set; }

    public DateTimeOffset? DoneAt { get; private set; }

    internal static ReviewTimer Of(ReviewTask task, TimerKind kind, DateTimeOffset dueAt, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now), TaskId = task.Id, Kind = kind, DueAt = dueAt };

    internal static ReviewTimer Of(ConditionFollowUp followUp, TimerKind kind, DateTimeOffset dueAt, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now), FollowUpId = followUp.Id, Kind = kind, DueAt = dueAt };

    internal void Finish(TimerState state, DateTimeOffset now) => (State, DoneAt) = (state, now);
}
