using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>
/// Says how bad an incident is, and again when more is known. In the same transaction the clocks start that its facts ask for; a
/// severe one locks the evidence of its use cases, and stops those whose approved one-pager promises it.
/// </summary>
public sealed class TriageIncident(
    IDbContextFactory<GovernanceDb> databases, PublishClockRules rules, IncidentNotices notices, Organisation organisation, TimeProvider clock)
{
    /// <summary>Kept before the moment it occurred, since causes lie there.</summary>
    public static readonly TimeSpan LookBack = TimeSpan.FromDays(7);

    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="version">What they saw: a change in between is refused. Null does not ask.</param>
    public async Task<Incident> RunAsync(string key, IncidentTriage triage, Actor by, int? version = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, version, cancellation);
        await IncidentScope.DemandKnownAsync(db, triage.UseCaseKeys.Except(incident.UseCaseKeys), by, cancellation);
        var now = clock.GetUtcNow();
        var wasSevere = incident.IsOpenAndSevere;
        incident.Triage(triage, by, now);
        var inForce = await rules.InForceAsync(db, now, cancellation);
        if (inForce is not null)
        {
            incident.StartClocks(inForce.For(incident, await IncidentScope.UseCasesAsync(db, incident, cancellation), organisation), inForce.Version, by, now);
        }

        if (incident.IsOpenAndSevere)
        {
            foreach (var useCase in incident.UseCaseKeys.Where(u => !incident.Locks.Any(l => l.UseCaseKey == u && l.LiftedAt is null)).ToList())
            {
                var from = incident.OccurredAt - LookBack;
                incident.Lock(useCase, from, null, await EvidenceManifest.OfAsync(db, useCase, from, null, now, cancellation), by, now);
            }
        }

        await db.SaveChangesAsync(cancellation);
        await WatchAsync(db, _watch, incident, incident.IsOpenAndSevere && !wasSevere, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        if (incident.IsOpenAndSevere && !wasSevere)
        {
            await notices.SevereAsync(db, incident, now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return incident;
    }

    /// <summary>Judges the kill criterion “a severe incident is open” of the incident's use cases, and links what it stops.</summary>
    internal static async Task WatchAsync(GovernanceDb db, WatchCriteria watch, Incident incident, bool isNew, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var useCase in incident.UseCaseKeys.Order(StringComparer.Ordinal))
        {
            var isOpen = incident.IsOpenAndSevere || await db.Incidents.AnyAsync(
                i => i.Id != incident.Id && i.UseCaseKeys.Contains(useCase) && (i.State == IncidentState.Open || i.State == IncidentState.Contained)
                    && (i.Severity == IncidentSeverity.Serious || i.Severity == IncidentSeverity.Critical), cancellation);
            if (await watch.IncidentAsync(db, useCase, incident.Key, isOpen, isNew, cancellation) is { } stopped)
            {
                incident.Link(stopped, Actor.Rule(stopped.EngagedByName!), now);
            }
        }
    }
}
