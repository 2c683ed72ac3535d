using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// Does what timers are due for: reminds, and tells the CoE lead what is overdue. Several nodes sweep at once; a row that
/// one of them has is passed over by the others. Nothing is decided here, ever.
/// </summary>
public sealed partial class SweepReviewTimers(
    IDbContextFactory<GovernanceDb> databases, Organisation organisation, ReviewNotices notices, TimeProvider clock, ILogger<SweepReviewTimers> log)
{
    private const int AgainAfterWorkingDays = 3;

    /// <param name="limit">Of timers in one sweep; the next one goes on.</param>
    /// <returns>How many timers were done.</returns>
    public async Task<int> RunAsync(int limit = 200, CancellationToken cancellation = default)
    {
        var done = 0;
        var failed = new List<Guid>();
        while (done + failed.Count < limit
            && (await NextAsync(DueOfTask, OfTaskAsync, failed, cancellation) ?? await NextAsync(DueOfFollowUp, OfFollowUpAsync, failed, cancellation)) is { } fired)
        {
            done += fired ? 1 : 0;
        }

        return done;
    }

    // Locks the instance with the timer and waits for neither: a decision holds the instance first and would otherwise
    // wait for this timer while this waits for the instance.
    private static FormattableString DueOfTask(DateTimeOffset now, List<Guid> failed) => $"""
        select w.* from review_timer w join review_task t on t.id = w.task_id join wf.lane_instance i on i.id = t.instance_id
        where w.state = 'Pending' and w.due_at <= {now} and w.id <> all ({failed}) order by w.due_at limit 1 for update of w, i skip locked
        """;

    private static FormattableString DueOfFollowUp(DateTimeOffset now, List<Guid> failed) => $"""
        select w.* from review_timer w join condition_follow_up f on f.id = w.follow_up_id
        where w.state = 'Pending' and w.due_at <= {now} and w.id <> all ({failed}) order by w.due_at limit 1 for update of w, f skip locked
        """;

    /// <returns>Null when nothing is due; false when what is due could not be done, so that it does not hold up the others.</returns>
    private async Task<bool?> NextAsync(
        Func<DateTimeOffset, List<Guid>, FormattableString> due,
        Func<GovernanceDb, ReviewTimer, DateTimeOffset, CancellationToken, Task<TimerState>> act, List<Guid> failed, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        if (await db.ReviewTimers.FromSql(due(now, failed)).SingleOrDefaultAsync(cancellation) is not { } timer)
        {
            return null;
        }

        try
        {
            timer.Finish(await act(db, timer, now, cancellation), now);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(error, timer.Id, timer.Kind);
            failed.Add(timer.Id);
            return false;
        }
    }

    private async Task<TimerState> OfTaskAsync(GovernanceDb db, ReviewTimer timer, DateTimeOffset now, CancellationToken cancellation)
    {
        var task = await db.ReviewTasks.SingleAsync(t => t.Id == timer.TaskId, cancellation);
        var round = await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync(r => r.Id == task.RoundId, cancellation);
        if (task.State is not TaskState.Open || round.Status is not RoundStatus.Open)
        {
            return TimerState.Dropped;
        }

        if (timer.Kind is TimerKind.Remind)
        {
            await notices.RemindAsync(db, round, task, timer, now, cancellation);
            return TimerState.Fired;
        }

        round.Escalate(task, now);
        await notices.EscalatedAsync(db, round, task, now, cancellation);
        if (task.EscalationLevel < ReviewTask.HighestEscalation)
        {
            db.ReviewTimers.Add(ReviewTimer.Of(task, TimerKind.Escalate, organisation.AfterWorkingDays(now, AgainAfterWorkingDays), now));
        }

        return TimerState.Fired;
    }

    private async Task<TimerState> OfFollowUpAsync(GovernanceDb db, ReviewTimer timer, DateTimeOffset now, CancellationToken cancellation)
    {
        var followUp = await db.ConditionFollowUps.AsNoTracking().SingleAsync(f => f.Id == timer.FollowUpId, cancellation);
        if (followUp.State is not FollowUpState.Open)
        {
            return TimerState.Dropped;
        }

        await notices.ConditionDueAsync(db, followUp, timer, now, cancellation);
        return TimerState.Fired;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The timer {Timer} ({Kind}) could not be done. The next sweep tries it again.")]
    private partial void LogFailed(Exception error, Guid timer, TimerKind kind);
}
