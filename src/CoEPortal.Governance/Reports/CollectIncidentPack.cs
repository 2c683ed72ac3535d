using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>One incident, with the switches that belong to it.</summary>
internal sealed class CollectIncidentPack(OpenEntries open, TimeProvider clock)
{
    public async Task<IncidentPack> OfAsync(GovernanceDb db, IncidentSubject subject, CancellationToken cancellation)
    {
        var incident = await IncidentScope.WithParts(db.Incidents).SingleOrDefaultAsync(i => i.Key == subject.Key, cancellation) ?? throw new NotFoundException("incident", subject.Key);
        var entries = await db.Set<IncidentEntry>().Where(e => e.IncidentId == incident.Id).OrderBy(e => e.Number).Take(CollectAuditPack.MostTimelineEntries).ToListAsync(cancellation);
        List<(string, string)> subjects = [("incident", incident.Key), .. incident.Switches.Select(s => ("kill-switch", $"{s.Scope}/{s.Target}")).Distinct()];
        var events = await CollectAuditPack.EventsAsync(db, open, subjects, cancellation);
        var log = await ProveEvents.OfAsync(db, open, subject, events, null, cancellation);
        var generations = incident.Switches.Select(s => s.Generation).ToHashSet();
        var switches = await SwitchPeriod.WithEffectsAsync(db, [.. SwitchPeriod.Of(events).Where(p => generations.Contains(p.Generation))], cancellation);
        var now = clock.GetUtcNow();
        return new IncidentPack(
            subject, now, incident, await IncidentScope.UseCasesAsync(db, incident, cancellation), entries, incident.EntryCount, switches, now, Shown(events, switches), events)
        { Log = log };
    }

    /// <summary>The incident's own events, and of its switches what belongs to its stops; the rest is only attached, so that none is missing there.</summary>
    private static List<TimelineEntry> Shown(List<TimelineEntry> events, IReadOnlyList<SwitchPeriod> switches) =>
    [
        .. events.Where(e => e.SubjectType == "incident" || switches.Any(p => p.Engaged.SubjectKey == e.SubjectKey && e.OccurredAt >= p.Engaged.OccurredAt
            && (p.Released is null || e.OccurredAt <= p.Released.OccurredAt))).OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId),
    ];
}
