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
            var opinions = await OpinionMinutes.ReadAsync(db, criterion.UseCaseKey, after.AddMinutes(1), until.AddMinutes(1), cancellation);
            return new(opinions.ToDictionary(o => o.Minute, o => o.Figures));
        }

        var minutes = await db.Database.SqlQuery<MinuteRow>(
            $"""
            select minute "Minute", calls "Calls", failed "Failed", unmetered "Unmetered", guarded "Guarded", priced "Priced", cost "Cost",
              tasks "Tasks", task_cost "TaskCost" from telemetry.criterion_minute
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
            Tasks = m.Tasks,
            TaskCost = m.TaskCost,
            Latency = byMinute[m.Minute].ToDictionary(l => (int)l.Bucket, l => l.Calls),
        }));
    }

    private sealed record MinuteRow(DateTime Minute, long Calls, long Failed, long Unmetered, long Guarded, long Priced, decimal Cost, long Tasks, decimal TaskCost);

    private sealed record LatencyRow(DateTime Minute, short Bucket, long Calls);
}
