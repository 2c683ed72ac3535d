using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A reviewer names who decides for them: on one task, or on all they have taken, for some days.</summary>
public sealed class DelegateReview(
    IDbContextFactory<GovernanceDb> databases, Organisation organisation, ReviewNotices notices, TimeProvider clock)
{
    private const int MostInForce = 20;

    /// <param name="taskId">Null: every task of the function. A task that nobody has taken becomes the person's own first.</param>
    public async Task<Delegation> RunAsync(
        Guid? taskId, Role function, PersonId to, DateOnly startsOn, DateOnly endsOn, string reason, Actor person, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var today = organisation.DayOf(now);
        var named = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == to.Value && p.IsActive, cancellation);
        Refuse.If(named is null, "delegate-unknown", "This person is not known here. Choose somebody from the list.");

        var task = taskId is { } id ? await OwnTaskAsync(db, id, named.Actor, person, now, cancellation) : null;
        var delegation = Delegation.Give(person, named.Actor, task?.Function ?? function, task, startsOn, endsOn, reason, today, now);
        var inForce = await db.Delegations.CountAsync(d => d.FromId == person.Id.Value && d.RevokedAt == null && d.EndsOn >= today, cancellation);
        Refuse.If(inForce >= MostInForce, "too-many-delegations", $"You have {MostInForce} delegations already. End one first.");
        db.Delegations.Add(delegation);
        await notices.DelegatedAsync(db, delegation, task, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return delegation;
    }

    public async Task RevokeAsync(Guid delegationId, Actor person, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var delegation = await db.Delegations.SingleOrDefaultAsync(d => d.Id == delegationId, cancellation)
            ?? throw new NotFoundException("delegation", delegationId.ToString());
        var useCaseKey = await db.ReviewTasks.Where(t => t.Id == delegation.TaskId).Select(t => t.UseCaseKey).SingleOrDefaultAsync(cancellation);
        delegation.Revoke(person, useCaseKey, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
    }

    private static async Task<ReviewTask> OwnTaskAsync(
        GovernanceDb db, Guid taskId, Actor to, Actor person, DateTimeOffset now, CancellationToken cancellation)
    {
        var review = await LockedReview.OfTaskAsync(db, taskId, cancellation);
        review.DemandReadable(person);
        var task = review.Task(taskId);
        Refuse.If(review.Round.Authors.Contains(to.Id.Value), "delegate-is-author", $"{to.Name} {review.Round.HadAHandInIt}, so they cannot decide on it. Choose somebody else.");
        Refuse.If(review.Round.HasSigned(to.Id.Value), "delegate-decided", $"{to.Name} has already decided in this round. Each function needs another person.");
        if (task.AssigneeId != person.Id.Value)
        {
            review.Round.Claim(task, person, takeOver: false, now);
        }

        return task;
    }
}
