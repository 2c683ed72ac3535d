using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Stops from an incident: the switch and the incident know each other from the same transaction on.</summary>
public sealed class StopFromIncident(IDbContextFactory<GovernanceDb> databases, EngageKillSwitch engage, TimeProvider clock)
{
    /// <summary>Who may stop is asked as for every stop; who handles the incident, of this one.</summary>
    public Task<KillSwitch> RunAsync(string key, SwitchScope scope, string target, Engagement wanted, Actor by, CancellationToken cancellation = default) =>
        engage.RunAsync(scope, target, wanted, by, async (db, killSwitch) =>
        {
            var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, null, cancellation);
            Refuse.If(!incident.IsUnderWay, "incident-over", $"{key} is {incident.State.ToString().ToLowerInvariant()}. Stop it from the console, or report a new incident.");
            incident.Link(killSwitch, by, clock.GetUtcNow());
        }, cancellation);

    /// <summary>Links a stop that was made before or elsewhere.</summary>
    public async Task<Incident> LinkAsync(string key, SwitchScope scope, string target, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, null, cancellation);
        target = scope is SwitchScope.All ? KillSwitch.Everything : target;
        if (scope is SwitchScope.UseCase)
        {
            await db.DemandReadableAsync(target, by, cancellation);
        }

        var killSwitch = await db.KillSwitches.SingleOrDefaultAsync(s => s.Scope == scope && s.Target == target, cancellation) ?? throw new NotFoundException("switch", target);
        Refuse.If(!killSwitch.IsEngaged, "not-engaged", "This switch is not engaged, so there is nothing to link.");
        Refuse.If(killSwitch.IncidentKey is not null, "already-linked", $"This stop belongs to {killSwitch.IncidentKey} already.");
        incident.Link(killSwitch, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }
}
