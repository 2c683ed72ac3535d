using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>A delegation as a list shows it.</summary>
/// <param name="UseCaseKey">Null: every task of the function.</param>
public sealed record DelegationRow(Delegation Delegation, string? UseCaseKey, bool HoldsToday)
{
    public bool HasEnded(DateOnly today) => Delegation.RevokedAt is not null || Delegation.EndsOn < today;
}

/// <summary>Who stands in for whom: what a person has given and what they were given.</summary>
public sealed class Delegations(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <summary>Those in force or to come first, then the latest.</summary>
    public async Task<Page<DelegationRow>> OfAsync(Actor person, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var me = person.Id.Value;
        var today = organisation.DayOf(clock.GetUtcNow());
        return await (
            from delegation in db.Delegations.AsNoTracking()
            join task in db.ReviewTasks on delegation.TaskId equals task.Id into tasks
            from task in tasks.DefaultIfEmpty()
            where delegation.FromId == me || delegation.ToId == me
            let isOver = delegation.RevokedAt != null || delegation.EndsOn < today
            orderby isOver, delegation.CreatedAt descending, delegation.Id
            select new DelegationRow(delegation, task == null ? null : task.UseCaseKey, !isOver && delegation.StartsOn <= today))
            .ToPageAsync(page, size, cancellation);
    }

    /// <summary>Colleagues of a function who could stand in, by name; for a task without those who cannot decide on it.</summary>
    public async Task<IReadOnlyList<Actor>> CandidatesAsync(Role function, Guid? taskId, Actor person, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var colleagues = await db.People.AsNoTracking()
            .Where(p => p.IsActive && p.Id != person.Id.Value && p.Roles.Contains(function)).OrderBy(p => p.Name).Take(200).ToListAsync(cancellation);
        var round = taskId is null ? null : await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions)
            .SingleOrDefaultAsync(r => db.ReviewTasks.Any(t => t.Id == taskId && t.RoundId == r.Id), cancellation);
        return [.. colleagues.Where(p => round is null || !round.Authors.Contains(p.Id) && !round.HasSigned(p.Id)).Select(p => p.Actor)];
    }
}
