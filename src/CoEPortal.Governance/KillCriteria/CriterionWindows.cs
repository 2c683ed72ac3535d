using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>The figures of each minute that a criterion with a window looks at.</summary>
internal static class CriterionWindows
{
    public static async Task<SortedDictionary<DateTime, WindowFigures>> ReadAsync(
        GovernanceDb db, WatchedCriterion criterion, DateTime after, DateTime until, CancellationToken cancellation)
    {
        if (criterion.Criterion.Kind is KillCriterionKind.NegativeFeedback)
        {
            var opinions = await db.Database.SqlQuery<OpinionRow>(
                $"""
                select date_trunc('minute', given_at, 'UTC') "Minute", count(*) "Opinions", count(*) filter (where opinion = 'Negative') "Negative" from user_feedback
                where use_case_key = {criterion.UseCaseKey} and given_at >= {after.AddMinutes(1)} and given_at < {until.AddMinutes(1)} group by 1
                """).ToListAsync(cancellation);
            return new(opinions.ToDictionary(o => o.Minute, o => WindowFigures.None with { Opinions = o.Opinions, NegativeOpinions = o.Negative }));
        }

        var minutes = await db.Database.SqlQuery<MinuteRow>(
            $"""
            select minute "Minute", calls "Calls", failed "Failed", unmetered "Unmetered", guarded "Guarded", priced "Priced", cost "Cost" from telemetry.criterion_minute
            where use_case_key = {criterion.UseCaseKey} and minute > {after} and minute <= {until}
            """).ToListAsync(cancellation);
        var latency = criterion.Criterion.Kind is not KillCriterionKind.Latency ? [] : await db.Database.SqlQuery<LatencyRow>(
            $"""
            select minute "Minute", bucket "Bucket", calls "Calls" from telemetry.criterion_latency
            where use_case_key = {criterion.UseCaseKey} and minute > {after} and minute <= {until}
            """).ToListAsync(cancellation);
        var byMinute = latency.ToLookup(l => l.Minute);
        return new(minutes.ToDictionary(m => m.Minute, m => new WindowFigures(m.Calls, m.Failed, m.Unmetered, m.Priced, m.Cost)
        {
            Guarded = m.Guarded,
            Latency = byMinute[m.Minute].ToDictionary(l => (int)l.Bucket, l => l.Calls),
        }));
    }

    private sealed record OpinionRow(DateTime Minute, long Opinions, long Negative);

    private sealed record MinuteRow(DateTime Minute, long Calls, long Failed, long Unmetered, long Guarded, long Priced, decimal Cost);

    private sealed record LatencyRow(DateTime Minute, short Bucket, long Calls);
}
