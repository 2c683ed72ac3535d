using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>What a gate of one use case is judged by.</summary>
internal sealed record GateReading(Lane? Lane, GateRules Rules, IReadOnlyList<OwnMetric> Own, IReadOnlyList<RedTeamFinding> Findings, IReadOnlyList<PipelineKey> Keys)
{
    private const int MostResults = 200;

    public static async Task<GateReading> OfAsync(GovernanceDb db, string useCaseKey, GateRules rules, CancellationToken cancellation)
    {
        // Of what is in force: a draft that calls itself harmless must not loosen the gate of what runs.
        var lane = await db.UseCases.AsNoTracking().Where(u => u.Key == useCaseKey)
            .SelectMany(u => u.Revisions.Where(r => r.Number == (u.ApprovedRevision ?? u.LatestRevision))).Select(r => r.Assessment).SingleOrDefaultAsync(cancellation);
        var own = await db.OwnMetrics.AsNoTracking().Where(m => m.UseCaseKey == useCaseKey).ToListAsync(cancellation);
        var findings = await db.RedTeamFindings.AsNoTracking().Where(f => f.UseCaseKey == useCaseKey && f.State != FindingState.Closed).OrderByDescending(f => f.ReportedAt).Take(MostResults).ToListAsync(cancellation);
        var keys = await db.PipelineKeys.AsNoTracking().SpeakingFor(useCaseKey).ToListAsync(cancellation);
        return new GateReading(lane?.Lane, rules, own, findings, keys);
    }

    public IReadOnlyList<Suite> Required(Component component) => Lane is { } lane ? Rules.RequiredFor(lane, component, Own) : [];

    public async Task<GateCheck> CheckAsync(
        GovernanceDb db, string useCaseKey, VersionPointer which, string artefactHash, Organisation organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        // The newest of each suite for this very artefact, signed and not, and of another for the sentence that says so.
        var results = await db.GateResults.FromSql(
            $"""
            select distinct on (r.suite, r.is_this, r.is_vouched_for) r.*
            from (select g.*, g.artefact_hash = {artefactHash} as is_this,
                exists (select from pipeline_key k where k.id = g.key_id and (k.distrusted_from is null or g.received_at < k.distrusted_from)) as is_vouched_for
              from gate_result g
              where g.use_case_key = {useCaseKey} and g.component = {which.Component.ToString()} and g.artefact = {which.Name}) r
            order by r.suite, r.is_this, r.is_vouched_for, r.evaluated_at desc, r.id desc
            """).AsNoTracking().ToListAsync(cancellation);
        return GateCheck.Of(which, artefactHash, Rules, Required(which.Component), results, Findings, Keys, now, organisation.DayOf(now));
    }
}
