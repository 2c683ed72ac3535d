using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Lets run again: the first of two people asks, the second opens, the whole or a share of it first.</summary>
public sealed class ReleaseKillSwitch(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public Task<KillSwitch> RunAsync(SwitchScope scope, string target, string reason, Actor by, CancellationToken cancellation = default) =>
        RunAsync(scope, target, new ReleaseWish(reason), by, cancellation);

    public Task<KillSwitch> RunAsync(SwitchScope scope, string target, ReleaseWish wish, Actor by, CancellationToken cancellation = default) =>
        KeptAsync(scope, target, by, (killSwitch, authors, next, now) => killSwitch.ReleaseAsync(wish, authors, by, next, now), cancellation);

    /// <summary>The explicit step from a limited share to all requests.</summary>
    public Task<KillSwitch> OpenFullyAsync(SwitchScope scope, string target, ReleaseWish wish, Actor by, CancellationToken cancellation = default) =>
        KeptAsync(scope, target, by, (killSwitch, authors, next, now) => killSwitch.OpenFullyAsync(wish, authors, by, next, now), cancellation);

    private Task<KillSwitch> KeptAsync(
        SwitchScope scope, string target, Actor by, Func<KillSwitch, IReadOnlyCollection<string>, Func<Task<long>>, DateTimeOffset, Task> change,
        CancellationToken cancellation) =>
        RefusedAttempts.KeepAsync(databases, nameof(ReleaseKillSwitch), $"{scope}/{target}", by, clock, () => ChangeAsync(scope, target, by, change, cancellation));

    private async Task<KillSwitch> ChangeAsync(
        SwitchScope scope, string target, Actor by, Func<KillSwitch, IReadOnlyCollection<string>, Func<Task<long>>, DateTimeOffset, Task> change,
        CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.ReleaseSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        IReadOnlyCollection<string> authors = scope is SwitchScope.UseCase
            ? (await db.DemandUseCaseAsync(target, by, cancellation)).Writers
            : [];
        var now = clock.GetUtcNow();
        var killSwitch = await EngageKillSwitch.FindLockedAsync(db, scope, target, now, cancellation);
        var before = killSwitch.Generation;
        await change(killSwitch, authors, () => EnforcementGeneration.NextAsync(db, cancellation), now);
        if (killSwitch.Generation != before)
        {
            await QueuePush.ForSwitchAsync(db, scope, target, killSwitch.Generation, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return killSwitch;
    }
}
