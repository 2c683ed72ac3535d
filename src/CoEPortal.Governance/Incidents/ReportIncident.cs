using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Anybody reports. Whoever is on duty is told in the same transaction.</summary>
public sealed class ReportIncident(IDbContextFactory<GovernanceDb> databases, IncidentNotices notices, TimeProvider clock)
{
    public async Task<Incident> RunAsync(IncidentReport report, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ReportIncidents);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var incident = await AddAsync(db, report.Checked(now), by, now, cancellation);
        await IncidentScope.DemandKnownAsync(db, incident.UseCaseKeys, by, cancellation);
        await db.SaveChangesAsync(cancellation);
        await notices.ReportedAsync(db, incident, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }

    internal static async Task<Incident> AddAsync(GovernanceDb db, IncidentReport report, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var number = await db.Database.SqlQuery<long>($"select nextval('incident_number') as \"Value\"").SingleAsync(cancellation);
        var incident = Incident.Report(FormattableString.Invariant($"INC-{number:0000}"), report, by, now);
        db.Incidents.Add(incident);
        return incident;
    }
}
