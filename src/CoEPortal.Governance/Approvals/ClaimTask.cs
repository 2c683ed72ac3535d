using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Somebody takes a task of their function, gives it back, or takes it over from a colleague who cannot decide.</summary>
public sealed class ClaimTask(IDbContextFactory<GovernanceDb> databases, ReviewNotices notices, TimeProvider clock)
{
    /// <param name="takeOver">Also when a colleague has taken it; they are told.</param>
    public Task RunAsync(Guid taskId, bool takeOver, Actor person, CancellationToken cancellation = default) => ChangeAsync(
        taskId, person,
        async (db, review, task, now) =>
        {
            var before = task.AssigneeId;
            review.Round.Claim(task, person, takeOver, now);
            if (before is not null)
            {
                await notices.TakenOverAsync(db, review.Round, task, before, now, cancellation);
            }
        },
        cancellation);

    public Task ReleaseAsync(Guid taskId, Actor person, CancellationToken cancellation = default) => ChangeAsync(
        taskId, person,
        (_, review, task, now) =>
        {
            review.Round.Release(task, person, now);
            return Task.CompletedTask;
        },
        cancellation);

    private async Task ChangeAsync(
        Guid taskId, Actor person, Func<GovernanceDb, LockedReview, ReviewTask, DateTimeOffset, Task> change, CancellationToken cancellation)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var review = await LockedReview.OfTaskAsync(db, taskId, cancellation);
        review.DemandReadable(person);
        await change(db, review, review.Task(taskId), clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
