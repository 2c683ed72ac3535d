using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>The database was older than what a node had seen of it: it was restored, or another one answers.</summary>
public sealed record EnforcementRecovered(long Found, long Remembered, long RaisedTo, IReadOnlyList<string> EngagedAgain, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At);

/// <summary>
/// After a database was restored: raises the generation beyond all that gateways have seen, or they would refuse every later
/// state as old; and engages again what a node remembers as engaged, so that a backup never releases a switch.
/// </summary>
public sealed class RecoverGeneration(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <returns>What was done; null when another node did it already, or nothing is to be done.</returns>
    public async Task<EnforcementRecovered?> RunAsync(EnforcementSnapshot remembered, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        // Switches before the generation, in the order in which everybody else locks them.
        var held = new List<(KillSwitch Switch, EngagedSwitch Remembered)>();
        foreach (var (scope, target, engaged) in EngagedIn(remembered))
        {
            held.Add((await EngageKillSwitch.FindLockedAsync(db, scope, target, now, cancellation), engaged));
        }

        var found = await RaiseGeneration.LockAsync(db, cancellation);
        if (found >= remembered.Generation)
        {
            return null;
        }

        var raisedTo = remembered.Generation + RaiseGeneration.Leap;
        var again = new List<string>();
        foreach (var (killSwitch, engaged) in held.Where(h => h.Switch.State is SwitchState.Released || h.Switch.State is SwitchState.Limited && h.Remembered.Share == 0))
        {
            // Out of the share that the older state lets through there is no way but a full stop.
            killSwitch.Engage(killSwitch.MayBecome(WantedOf(engaged).Mode) ? WantedOf(engaged) : WantedOf(engaged) with { Mode = SwitchMode.Stop }, RaiseGeneration.Rule, raisedTo, now);
            again.Add($"{killSwitch.Scope}/{killSwitch.Target}");
        }

        var happened = new EnforcementRecovered(found, remembered.Generation, raisedTo, again, RaiseGeneration.Rule, now);
        await RaiseGeneration.SaveAsync(db, raisedTo, happened, cancellation);
        await transaction.CommitAsync(cancellation);
        return happened;
    }

    private static Engagement WantedOf(EngagedSwitch engaged)
    {
        // Stopping needs nothing that the restored database may have lost.
        var mode = engaged.Mode is SwitchMode.Degrade ? SwitchMode.Degrade : SwitchMode.Stop;
        return new Engagement(mode, "It was engaged when the database was restored to an earlier state, which did not know it.", engaged.Message, FallbackModel: engaged.FallbackModel);
    }

    private static IEnumerable<(SwitchScope, string, EngagedSwitch)> EngagedIn(EnforcementSnapshot remembered) =>
    [
        .. remembered.Everything is { } everything ? [(SwitchScope.All, KillSwitch.Everything, everything)] : Array.Empty<(SwitchScope, string, EngagedSwitch)>(),
        .. remembered.Gateways.Select(g => (SwitchScope.Gateway, g.Key, g.Value)),
        .. remembered.Models.Select(m => (SwitchScope.Model, m.Key, m.Value)),
        .. remembered.UseCases.Values.Where(u => u.Stopped is not null && u.Key != StartDrill.Canary).Select(u => (SwitchScope.UseCase, u.Key, u.Stopped!)),
    ];
}
