using System.Runtime.CompilerServices;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Reports;

/// <summary>The whole organisation between two days, from totals and the log: what it costs grows with what happened, not with all there is.</summary>
internal sealed class CollectPeriodPack(OpenEntries open, Organisation organisation, TimeProvider clock)
{
    /// <summary>About 50 MB of evidence with the keys of its entries; a quarter with a rehearsal every five minutes has half as many.</summary>
    private const int MostLogEntries = 50_000;

    private const int MostDecisions = 2000;
    private const int MostChanges = 500;
    private const int MostSwitchEvents = 5000;
    private const int MostDrills = 200;
    private const int MostDays = 62;

    public async Task<PeriodPack> OfAsync(GovernanceDb db, PeriodSubject period, CancellationToken cancellation)
    {
        var (from, to) = (organisation.StartOf(period.From), organisation.StartOf(period.Until.AddDays(1)));
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var log = await ProveEvents.RangeAsync(db, open, from, to, MostLogEntries, period, cancellation);
        var young = log is null ? [] : await ProveEvents.TooYoungAsync(connection, log.Size, cancellation);

        var events = db.AuditEvents.Where(e => e.OccurredAt >= from && e.OccurredAt < to);
        // Every five minutes one, and all alike: they have figures of their own.
        var told = events.Where(e => !(e.Action == nameof(DrillEnded) && e.ActorId == StartDrill.Schedule.Id.Value));
        var timeline = await CollectAuditPack.EntriesAsync(db, open, told.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId)
            .Take(CollectAuditPack.MostTimelineEntries), cancellation);
        timeline.RemoveAll(e => young.Contains(e.EventId));
        var counts = await events.GroupBy(e => e.Action).Select(g => new ActionCount(g.Key, g.LongCount())).ToListAsync(cancellation);
        var audit = new LogInPeriod(
            log?.Range?.First, log?.Range?.First + log?.Range?.Entries.Count - 1, counts.Sum(c => c.Count),
            await events.Where(e => !e.ActorId.EndsWith(Actor.RuleSuffix)).Select(e => e.ActorId).Distinct().LongCountAsync(cancellation),
            (await db.Database.SqlQuery<long>($"select count(*) as \"Value\" from audit.checkpoint where at >= {from} and at < {to}").ToListAsync(cancellation))[0]);

        return new PeriodPack(
            period, from, to, clock.GetUtcNow(), await UsageAsync(db, from, to, cancellation), await ByUseCaseAsync(db, from, to, cancellation),
            await DecisionsAsync(db, from, to, cancellation), await ClassesAsync(db, from, to, cancellation), await SwitchesAsync(db, from, to, cancellation),
            await DrillsAsync(db, from, to, cancellation), await BreachesAsync(db, from, to, cancellation),
            [.. counts.OrderByDescending(c => c.Count).ThenBy(c => c.Action, StringComparer.Ordinal)], audit, timeline,
            timeline.Count < CollectAuditPack.MostTimelineEntries ? timeline.Count : await told.CountAsync(cancellation))
        { Log = log };
    }

    /// <summary>Hours add up to the organisation's days wherever its clock is whole hours from UTC, and are far fewer than minutes.</summary>
    private (string Table, string Column) TotalsFor(DateTimeOffset from, DateTimeOffset to) =>
        organisation.Zone.GetUtcOffset(from).Minutes == 0 && organisation.Zone.GetUtcOffset(to).Minutes == 0 ? ("usage_hour", "hour") : ("usage_minute", "minute");

    private async Task<PackUsage?> UsageAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        // Names of tables come from the two above, never from a caller.
        var (table, column) = TotalsFor(from, to);
        var models = await db.Database.SqlQuery<ModelUsage>(FormattableStringFactory.Create(
            $$"""
            select model "Model", sum(calls)::bigint "Calls", sum(unmetered_calls)::bigint "UnmeteredCalls", sum(unpriced_calls)::bigint "UnpricedCalls",
              sum(failed_calls)::bigint "FailedCalls", sum(input_tokens)::bigint "InputTokens", sum(output_tokens)::bigint "OutputTokens", sum(cost) "Cost"
            from telemetry.{{table}} where {{column}} >= {0} and {{column}} < {1} group by model order by sum(cost) desc, model limit 500
            """, from, to)).ToListAsync(cancellation);
        if (models.Count == 0)
        {
            return null;
        }

        var unit = (to - from).TotalDays <= MostDays ? "day" : "month";
        var points = await db.Database.SqlQuery<UsagePoint>(FormattableStringFactory.Create(
            $$"""
            select date_trunc({2}, {{column}}, {3}) "Start", sum(calls)::bigint "Calls", sum(cost) "Cost"
            from telemetry.{{table}} where {{column}} >= {0} and {{column}} < {1} group by 1 order by 1
            """, from, to, unit, organisation.TimeZone)).ToListAsync(cancellation);
        var total = new Usage(
            models.Sum(m => m.Calls), models.Sum(m => m.UnmeteredCalls), models.Sum(m => m.UnpricedCalls), models.Sum(m => m.FailedCalls),
            models.Sum(m => m.InputTokens), models.Sum(m => m.OutputTokens), models.Sum(m => m.Cost), organisation.Currency, models);
        return new PackUsage(from, to.AddMinutes(-1), total, unit, points);
    }

    private Task<List<UseCaseCost>> ByUseCaseAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var (table, column) = TotalsFor(from, to);
        return db.Database.SqlQuery<UseCaseCost>(FormattableStringFactory.Create(
            $$"""
            select t.use_case_key "Key", coalesce(max(u.title), '') "Title", coalesce(max(u.business_unit), '') "BusinessUnit", sum(t.calls)::bigint "Calls",
              sum(t.unpriced_calls)::bigint "UnpricedCalls", sum(t.cost) "Cost"
            from telemetry.{{table}} t left join use_case u on u.key = t.use_case_key where t.{{column}} >= {0} and t.{{column}} < {1}
            group by t.use_case_key order by sum(t.cost) desc, sum(t.calls) desc, 1 limit {2}
            """, from, to, PeriodPack.MostRows)).ToListAsync(cancellation);
    }

    private static async Task<Shortened<PeriodDecision>> DecisionsAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var decisions =
            from round in db.ApprovalRounds
            from decision in round.Decisions
            where decision.DecidedAt >= @from && decision.DecidedAt < to
            select new { round.UseCaseKey, round.RevisionNumber, Decision = decision };
        var newest = await decisions.OrderByDescending(d => d.Decision.DecidedAt).ThenBy(d => d.Decision.Id).Take(MostDecisions).ToListAsync(cancellation);
        return new Shortened<PeriodDecision>(
            [.. newest.Select(d => new PeriodDecision(
                d.UseCaseKey, d.RevisionNumber, d.Decision.Function, d.Decision.PersonName, d.Decision.PersonId, d.Decision.OnBehalfOfName, d.Decision.Kind,
                d.Decision.Comment, d.Decision.Conditions, d.Decision.ContentHash, d.Decision.DecidedAt))],
            newest.Count < MostDecisions ? newest.Count : await decisions.CountAsync(cancellation));
    }

    private static async Task<Shortened<ClassChange>> ClassesAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var changes = db.Database.SqlQuery<ClassChange>(
            $"""
            select u.key "Key", u.title "Title", r.number "Revision", r.submitted_at "At", r.content_hash "ContentHash", r.assessment ->> 'rulesVersion' "RulesVersion",
              r.assessment ->> 'riskClass' "RiskClass", r.assessment ->> 'lane' "Lane", b.assessment ->> 'riskClass' "WasClass", b.assessment ->> 'lane' "WasLane",
              array(select jsonb_array_elements_text(r.assessment -> 'articles')) "Articles"
            from use_case_revision r join use_case u on u.id = r.use_case_id
            left join use_case_revision b on b.use_case_id = r.use_case_id and b.number = r.number - 1
            where r.submitted_at >= {from} and r.submitted_at < {to}
              and (b.number is null or b.assessment ->> 'riskClass' <> r.assessment ->> 'riskClass' or b.assessment ->> 'lane' <> r.assessment ->> 'lane')
            """);
        var newest = await changes.OrderByDescending(c => c.At).ThenBy(c => c.Key).Take(MostChanges).ToListAsync(cancellation);
        return new Shortened<ClassChange>(newest, newest.Count < MostChanges ? newest.Count : await changes.CountAsync(cancellation));
    }

    /// <summary>Switches that were touched in the period, or stood engaged when it began.</summary>
    private async Task<IReadOnlyList<SwitchPeriod>> SwitchesAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var events = await CollectAuditPack.EntriesAsync(db, open, db.AuditEvents.FromSql(
            $"""
            select e.* from audit.event e where e.subject_type = 'kill-switch' and e.occurred_at < {to} and (
              exists (select from audit.event o where o.subject_type = e.subject_type and o.subject_key = e.subject_key and o.occurred_at >= {from} and o.occurred_at < {to})
              or (select o.action from audit.event o where o.subject_type = e.subject_type and o.subject_key = e.subject_key and o.occurred_at < {from}
                  order by o.subject_version desc limit 1) <> 'KillSwitchReleased')
            """).OrderByDescending(e => e.OccurredAt).Take(MostSwitchEvents), cancellation);
        return await SwitchPeriod.WithEffectsAsync(db, [.. SwitchPeriod.Of(events).Where(p => p.Released is null || p.Released.OccurredAt >= from)], cancellation);
    }

    private static async Task<PeriodDrills> DrillsAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var drills = db.Drills.Where(d => d.ClickedAt >= from && d.ClickedAt < to);
        var canaries = drills.Where(d => d.Kind == DrillKind.Canary);
        var late = canaries.Where(d => d.Outcome != DrillOutcome.Met);
        return new PeriodDrills(
            await drills.Where(d => d.Kind == DrillKind.Real).OrderByDescending(d => d.ClickedAt).Take(MostDrills).ToListAsync(cancellation),
            await canaries.LongCountAsync(cancellation), await canaries.LongCountAsync(d => d.Outcome == DrillOutcome.Met, cancellation),
            new Shortened<Drill>(await late.OrderByDescending(d => d.ClickedAt).Take(MostDrills).ToListAsync(cancellation), await late.CountAsync(cancellation)));
    }

    private static Task<List<BudgetBreach>> BreachesAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        db.Database.SqlQuery<BudgetBreach>(
            $"""
            select s.use_case_key "Key", u.title "Title", s.revision "Revision", s.criterion "Criterion",
              (r.proposal -> 'killCriteria' -> (s.criterion - 1) ->> 'limit')::numeric "Limit", s.cost "Spent", s.breached_at "At"
            from telemetry.spend s join use_case u on u.key = s.use_case_key join use_case_revision r on r.use_case_id = u.id and r.number = s.revision
            where s.breached_at >= {from} and s.breached_at < {to} order by s.breached_at desc limit {PeriodPack.MostRows}
            """).ToListAsync(cancellation);
}
