using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.Incidents;

/// <summary>What a sweep did.</summary>
public sealed record SweptIncidents(int Opened, int Warned, int Overdue, int ActionsTold, int Stopped);

/// <summary>
/// What happens to incidents by itself: a switch that engaged by itself opens one, deadlines warn and pass, actions are asked for,
/// and a severe incident stops what promised to stop. Each in a transaction of its own, so that one does not hold up the others.
/// </summary>
public sealed partial class SweepIncidents(
    IDbContextFactory<GovernanceDb> databases, IncidentNotices notices, Organisation organisation, TimeProvider clock, ILogger<SweepIncidents> log)
{
    private const int MostAtOnce = 200;

    private static readonly Actor Rule = Actor.Rule("incident-sweep");

    /// <summary>What was released longer ago than this is left alone: nobody needs an incident for it now.</summary>
    private static readonly TimeSpan ReleasedWithin = TimeSpan.FromDays(1);

    private readonly WatchCriteria _watch = new(organisation, clock);

    public async Task<SweptIncidents> RunAsync(CancellationToken cancellation = default)
    {
        var opened = await EachAsync(UnlinkedAsync, OpenAsync, cancellation);
        var warned = await EachAsync(DueForWarningAsync, WarnAsync, cancellation);
        var overdue = await EachAsync(PassedAsync, OverdueAsync, cancellation);
        var told = await EachAsync(LateActionsAsync, TellAsync, cancellation);
        var stopped = await EachAsync(UnstoppedAsync, StopAsync, cancellation);
        return new SweptIncidents(opened, warned, overdue, told, stopped);
    }

    private async Task<int> EachAsync<T>(
        Func<GovernanceDb, DateTimeOffset, CancellationToken, Task<List<T>>> find, Func<GovernanceDb, T, DateTimeOffset, CancellationToken, Task<bool>> act, CancellationToken cancellation)
    {
        List<T> due;
        await using (var db = await databases.CreateDbContextAsync(cancellation))
        {
            due = await find(db, clock.GetUtcNow(), cancellation);
        }

        var done = 0;
        foreach (var one in due)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            try
            {
                if (await act(db, one, clock.GetUtcNow(), cancellation))
                {
                    await db.SaveChangesAsync(cancellation);
                    await transaction.CommitAsync(cancellation);
                    done++;
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The next sweep tries it again; the others must not wait for it.
                LogFault(log, fault, one?.ToString() ?? "");
            }
        }

        return done;
    }

    private static Task<List<Engaged>> UnlinkedAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var recently = now - ReleasedWithin;
        return db.Database.SqlQuery<Engaged>(
            $"""
            select k.id "Id" from kill_switch k
            where k.engaged_by_rule and (k.state <> 'Released' or k.changed_at > {recently})
              and not exists (select from incident_switch s where s.switch_id = k.id and s.engaged_at = k.engaged_at)
            order by k.engaged_at limit {MostAtOnce}
            """).ToListAsync(cancellation);
    }

    private async Task<bool> OpenAsync(GovernanceDb db, Engaged engaged, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.Database.ExecuteSqlAsync($"select from kill_switch where id = {engaged.Id} for update", cancellation);
        var killSwitch = await db.KillSwitches.SingleAsync(s => s.Id == engaged.Id, cancellation);
        if (!killSwitch.EngagedByRule || killSwitch.EngagedAt is not { } at || await db.Set<IncidentSwitch>().AnyAsync(s => s.SwitchId == killSwitch.Id && s.EngagedAt == at, cancellation))
        {
            return false;
        }

        var what = killSwitch.Scope switch { SwitchScope.UseCase => killSwitch.Target, SwitchScope.All => "Everything", _ => $"{killSwitch.Scope} {killSwitch.Target}" };
        var rule = killSwitch.EngagedByName!;
        var incident = await ReportIncident.AddAsync(
            db,
            new IncidentReport(
                $"{what} was stopped by the rule {rule}", killSwitch.Reason, CategoryOf(rule), killSwitch.Scope is SwitchScope.UseCase ? [killSwitch.Target] : [], at),
            Rule, now, cancellation);
        incident.Link(killSwitch, Rule, now);
        await db.SaveChangesAsync(cancellation);
        await notices.ReportedAsync(db, incident, now, cancellation);
        return true;
    }

    private static IncidentCategory CategoryOf(string rule) => rule.Split("-k")[0] switch
    {
        "budget" or "cost" => IncidentCategory.Cost,
        "latency" => IncidentCategory.Performance,
        "evaluation" or "feedback" => IncidentCategory.WrongOutput,
        "guardrail" => IncidentCategory.Misuse,
        "error-rate" => IncidentCategory.Malfunction,
        _ => IncidentCategory.Other,
    };

    private static Task<List<Ticking>> DueForWarningAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation) => db.Database.SqlQuery<Ticking>(
        $"""
        select i.key "Incident", c.id "Clock" from incident_clock c join incident i on i.id = c.incident_id
        where c.state = 'Running' and c.warn_at <= {now} and c.due_at > {now} order by c.warn_at limit {MostAtOnce}
        """).ToListAsync(cancellation);

    private async Task<bool> WarnAsync(GovernanceDb db, Ticking ticking, DateTimeOffset now, CancellationToken cancellation)
    {
        var late = await db.Set<IncidentClock>().AsNoTracking().SingleAsync(c => c.Id == ticking.Clock, cancellation);
        var rule = await PublishClockRules.RuleOfAsync(db, late, cancellation);
        DateTimeOffset? next = rule?.WarnBefore.Select(before => late.DueAt - before).Where(at => at > now).Select(at => (DateTimeOffset?)at).Min();
        // Whichever of two workers comes first; of several warnings that were slept through, one.
        if (await db.Database.ExecuteSqlAsync(
            $"update incident_clock set warn_at = {next} where id = {late.Id} and warn_at = {late.WarnAt} and state = 'Running'", cancellation) == 0)
        {
            return false;
        }

        var incident = await db.Incidents.AsNoTracking().Include(i => i.Roles).SingleAsync(i => i.Key == ticking.Incident, cancellation);
        await notices.ClockAsync(db, incident, late, rule?.Tell ?? [], "incident-deadline", $"clock/{late.Id:N}/{late.WarnAt!.Value.ToUnixTimeSeconds()}", now, cancellation);
        return true;
    }

    private static Task<List<Ticking>> PassedAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation) => db.Database.SqlQuery<Ticking>(
        $"""
        select i.key "Incident", c.id "Clock" from incident_clock c join incident i on i.id = c.incident_id
        where c.state = 'Running' and c.overdue_at is null and c.due_at < {now} order by c.due_at limit {MostAtOnce}
        """).ToListAsync(cancellation);

    private async Task<bool> OverdueAsync(GovernanceDb db, Ticking ticking, DateTimeOffset now, CancellationToken cancellation)
    {
        var incident = await IncidentScope.LockedAsync(db, ticking.Incident, Rule, Permission.HandleIncidents, null, cancellation);
        if (!incident.Overdue(ticking.Clock, Rule, now))
        {
            return false;
        }

        var late = incident.Clocks.Single(c => c.Id == ticking.Clock);
        await notices.ClockAsync(db, incident, late, (await PublishClockRules.RuleOfAsync(db, late, cancellation))?.Tell ?? [], "incident-overdue", $"clock/{late.Id:N}/overdue", now, cancellation);
        return true;
    }

    private Task<List<LateAction>> LateActionsAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var today = organisation.DayOf(now);
        return db.Database.SqlQuery<LateAction>(
            $"""
            select i.key "Incident", a.id "Action" from incident_action a join incident i on i.id = a.incident_id
            where a.state = 'Open' and a.due_on < {today} and a.overdue_told_at is null order by a.due_on limit {MostAtOnce}
            """).ToListAsync(cancellation);
    }

    private async Task<bool> TellAsync(GovernanceDb db, LateAction late, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await db.Database.ExecuteSqlAsync($"update incident_action set overdue_told_at = {now} where id = {late.Action} and overdue_told_at is null and state = 'Open'", cancellation) == 0)
        {
            return false;
        }

        var incident = await db.Incidents.AsNoTracking().Include(i => i.Roles).SingleAsync(i => i.Key == late.Incident, cancellation);
        var action = await db.Set<IncidentAction>().AsNoTracking().SingleAsync(a => a.Id == late.Action, cancellation);
        await notices.ActionAsync(db, incident, action, "incident-action-late", "is overdue", now, cancellation);
        return true;
    }

    /// <summary>Open severe incidents of use cases whose approved one-pager promises to stop, and which nothing judged by it yet: approved since, perhaps.</summary>
    private static Task<List<Unstopped>> UnstoppedAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation) => db.Database.SqlQuery<Unstopped>(
        $"""
        select distinct on (i.key) i.key "Incident"
        from incident i join use_case u on u.key = any (i.use_case_keys)
        join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
        cross join lateral jsonb_array_elements(r.proposal -> 'killCriteria') with ordinality as k (criterion, number)
        where i.state in ('Open', 'Contained') and i.severity in ('Serious', 'Critical') and lower(k.criterion ->> 'kind') = 'severeincident'
          and not exists (select from telemetry.criterion_state s where s.use_case_key = u.key and s.revision = u.approved_revision and s.criterion = k.number and s.is_over)
        order by i.key limit {MostAtOnce}
        """).ToListAsync(cancellation);

    private async Task<bool> StopAsync(GovernanceDb db, Unstopped unstopped, DateTimeOffset now, CancellationToken cancellation)
    {
        var incident = await IncidentScope.LockedAsync(db, unstopped.Incident, Rule, Permission.HandleIncidents, null, cancellation);
        await TriageIncident.WatchAsync(db, _watch, incident, isNew: false, now, cancellation);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "The sweep of incidents could not see to {What}")]
    private static partial void LogFault(ILogger log, Exception fault, string what);

    private sealed record Engaged(Guid Id);

    private sealed record Ticking(string Incident, Guid Clock);

    private sealed record LateAction(string Incident, Guid Action);

    private sealed record Unstopped(string Incident);
}
