using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Stops. One person is enough, and nothing but the database has to work.</summary>
public sealed class EngageKillSwitch(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<KillSwitch> RunAsync(
        SwitchScope scope, string target, SwitchMode mode, string reason, string message, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (scope is SwitchScope.UseCase)
        {
            var useCase = await db.DemandUseCaseAsync(target, by, cancellation);
            AccessPolicy.Demand(by, Permission.EngageSwitches, useCase.Subject);
        }
        else
        {
            AccessPolicy.Demand(by, Permission.EngageSwitches);
            Refuse.If(AccessPolicy.OnlyOwnUnit(by, Permission.EngageSwitches), "not-permitted", "An operator stops their own use cases. Ask Security, Risk, Privacy, Legal or a CoE lead to stop more.");
        }

        var killSwitch = await EngageAsync(db, scope, target, mode, reason, message, by, clock.GetUtcNow(), cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return killSwitch;
    }

    /// <summary>As part of a transaction that somebody else commits, such as the ingest of the call that broke a budget.</summary>
    internal static async Task<KillSwitch> EngageAsync(
        GovernanceDb db, SwitchScope scope, string target, SwitchMode mode, string reason, string message, Actor by, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var killSwitch = await FindLockedAsync(db, scope, target, now, cancellation);
        Refuse.If(mode is not SwitchMode.Stop, "mode-not-available", "Only stopping is available so far: degrading and rolling back need an approved fallback, which cannot be named yet.");
        // Refuse before the generation is raised: a refused click must not make every enforcer reload.
        var generation = killSwitch.IsEngaged ? killSwitch.Generation : await EnforcementGeneration.NextAsync(db, cancellation);
        killSwitch.Engage(mode, reason, message, by, generation, now);
        return killSwitch;
    }

    internal static async Task<KillSwitch> FindLockedAsync(
        GovernanceDb db, SwitchScope scope, string target, DateTimeOffset now, CancellationToken cancellation)
    {
        Refuse.If(target.Length is 0 or > 200 || target.Any(char.IsControl), "target-required", "Name what is to be stopped, in at most 200 characters.");
        target = scope is SwitchScope.All ? KillSwitch.Everything : target;
        var name = scope.ToString();
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({name + "/" + target}, 0))", cancellation);
        var killSwitch = db.KillSwitches.Local.SingleOrDefault(s => s.Scope == scope && s.Target == target)
            ?? await db.KillSwitches.SingleOrDefaultAsync(s => s.Scope == scope && s.Target == target, cancellation);
        if (killSwitch is null)
        {
            killSwitch = KillSwitch.For(scope, target, now);
            db.KillSwitches.Add(killSwitch);
        }

        return killSwitch;
    }
}
