using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// Keeps the figures of each minute for use cases that promise a rate, and judges every window that ends at a minute in which
/// calls arrived, and every later one that they fall into.
/// </summary>
internal sealed class RateWatch(TimeProvider clock)
{
    // A replay of years is judged by its newest day; the figures of all of it are kept.
    private const int MostMinutes = 1440;

    public async Task RunAsync(GovernanceDb db, IReadOnlyList<WatchedCriterion> criteria, IReadOnlyList<CountedUsage> usage, CancellationToken cancellation)
    {
        foreach (var promised in criteria.Where(c => c.Criterion.Kind.IsRate()).GroupBy(c => c.UseCaseKey))
        {
            var own = usage.Where(u => u.UseCase == promised.Key).ToList();
            // One after the other: two batches that are each below a limit may be above it together.
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + promised.Key}, 0))", cancellation);
            await AddAsync(db, promised.Key, own, promised.Any(c => c.Criterion.Kind is KillCriterionKind.Latency), cancellation);
            if (promised.Any(c => c.Criterion.Kind is KillCriterionKind.CostPerTask))
            {
                await TaskMinutes.AddAsync(db, promised.Key, own, cancellation);
            }

            var touched = own.Select(c => c.Minute).Distinct().OrderDescending().Take(MostMinutes).Order().ToList();
            foreach (var criterion in promised)
            {
                await JudgeAsync(db, criterion, touched, cancellation);
            }
        }
    }

    private static async Task AddAsync(GovernanceDb db, string useCase, List<CountedUsage> usage, bool withLatency, CancellationToken cancellation)
    {
        var minutes = usage.GroupBy(u => u.Minute).OrderBy(g => g.Key).ToList();
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into telemetry.criterion_minute as m (use_case_key, minute, calls, failed, unmetered, guarded, priced, cost)
            select {useCase}, * from unnest({minutes.ConvertAll(m => m.Key)}, {minutes.ConvertAll(m => m.Sum(u => u.Calls))}, {minutes.ConvertAll(m => m.Sum(u => u.Failed))},
              {minutes.ConvertAll(m => m.Sum(u => u.Unmetered))}, {minutes.ConvertAll(m => m.Sum(u => u.Guarded))}, {minutes.ConvertAll(m => m.Sum(u => u.Priced))}, {minutes.ConvertAll(m => m.Sum(u => u.Cost))})
            on conflict (use_case_key, minute) do update set calls = m.calls + excluded.calls, failed = m.failed + excluded.failed,
              unmetered = m.unmetered + excluded.unmetered, guarded = m.guarded + excluded.guarded, priced = m.priced + excluded.priced, cost = m.cost + excluded.cost
            """, cancellation);
        var timed = !withLatency ? [] : usage.Where(u => u.LatencyBucket is not null && u.Calls != 0)
            .GroupBy(u => (u.Minute, Bucket: (short)u.LatencyBucket!.Value)).OrderBy(g => g.Key).ToList();
        if (timed.Count > 0)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into telemetry.criterion_latency as l (use_case_key, minute, bucket, calls)
                select {useCase}, * from unnest({timed.ConvertAll(t => t.Key.Minute)}, {timed.ConvertAll(t => t.Key.Bucket)}, {timed.ConvertAll(t => t.Sum(u => u.Calls))})
                on conflict (use_case_key, minute, bucket) do update set calls = l.calls + excluded.calls
                """, cancellation);
        }
    }

    /// <summary>Opinions are judged like calls: every window that ends with one of them, and every later one it falls into.</summary>
    public async Task RunOnFeedbackAsync(
        GovernanceDb db, string useCase, IReadOnlyList<WatchedCriterion> criteria, IReadOnlyCollection<DateTimeOffset> given, CancellationToken cancellation)
    {
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + useCase}, 0))", cancellation);
        var touched = given.Select(CountedUsage.MinuteOf).Distinct().OrderDescending().Take(MostMinutes).Order().ToList();
        foreach (var criterion in criteria)
        {
            await JudgeAsync(db, criterion, touched, cancellation);
        }
    }

    private async Task JudgeAsync(GovernanceDb db, WatchedCriterion criterion, List<DateTime> touched, CancellationToken cancellation)
    {
        var window = CriterionTrigger.WindowOf(criterion.Criterion);
        var figures = await CriterionWindows.ReadAsync(db, criterion, touched[0] - window, touched[^1] + window, cancellation);
        var state = await CriterionState.OfAsync(db, criterion, cancellation);
        var trigger = new CriterionTrigger(criterion.Criterion, criterion.Limit, state.IsOver, state.EngagedAt);
        // A call that comes late belongs to every window it falls into, also those that were judged without it.
        foreach (var minute in figures.Keys.Where(m => touched.Exists(t => t <= m && m < t + window)).TakeLast(MostMinutes).ToList())
        {
            var ended = new DateTimeOffset(minute).AddMinutes(1);
            var inWindow = figures.Where(f => f.Key > minute - window && f.Key <= minute).Aggregate(WindowFigures.None, (sum, f) => sum + f.Value);
            if (trigger.Observe(ended, inWindow) is { } breach)
            {
                var what = criterion.Criterion.Kind switch
                {
                    KillCriterionKind.CostPerTask => "tasks",
                    KillCriterionKind.NegativeFeedback => "opinions",
                    _ => "calls",
                };
                await CriterionState.StopAsync(
                    db, criterion,
                    FormattableString.Invariant($"{criterion.Criterion.InWords()}: {breach.Value:0.######} of {breach.Sample} {what} until {breach.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC, limit {criterion.Limit:0.######}"),
                    clock.GetUtcNow(), cancellation);
            }
        }

        await state.KeepAsync(db, criterion, trigger, cancellation);
    }
}
