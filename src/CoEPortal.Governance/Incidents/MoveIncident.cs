using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Contains, resolves, closes, dismisses or opens again. Closing is held by what is not followed to its end.</summary>
public sealed class MoveIncident(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    public async Task<Incident> RunAsync(string key, IncidentState to, string reason, Actor by, int? version = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, version, cancellation);
        var now = clock.GetUtcNow();
        incident.Move(to, reason, by, now);
        await db.SaveChangesAsync(cancellation);
        await TriageIncident.WatchAsync(db, _watch, incident, isNew: false, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }
}
