using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// Does what timers are due for: reminds, and tells the CoE lead what is overdue. Several nodes sweep at once; a row that
/// one of them has is passed over by the others. Nothing is decided here, ever.
/// </summary>
public sealed class SweepReviewTimers(
    IDbContextFactory<GovernanceDb> databases, Organisation organisation, ReviewNotices notices, TimeProvider clock)
{
    private const int AgainAfterWorkingDays = 3;

    /// <param name="limit">Of timers in one sweep; the next one goes on.</param>
    /// <returns>How many timers were due.</returns>
    public async Task<int> RunAsync(int limit = 200, CancellationToken cancellation = default)
    {
        var done = 0;
        while (done < limit && (await NextOfTaskAsync(cancellation) || await NextOfFollowUpAsync(cancellation)))
        {
            done++;
        }

        return done;
    }

    // Locks the instance with the timer and waits for neither: a decision holds the instance first and would otherwise
    // wait for this timer while this waits for the instance.
    private async Task<bool> NextOfTaskAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var timer = await db.ReviewTimers
            .FromSql($"""
                select w.* from review_timer w join review_task t on t.id = w.task_id join wf.lane_instance i on i.id = t.instance_id
                where w.state = 'Pending' and w.due_at <= {now} order by w.due_at limit 1 for update of w, i skip locked
                """)
            .SingleOrDefaultAsync(cancellation);
        if (timer is null)
        {
            return false;
        }

        var task = await db.ReviewTasks.SingleAsync(t => t.Id == timer.TaskId, cancellation);
        var round = await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync(r => r.Id == task.RoundId, cancellation);
        if (task.State is not TaskState.Open || round.Status is not RoundStatus.Open)
        {
            timer.Finish(TimerState.Dropped, now);
        }
        else
        {
            timer.Finish(TimerState.Fired, now);
            await FireAsync(db, timer, task, round, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task FireAsync(GovernanceDb db, ReviewTimer timer, ReviewTask task, ApprovalRound round, DateTimeOffset now, CancellationToken cancellation)
    {
        if (timer.Kind is TimerKind.Remind)
        {
            await notices.RemindAsync(db, round, task, timer, now, cancellation);
            return;
        }

        round.Escalate(task, now);
        await notices.EscalatedAsync(db, round, task, now, cancellation);
        if (task.EscalationLevel < ReviewTask.HighestEscalation)
        {
            db.ReviewTimers.Add(ReviewTimer.Of(task, TimerKind.Escalate, organisation.AfterWorkingDays(now, AgainAfterWorkingDays), now));
        }
    }

    private async Task<bool> NextOfFollowUpAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var timer = await db.ReviewTimers
            .FromSql($"""
                select w.* from review_timer w join condition_follow_up f on f.id = w.follow_up_id
                where w.state = 'Pending' and w.due_at <= {now} order by w.due_at limit 1 for update of w, f skip locked
                """)
            .SingleOrDefaultAsync(cancellation);
        if (timer is null)
        {
            return false;
        }

        var followUp = await db.ConditionFollowUps.AsNoTracking().SingleAsync(f => f.Id == timer.FollowUpId, cancellation);
        timer.Finish(followUp.State is FollowUpState.Open ? TimerState.Fired : TimerState.Dropped, now);
        if (timer.State is TimerState.Fired)
        {
            await notices.ConditionDueAsync(db, followUp, timer, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }
}
