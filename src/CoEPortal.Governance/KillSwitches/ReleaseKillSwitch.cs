using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Lets run again: the first of two people asks, the second opens.</summary>
public sealed class ReleaseKillSwitch(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<KillSwitch> RunAsync(SwitchScope scope, string target, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ReleaseSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        IReadOnlyCollection<string> authors = scope is SwitchScope.UseCase
            ? (await db.DemandUseCaseAsync(target, by, cancellation)).Editors
            : [];
        var now = clock.GetUtcNow();
        var killSwitch = await EngageKillSwitch.FindLockedAsync(db, scope, target, now, cancellation);
        await killSwitch.ReleaseAsync(reason, authors, by, () => EnforcementGeneration.NextAsync(db, cancellation), now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return killSwitch;
    }
}
