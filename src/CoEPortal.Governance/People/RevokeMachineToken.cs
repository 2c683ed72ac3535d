using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>Takes the keys of a machine away. Every node refuses them as soon as it hears of it, within a second at most.</summary>
public sealed class RevokeMachineToken(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <returns>How many tokens of that name were still good.</returns>
    public async Task<int> RunAsync(string name, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTokens);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var tokens = await db.MachineTokens.Where(t => t.Name == name && t.RevokedAt == null).ToListAsync(cancellation);
        if (tokens.Count == 0)
        {
            throw new NotFoundException("token", name);
        }

        foreach (var token in tokens)
        {
            token.Revoke(by, clock.GetUtcNow());
        }

        // In the same transaction: a node that misses the notification still finds the new generation within a second.
        await EnforcementGeneration.SaveAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
        return tokens.Count;
    }
}
