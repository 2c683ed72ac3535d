using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Reports;

/// <summary>One rehearsal of a stop: each step against the objective, each enforcement point, and what got through.</summary>
/// <param name="Points">The slowest first.</param>
/// <param name="Earlier">Drills of the same target before this one, newest first.</param>
/// <param name="Stop">The switch that a drill for real engaged; null for the canary, which is no switch.</param>
/// <param name="Title">Of the use case; null for the canary.</param>
public sealed record DrillPack(
    DrillSubject About,
    DateTimeOffset CollectedAt,
    Drill Drill,
    string? Title,
    IReadOnlyList<DrillPoint> Points,
    IReadOnlyList<Drill> Earlier,
    SwitchPeriod? Stop,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<TimelineEntry> Events)
    : AuditPack(About, CollectedAt, Timeline, Timeline.Count, Events)
{
    public override EvidenceBundle ToBundle(string generator, string logKey) => base.ToBundle(generator, logKey) with
    {
        Drill = new BundleDrill(
            Drill.Target, Drill.ObjectiveMs, Drill.Generation, Drill.ClickedAt, Drill.CommittedAt, Drill.NodesAt, Drill.GatewaysAt, Drill.DeniedAt,
            Drill.LeakedCalls, Drill.LeakedCost, [.. Drill.Silent],
            [.. Points.Select(p => new BundleDrillPoint(p.Name, p.IsGateway, (decimal)Math.Round(p.AfterMs, 3)))]),
    };
}
