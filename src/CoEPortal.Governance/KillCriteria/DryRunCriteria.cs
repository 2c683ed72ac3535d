using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>When a criterion would have engaged over a past.</summary>
/// <param name="Criterion">As asked.</param>
/// <param name="IsMeasured">False: the portal has no figures for this kind, so nothing can be said.</param>
/// <param name="Breaches">Each time it would have engaged; for a rate the first 100.</param>
/// <param name="Calls">How many calls were looked at.</param>
public sealed record DryRun(KillCriterion Criterion, bool IsMeasured, IReadOnlyList<Breach> Breaches, long Calls);

/// <summary>Runs a criterion over the calls that are stored, before it is armed. Changes nothing.</summary>
public sealed class DryRunCriteria(IDbContextFactory<GovernanceDb> databases, Organisation organisation)
{
    private const int MostDays = 92;
    private const int MostBreaches = 100;

    public async Task<DryRun> RunAsync(
        string useCaseKey, KillCriterion criterion, DateTimeOffset from, DateTimeOffset to, Actor reader, CancellationToken cancellation = default)
    {
        Refuse.If(to <= from || to - from > TimeSpan.FromDays(MostDays), "range-too-long", $"Look at no more than {MostDays} days at once.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        if (!criterion.Kind.IsRate() && criterion.Kind is not KillCriterionKind.Budget)
        {
            return new DryRun(criterion, false, [], 0);
        }

        var rows = await db.Database.SqlQuery<Row>(
            $"""
            select date_trunc('minute', started_at) "Minute",
              case when duration_us is not null then telemetry.latency_bucket(duration_us) end "Bucket",
              count(*) "Calls", count(*) filter (where failed) "Failed", count(*) filter (where input_tokens is null and output_tokens is null) "Unmetered",
              count(cost) "Priced", coalesce(sum(cost), 0) "Cost"
            from telemetry.call where use_case_key = {useCaseKey} and started_at >= {from} and started_at < {to}
            group by 1, 2 order by 1
            """).ToListAsync(cancellation);
        var minutes = rows.GroupBy(r => r.Minute).Select(g => (Minute: g.Key, Figures: new WindowFigures(
            g.Sum(r => r.Calls), g.Sum(r => r.Failed), g.Sum(r => r.Unmetered), g.Sum(r => r.Priced), g.Sum(r => r.Cost))
        {
            Latency = g.Where(r => r.Bucket is not null).ToDictionary(r => r.Bucket!.Value, r => r.Calls),
        })).ToList();
        var breaches = criterion.Kind is KillCriterionKind.Budget ? Spent(criterion, minutes) : Rated(criterion, minutes);
        return new DryRun(criterion, true, [.. breaches.Take(MostBreaches)], minutes.Sum(m => m.Figures.Calls));
    }

    private static IEnumerable<Breach> Rated(KillCriterion criterion, List<(DateTime Minute, WindowFigures Figures)> minutes)
    {
        var (trigger, window, first) = (new CriterionTrigger(criterion, criterion.Limit), CriterionTrigger.WindowOf(criterion), 0);
        for (var last = 0; last < minutes.Count; last++)
        {
            while (minutes[first].Minute <= minutes[last].Minute - window)
            {
                first++;
            }

            var sum = minutes[first..(last + 1)].Aggregate(WindowFigures.None, (total, m) => total + m.Figures);
            if (trigger.Observe(new DateTimeOffset(minutes[last].Minute).AddMinutes(1), sum) is { } breach)
            {
                yield return breach;
            }
        }
    }

    private IEnumerable<Breach> Spent(KillCriterion criterion, List<(DateTime Minute, WindowFigures Figures)> minutes)
    {
        foreach (var window in minutes.GroupBy(m => BudgetWatch.WindowOf(organisation, criterion.Window, new DateTimeOffset(m.Minute))))
        {
            var (spent, calls) = (0m, 0L);
            foreach (var (minute, figures) in window)
            {
                (spent, calls) = (spent + figures.Cost, calls + figures.Calls);
                if (spent >= criterion.Limit)
                {
                    yield return new Breach(new DateTimeOffset(minute).AddMinutes(1), spent, calls);
                    break;
                }
            }
        }
    }

    private sealed record Row(DateTime Minute, int? Bucket, long Calls, long Failed, long Unmetered, long Priced, decimal Cost);
}
