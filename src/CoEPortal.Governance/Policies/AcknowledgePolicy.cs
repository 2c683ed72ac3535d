using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Policies;

/// <summary>A person says that they have read a version and follow it. Once; a second click changes nothing.</summary>
public sealed class AcknowledgePolicy(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<Acknowledgement> RunAsync(string policy, int number, string contentHash, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.FollowPolicies);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await db.PolicyVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Policy == policy && v.Number == number, cancellation)
            ?? throw new NotFoundException("policy", FormattableString.Invariant($"{policy}/{number}"));
        var read = Acknowledgement.Of(version, contentHash, by, clock.GetUtcNow());
        // Two clicks at once: the second waits and finds the first.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"acknowledge/{policy}/{number}/{by.Id.Value}"}, 0))", cancellation);
        if (await db.Acknowledgements.AsNoTracking().SingleOrDefaultAsync(a => a.Policy == policy && a.Number == number && a.PersonId == by.Id.Value, cancellation) is { } known)
        {
            return known;
        }

        db.Acknowledgements.Add(read);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return read;
    }
}
