using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Persistence;

/// <summary>
/// Numbers the states of enforcement. The row stays locked until the transaction ends, so generations commit in order:
/// a bare sequence would let 8 commit before 7, and an enforcer that holds 8 would then refuse 7 as old.
/// </summary>
internal static class EnforcementGeneration
{
    public static async Task<long> NextAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var generation = await db.Database
            .SqlQuery<long>($"update enforcement_generation set value = value + 1 returning value as \"Value\"")
            .ToListAsync(cancellation);
        // Delivered when the transaction commits, and only then.
        await db.Database.ExecuteSqlAsync($"select pg_notify('enforcement_changed', {generation[0]}::text)", cancellation);
        return generation[0];
    }
}
