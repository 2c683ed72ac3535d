using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Adoption;

/// <summary>Measures what a phase asks for. With too little to go by a reading is unknown, not good.</summary>
public static class PhaseReadings
{
    public const int FeedbackDays = 28;
    public const int CallDays = 7;
    public const int EnoughOpinions = 5;
    public const int EnoughCalls = 20;

    internal static async Task<PhaseReading> OfAsync(GovernanceDb db, Rollout rollout, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        if (rollout.Current is not { } phase)
        {
            return new(null, null, null);
        }

        return new(
            phase.TrainedPercent is null ? null : await TrainedAsync(db, rollout, phase.Share, today, cancellation),
            phase.MostNegativePercent is null ? null : await NegativeAsync(db, rollout.UseCaseKey, now.AddDays(-FeedbackDays), cancellation),
            phase.MostFailedPercent is null ? null : await FailedAsync(db, rollout.UseCaseKey, now.AddDays(-CallDays), cancellation));
    }

    /// <summary>Of the course that fewest hold; null where no course is required, or no cohort has started. The register does not know who is in which cohort.</summary>
    private static async Task<int?> TrainedAsync(GovernanceDb db, Rollout rollout, int share, DateOnly today, CancellationToken cancellation)
    {
        var people = (int)Math.Ceiling(rollout.Cohorts.Where(c => c.StartsOn <= today).Sum(c => (decimal)c.Eligible) * share / 100);
        var key = rollout.UseCaseKey;
        var holders = await db.Database.SqlQuery<int>(
            $"""
            select count(distinct coalesce(t.person_id, encode(t.learner, 'hex'))) filter (where t.withdrawn_at is null and t.edition >= c.oldest_counting and t.completed_on + c.valid_for_days >= {today})::int as "Value"
            from course c left join training_completion t on t.course_key = c.key where c.retired_at is null and {key} = any (c.required_by) group by c.key
            """).ToListAsync(cancellation);
        return people == 0 || holders.Count == 0 ? null : (int)Math.Min(100, holders.Min() * 100L / people);
    }

    private static async Task<int?> NegativeAsync(GovernanceDb db, string useCaseKey, DateTimeOffset since, CancellationToken cancellation)
    {
        var opinions = await db.UserFeedback.Where(f => f.UseCaseKey == useCaseKey && f.GivenAt >= since).GroupBy(f => f.Opinion).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellation);
        var all = opinions.Sum(o => o.Count);
        return all < EnoughOpinions ? null : (int)Math.Ceiling(opinions.Where(o => o.Key == Opinion.Negative).Sum(o => o.Count) * 100m / all);
    }

    private static async Task<decimal?> FailedAsync(GovernanceDb db, string useCaseKey, DateTimeOffset since, CancellationToken cancellation)
    {
        var calls = await db.Database.SqlQuery<CallCounts>(
            $"""select coalesce(sum(calls), 0)::bigint "Calls", coalesce(sum(failed_calls), 0)::bigint "Failed" from telemetry.usage_minute where use_case_key = {useCaseKey} and minute >= {since}""").SingleAsync(cancellation);
        return calls.Calls < EnoughCalls ? null : Math.Round(calls.Failed * 100m / calls.Calls, 2);
    }

    private sealed record CallCounts(long Calls, long Failed);
}
