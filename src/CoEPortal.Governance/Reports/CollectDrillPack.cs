using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>One rehearsal, with what it stopped.</summary>
internal sealed class CollectDrillPack(OpenEntries open, TimeProvider clock)
{
    private const int MostEarlier = 20;
    private const int MostPoints = 500;

    public async Task<DrillPack> OfAsync(GovernanceDb db, DrillSubject subject, CancellationToken cancellation)
    {
        var drill = await db.Drills.SingleOrDefaultAsync(d => d.Id == subject.Id, cancellation) ?? throw new NotFoundException("drill", subject.Key);
        var points = await db.Database.SqlQuery<DrillPoint>(
            $"""
            select name "Name", is_gateway "IsGateway", after_ms "AfterMs" from drill_point where drill_id = {drill.Id}
            order by after_ms desc, name limit {MostPoints}
            """).ToListAsync(cancellation);
        var earlier = await db.Drills.Where(d => d.Target == drill.Target && d.ClickedAt < drill.ClickedAt)
            .OrderByDescending(d => d.ClickedAt).Take(MostEarlier).ToListAsync(cancellation);
        var isReal = drill.Kind is DrillKind.Real;
        var title = isReal ? await db.UseCases.Where(u => u.Key == drill.Target).Select(u => u.Title).SingleAsync(cancellation) : null;
        List<(string, string)> subjects = [("drill", subject.Key)];
        if (isReal)
        {
            subjects.Add(("kill-switch", $"{SwitchScope.UseCase}/{drill.Target}"));
        }

        var events = await CollectAuditPack.EventsAsync(db, open, subjects, cancellation);
        var log = await ProveEvents.OfAsync(db, open, subject, events, null, cancellation);
        var stop = (await SwitchPeriod.WithEffectsAsync(
            db, [.. SwitchPeriod.Of(events).Where(p => p.Generation == drill.Generation)], cancellation)).SingleOrDefault();
        return new DrillPack(subject, clock.GetUtcNow(), drill, title, points, earlier, stop, Shown(events, drill, stop), events) { Log = log };
    }

    /// <summary>What belongs to this stop; the other events of its switch are only attached, so that none is missing there.</summary>
    private static List<TimelineEntry> Shown(List<TimelineEntry> events, Drill drill, SwitchPeriod? stop) =>
    [
        .. events.Where(e => e.SubjectType == "drill" || stop is not null && e.OccurredAt >= stop.Engaged.OccurredAt
            && (stop.Released is null || e.OccurredAt <= stop.Released.OccurredAt)).OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId),
    ];
}
