using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>Runs a criterion over what was counted and told in the past, before it is armed or tightened. Changes nothing.</summary>
public sealed class DryRunCriteria(IDbContextFactory<GovernanceDb> databases, Organisation organisation)
{
    public const int MostDays = 92;

    private const int MostStops = 100;
    private const int PictureSteps = 240;

    /// <param name="useCaseKey">Whose past.</param>
    /// <param name="criterion">What is tried, with the limit to try.</param>
    /// <param name="from">Included.</param>
    /// <param name="to">Excluded.</param>
    /// <param name="reader">Sees the use cases that they may read.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<DryRun> RunAsync(
        string useCaseKey, KillCriterion criterion, DateTimeOffset from, DateTimeOffset to, Actor reader, CancellationToken cancellation = default)
    {
        Refuse.If(to <= from || to - from > TimeSpan.FromDays(MostDays), "range-too-long", $"Look at no more than {MostDays} days at once.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        if (!criterion.Kind.IsMeasured() || criterion.Kind.IsAge() || criterion.Kind is KillCriterionKind.SevereIncident)
        {
            return new DryRun(criterion, false, [], 0, 0, []);
        }

        var usage = await UsageAsync(db, useCaseKey, from, to, criterion.Kind is KillCriterionKind.Latency, cancellation);
        var picture = new Picture(from, to, criterion.Kind.IsWorseBelow());
        var held = criterion.Kind switch
        {
            KillCriterionKind.Budget => Spent(criterion, usage, from, await SpentBeforeAsync(db, useCaseKey, criterion, from, cancellation), picture),
            KillCriterionKind.Alert => await FiredAsync(db, useCaseKey, criterion, from, to, picture, cancellation),
            KillCriterionKind.EvaluationScore => Judged(criterion, await EvaluationsAsync(db, useCaseKey, from, to, cancellation), picture),
            KillCriterionKind.NegativeFeedback => Judged(criterion, Windows(criterion, await OpinionMinutes.ReadAsync(db, useCaseKey, from, to, cancellation)), picture),
            KillCriterionKind.CostPerTask => Judged(criterion, Windows(criterion, await TaskMinutes.OfCallsAsync(db, useCaseKey, from, to, cancellation)), picture),
            _ => Judged(criterion, Windows(criterion, usage), picture),
        };
        var stops = held.Take(MostStops).ToList().ConvertAll(h =>
        {
            var within = usage.Where(u => u.Minute >= h.By.At && u.Minute < (h.Until ?? to)).Select(u => u.Figures).Aggregate((Calls: 0L, Cost: 0m), (sum, f) => (sum.Calls + f.Calls, sum.Cost + f.Cost));
            return new DryRunStop(h.By, h.Until, within.Calls, within.Cost);
        });
        return new DryRun(criterion, true, stops, usage.Sum(u => u.Figures.Calls), picture.Seen, picture.Points);
    }

    private static IEnumerable<(DateTimeOffset At, decimal Value, long Sample)> Windows(KillCriterion criterion, List<(DateTime Minute, WindowFigures Figures)> minutes)
    {
        var window = new SlidingWindow(CriterionTrigger.WindowOf(criterion));
        foreach (var (minute, figures) in minutes)
        {
            var (value, sample) = window.Add(minute, figures).Of(criterion.Kind);
            yield return (new DateTimeOffset(minute).AddMinutes(1), value, sample);
        }
    }

    private static IEnumerable<(Breach By, DateTimeOffset? Until)> Judged(
        KillCriterion criterion, IEnumerable<(DateTimeOffset At, decimal Value, long Sample)> figures, Picture picture)
    {
        var trigger = new CriterionTrigger(criterion, criterion.Limit);
        var held = new List<(Breach By, DateTimeOffset? Until)>();
        foreach (var (at, value, sample) in figures)
        {
            if (sample >= CriterionTrigger.SampleOf(criterion))
            {
                picture.Add(at, value);
            }

            var wasOver = trigger.IsOver;
            if (trigger.Observe(at, value, sample) is { } breach)
            {
                held.Add((breach, null));
            }
            else if (wasOver && !trigger.IsOver)
            {
                held[^1] = (held[^1].By, at);
            }
        }

        return held;
    }

    private List<(Breach By, DateTimeOffset? Until)> Spent(
        KillCriterion criterion, List<(DateTime Minute, WindowFigures Figures)> minutes, DateTimeOffset from, decimal before, Picture picture)
    {
        var first = BudgetWatch.WindowOf(organisation, criterion.Window, from);
        var held = new List<(Breach By, DateTimeOffset? Until)>();
        foreach (var window in minutes.GroupBy(m => BudgetWatch.WindowOf(organisation, criterion.Window, new DateTimeOffset(m.Minute))))
        {
            var (spent, calls, reached) = (window.Key == first ? before : 0m, 0L, false);
            foreach (var (minute, figures) in window)
            {
                (spent, calls) = (spent + figures.Cost, calls + figures.Calls);
                picture.Add(new DateTimeOffset(minute).AddMinutes(1), spent);
                if (spent >= criterion.Limit && !reached)
                {
                    reached = true;
                    held.Add((new Breach(new DateTimeOffset(minute).AddMinutes(1), spent, calls), BudgetWatch.EndOf(organisation, criterion.Window, window.Key)));
                }
            }
        }

        return held;
    }

    /// <summary>What was spent in the first window before the past that is looked at.</summary>
    private async Task<decimal> SpentBeforeAsync(GovernanceDb db, string useCaseKey, KillCriterion criterion, DateTimeOffset from, CancellationToken cancellation)
    {
        var start = BudgetWatch.WindowOf(organisation, criterion.Window, from);
        return await db.Database.SqlQuery<decimal?>(
            $"select sum(cost) \"Value\" from telemetry.usage_minute where use_case_key = {useCaseKey} and minute >= {start} and minute < {from}").SingleAsync(cancellation) ?? 0;
    }

    /// <summary>What ingest counts by: calls, and what metrics told of.</summary>
    private static async Task<List<(DateTime Minute, WindowFigures Figures)>> UsageAsync(
        GovernanceDb db, string useCaseKey, DateTimeOffset from, DateTimeOffset to, bool withLatency, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        await using var select = new NpgsqlCommand(
            $"""
             select minute, sum(calls)::bigint, sum(failed_calls)::bigint, sum(unmetered_calls)::bigint, sum(calls - unpriced_calls)::bigint, sum(cost), sum(guardrail_calls)::bigint,
               {(withLatency ? "telemetry.merge_histograms(latency)" : "'{}'::bigint[]")}
             from telemetry.usage_minute where use_case_key = $1 and minute >= $2 and minute < $3 group by minute order by minute
             """, (NpgsqlConnection)db.Database.GetDbConnection());
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = useCaseKey });
        select.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        select.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to.UtcDateTime });
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var minutes = new List<(DateTime, WindowFigures)>();
        while (await row.ReadAsync(cancellation))
        {
            minutes.Add((row.GetDateTime(0), new WindowFigures(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetDecimal(5))
            {
                Guarded = row.GetInt64(6),
                Latency = row.GetFieldValue<long[]>(7).Index().Where(l => l.Item > 0).ToDictionary(l => l.Index, l => l.Item),
            }));
        }

        return minutes;
    }

    private static async Task<List<(DateTimeOffset At, decimal Value, long Sample)>> EvaluationsAsync(
        GovernanceDb db, string useCaseKey, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<CriterionFigure>(
            $"""
            select score "Value", examples "Sample", evaluated_at "At" from telemetry.evaluation
            where use_case_key = {useCaseKey} and evaluated_at >= {from} and evaluated_at < {to} order by evaluated_at, id limit 10000
            """).ToListAsync(cancellation);
        return rows.ConvertAll(r => (r.At, r.Value, r.Sample));
    }

    private static async Task<List<(Breach By, DateTimeOffset? Until)>> FiredAsync(
        GovernanceDb db, string useCaseKey, KillCriterion criterion, DateTimeOffset from, DateTimeOffset to, Picture picture, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<AlertRow>(
            $"""
            select started_at "StartedAt", ended_at "EndedAt" from telemetry.signal
            where use_case_key = {useCaseKey} and name = {criterion.AlertName} and started_at >= {from} and started_at < {to} order by started_at limit 1000
            """).ToListAsync(cancellation);
        var held = new List<(Breach By, DateTimeOffset? Until)>();
        foreach (var alert in rows)
        {
            picture.Add(alert.StartedAt, 1);
            // One that begins while another fires, or within the pause, changes nothing.
            if (held.Count == 0 || held[^1].Until <= alert.StartedAt && alert.StartedAt >= held[^1].By.At + CriterionTrigger.CooldownOf(criterion))
            {
                held.Add((new Breach(alert.StartedAt, 1, 1), alert.EndedAt));
            }
        }

        return held;
    }

    /// <summary>Of each step of the picture the worst figure, so that no breach falls between two points.</summary>
    private sealed class Picture(DateTimeOffset from, DateTimeOffset to, bool worseBelow)
    {
        private readonly DryRunPoint?[] _steps = new DryRunPoint?[PictureSteps];

        public long Seen { get; private set; }

        public IReadOnlyList<DryRunPoint> Points => [.. _steps.OfType<DryRunPoint>()];

        public void Add(DateTimeOffset at, decimal value)
        {
            Seen++;
            var step = Math.Clamp((int)((at - from) / (to - from) * PictureSteps), 0, PictureSteps - 1);
            if (_steps[step] is not { } worst || (worseBelow ? value < worst.Value : value > worst.Value))
            {
                _steps[step] = new DryRunPoint(at, value);
            }
        }
    }

    private sealed record AlertRow(DateTimeOffset StartedAt, DateTimeOffset? EndedAt);
}
