using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>The owner of a condition reports that it is met; the function that set it agrees, sends it back, or moves it.</summary>
public sealed class SeeToCondition(
    IDbContextFactory<GovernanceDb> databases, SettleReview settlement, Organisation organisation, ReviewNotices notices, TimeProvider clock)
{
    public Task ReportAsync(Guid id, string report, Actor owner, CancellationToken cancellation = default) => ChangeAsync(
        id, owner,
        async (db, followUp, _, now) =>
        {
            followUp.ReportMet(report, owner, now);
            await DropTimersAsync(db, followUp, now, cancellation);
            await notices.ConditionReportedAsync(db, followUp, now, cancellation);
        },
        cancellation);

    public Task AcceptAsync(Guid id, Actor reviewer, CancellationToken cancellation = default) => ChangeAsync(
        id, reviewer,
        (_, followUp, _, now) =>
        {
            followUp.Accept(reviewer, now);
            return Task.CompletedTask;
        },
        cancellation);

    public Task SendBackAsync(Guid id, string reason, Actor reviewer, CancellationToken cancellation = default) => ChangeAsync(
        id, reviewer,
        async (db, followUp, _, now) =>
        {
            followUp.SendBack(reason, reviewer, now);
            settlement.Schedule(db, followUp, now);
            await notices.ConditionSentBackAsync(db, followUp, reason, now, cancellation);
        },
        cancellation);

    /// <summary>Gives the condition another owner or another day.</summary>
    public Task MoveAsync(Guid id, PersonId owner, DateOnly dueOn, string reason, Actor reviewer, CancellationToken cancellation = default) => ChangeAsync(
        id, reviewer,
        async (db, followUp, subject, now) =>
        {
            var named = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == owner.Value && p.IsActive, cancellation);
            followUp.Move(ConditionFollowUp.DemandOwner(named?.Actor, subject), dueOn, reason, reviewer, organisation.DayOf(now), now);
            await DropTimersAsync(db, followUp, now, cancellation);
            settlement.Schedule(db, followUp, now);
            await notices.ConditionsOpenedAsync(db, [followUp], now, cancellation);
        },
        cancellation);

    private async Task ChangeAsync(
        Guid id, Actor person, Func<GovernanceDb, ConditionFollowUp, Subject, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var followUp = await db.ConditionFollowUps.FromSql($"select * from condition_follow_up where id = {id} for update").SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("condition", id.ToString());
        var subject = await db.DemandReadableAsync(followUp.UseCaseKey, person, cancellation);
        await change(db, followUp, subject, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static Task DropTimersAsync(GovernanceDb db, ConditionFollowUp followUp, DateTimeOffset now, CancellationToken cancellation) =>
        db.ReviewTimers.Where(t => t.FollowUpId == followUp.Id && t.State == TimerState.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.State, TimerState.Dropped).SetProperty(t => t.DoneAt, now), cancellation);
}
