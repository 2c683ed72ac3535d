using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Persistence;

/// <summary>
/// Numbers the states of enforcement. The row stays locked until the transaction ends, so generations commit in order:
/// a bare sequence would let 8 commit before 7, and an enforcer that holds 8 would then refuse 7 as old.
/// An approval needs none of this: the database gives it its number at the commit, whoever made it.
/// </summary>
internal static class EnforcementGeneration
{
    /// <summary>
    /// Saves, and numbers what was saved. In this order: whoever holds the number keeps all others from theirs, so nothing
    /// is left to do but commit, and nobody who holds it waits for a row of somebody who waits for it.
    /// </summary>
    /// <returns>The number.</returns>
    public static async Task<long> SaveAsync(GovernanceDb db, CancellationToken cancellation)
    {
        await db.SaveChangesAsync(cancellation);
        return await NextAsync(db, cancellation);
    }

    /// <summary>For a number that is itself saved, as with a switch: rows that others save with a number are not touched after it.</summary>
    public static async Task<long> NextAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var generation = await db.Database.SqlQuery<long>($"select next_enforcement_generation() as \"Value\"").ToListAsync(cancellation);
        return generation[0];
    }
}
