using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>What the portal knows of incidents in a span of time.</summary>
/// <param name="ToDetect">Median from occurring to being detected.</param>
/// <param name="ToContain">Median from awareness to containment, of those that were contained.</param>
/// <param name="ToResolve">Median from awareness to resolution.</param>
public sealed record IncidentFigures(
    int Reported, int Severe, int Resolved, int UnderWay, TimeSpan? ToDetect, TimeSpan? ToContain, TimeSpan? ToResolve, int ClocksInTime, int ClocksLate, int ClocksRunning, int OpenActions, int OverdueActions,
    IReadOnlyList<(IncidentCategory Category, int Count)> Categories);

/// <summary>The weekly operations review: always one resolved incident and one unresolved risk.</summary>
/// <param name="Week">ISO 8601, e.g. <c>2026-W47</c>.</param>
/// <param name="Incident">Resolved in this week, the worst of it; else the last that was resolved before. Null when none ever was.</param>
/// <param name="IsOfThisWeek">Whether it was resolved in this week.</param>
/// <param name="Held">What was said; null until it is held.</param>
public sealed record ReviewSheet(string Week, DateOnly FirstDay, Incident? Incident, bool IsOfThisWeek, UnresolvedRisk Risk, IncidentFigures Figures, OperationsReview? Held);

/// <summary>Figures of incidents, and what a weekly operations review looks at.</summary>
public sealed class OperationsReviews(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostWeeks = 52;

    public string ThisWeek => WeekOf(organisation.DayOf(clock.GetUtcNow()));

    public static string WeekOf(DateOnly day)
    {
        var at = day.ToDateTime(TimeOnly.MinValue);
        return string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(at):0000}-W{ISOWeek.GetWeekOfYear(at):00}");
    }

    /// <returns>Monday of the week; null when it is none.</returns>
    public static DateOnly? MondayOf(string week) => week is [_, _, _, _, '-', 'W', _, _]
        && int.TryParse(week.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 2000 and <= 2999
        && int.TryParse(week.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= ISOWeek.GetWeeksInYear(year)
            ? DateOnly.FromDateTime(ISOWeek.ToDateTime(year, number, DayOfWeek.Monday)) : null;

    public async Task<ReviewSheet> OfAsync(string week, Actor reader, CancellationToken cancellation = default)
    {
        DemandWhole(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await OfAsync(db, week, cancellation);
    }

    public async Task<Page<OperationsReview>> HeldAsync(Actor reader, int page = 1, int size = 10, CancellationToken cancellation = default)
    {
        DemandWhole(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.OperationsReviews.AsNoTracking().OrderByDescending(r => r.Week).ToPageAsync(page, size, cancellation);
    }

    public async Task<IncidentFigures> FiguresAsync(DateTimeOffset from, DateTimeOffset to, Actor reader, CancellationToken cancellation = default)
    {
        DemandWhole(reader);
        Refuse.If(to <= from || to - from > TimeSpan.FromDays(3660), "period-out-of-range", "Give a beginning and an end, at most ten years apart.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await FiguresAsync(db, from.ToUniversalTime(), to.ToUniversalTime(), clock.GetUtcNow(), cancellation);
    }

    internal static void DemandWhole(Actor reader)
    {
        AccessPolicy.Demand(reader, Permission.ReadIncidents);
        Refuse.If(AccessPolicy.OnlyOwnUnit(reader, Permission.ReadIncidents), "not-permitted", $"{reader.Name} may not do this. It tells of every business unit.");
    }

    internal async Task<ReviewSheet> OfAsync(GovernanceDb db, string week, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var today = organisation.DayOf(now);
        var monday = MondayOf(week) ?? throw new NotFoundException("week", week);
        Refuse.If(monday > today || monday < today.AddDays(-7 * MostWeeks * 10), "week-out-of-range", "Choose this week or an earlier one.");
        var (start, end) = (organisation.StartOf(monday), organisation.StartOf(monday.AddDays(7)));
        var resolved = db.Incidents.AsNoTracking().Where(i => i.ResolvedAt != null && i.ResolvedAt < end);
        var ofWeek = await resolved.Where(i => i.ResolvedAt >= start)
            .OrderByDescending(i => i.Severity == IncidentSeverity.Critical ? 4 : i.Severity == IncidentSeverity.Serious ? 3 : i.Severity == IncidentSeverity.Moderate ? 2 : 1)
            .ThenByDescending(i => i.ResolvedAt).Include(i => i.Actions).FirstOrDefaultAsync(cancellation);
        var incident = ofWeek ?? await resolved.OrderByDescending(i => i.ResolvedAt).Include(i => i.Actions).FirstOrDefaultAsync(cancellation);
        return new ReviewSheet(
            week, monday, incident, ofWeek is not null, await RiskAsync(db, today, now, cancellation), await FiguresAsync(db, start, end, now, cancellation),
            await db.OperationsReviews.AsNoTracking().SingleOrDefaultAsync(r => r.Week == week, cancellation));
    }

    /// <summary>What is worst now, by the order of <see cref="RiskKind"/>; there is always one.</summary>
    private static async Task<UnresolvedRisk> RiskAsync(GovernanceDb db, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        var running =
            from clock in db.Set<IncidentClock>().AsNoTracking()
            join incident in db.Incidents on clock.IncidentId equals incident.Id
            where clock.State == ClockState.Running
            orderby clock.DueAt
            select new { incident.Key, clock.Title, clock.DueAt };
        var next = await running.FirstOrDefaultAsync(cancellation);
        if (next is not null && next.DueAt < now)
        {
            return new UnresolvedRisk(RiskKind.ClockOverdue, next.Key, $"{next.Title}, due {next.DueAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC", next.DueAt);
        }

        var worst = await db.Incidents.AsNoTracking().Where(i => i.State == IncidentState.Reported || i.State == IncidentState.Open || i.State == IncidentState.Contained)
            .OrderByDescending(i => i.Severity == IncidentSeverity.Critical ? 4 : i.Severity == IncidentSeverity.Serious ? 3 : i.Severity == null ? 2 : i.Severity == IncidentSeverity.Moderate ? 1 : 0)
            .ThenBy(i => i.ReportedAt).Select(i => new { i.Key, i.Severity, i.State, i.ReportedAt }).FirstOrDefaultAsync(cancellation);
        if (worst is { Severity: IncidentSeverity.Serious or IncidentSeverity.Critical })
        {
            return new UnresolvedRisk(RiskKind.SevereIncident, worst.Key, $"{worst.Severity}, {worst.State}", worst.ReportedAt);
        }

        if (next is not null)
        {
            return new UnresolvedRisk(RiskKind.ClockRunning, next.Key, $"{next.Title}, due {next.DueAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC", next.DueAt);
        }

        if (worst is not null)
        {
            return new UnresolvedRisk(RiskKind.OpenIncident, worst.Key, $"{worst.Severity?.ToString() ?? "not triaged"}, {worst.State}", worst.ReportedAt);
        }

        var action = await (
            from open in db.Set<IncidentAction>().AsNoTracking()
            join incident in db.Incidents on open.IncidentId equals incident.Id
            where open.State == ActionState.Open || open.State == ActionState.Done
            orderby open.DueOn
            select new { incident.Key, open.Number, open.DueOn, open.OpenedAt }).FirstOrDefaultAsync(cancellation);
        if (action is not null && action.DueOn < today)
        {
            return new UnresolvedRisk(RiskKind.ActionOverdue, action.Key, $"Action A{action.Number}, due {action.DueOn:yyyy-MM-dd}", action.OpenedAt);
        }

        var engaged = await db.KillSwitches.AsNoTracking().Where(s => s.State != SwitchState.Released).OrderBy(s => s.EngagedAt).Select(s => new { s.Target, s.EngagedAt }).FirstOrDefaultAsync(cancellation);
        if (engaged is not null)
        {
            return new UnresolvedRisk(RiskKind.SwitchEngaged, engaged.Target, "Its switch is engaged", engaged.EngagedAt);
        }

        if (action is not null)
        {
            return new UnresolvedRisk(RiskKind.OpenAction, action.Key, $"Action A{action.Number}, due {action.DueOn:yyyy-MM-dd}", action.OpenedAt);
        }

        var quiet = await db.UseCases.AsNoTracking().Where(u => u.Stage == Stage.InService)
            .Select(u => new { u.Key, Last = db.Drills.Where(d => d.Target == u.Key).Max(d => (DateTimeOffset?)d.ClickedAt) })
            .OrderBy(u => u.Last != null).ThenBy(u => u.Last).ThenBy(u => u.Key).FirstOrDefaultAsync(cancellation);
        return quiet is not null
            ? new UnresolvedRisk(RiskKind.NotRehearsed, quiet.Key, quiet.Last is { } last ? $"Its stop was last rehearsed {last.UtcDateTime:yyyy-MM-dd}" : "Its stop was never rehearsed", quiet.Last)
            : new UnresolvedRisk(RiskKind.NoneKnown, "", "Nothing is in service, and nothing is open.", null);
    }

    private static async Task<IncidentFigures> FiguresAsync(GovernanceDb db, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, CancellationToken cancellation)
    {
        var figures = await db.Database.SqlQuery<Figures>(
            $"""
            select count(*) filter (where reported_at >= {from} and reported_at < {to})::int "Reported",
              count(*) filter (where reported_at >= {from} and reported_at < {to} and severity in ('Serious', 'Critical'))::int "Severe",
              count(*) filter (where resolved_at >= {from} and resolved_at < {to})::int "Resolved",
              count(*) filter (where state in ('Reported', 'Open', 'Contained'))::int "UnderWay",
              percentile_cont(0.5) within group (order by extract(epoch from detected_at - occurred_at)::double precision) filter (where reported_at >= {from} and reported_at < {to}) "ToDetect",
              percentile_cont(0.5) within group (order by extract(epoch from contained_at - aware_at)::double precision) filter (where contained_at >= {from} and contained_at < {to}) "ToContain",
              percentile_cont(0.5) within group (order by extract(epoch from resolved_at - aware_at)::double precision) filter (where resolved_at >= {from} and resolved_at < {to}) "ToResolve"
            from incident where state <> 'Dismissed'
            """).SingleAsync(cancellation);
        var clocks = await db.Database.SqlQuery<ClockFigures>(
            $"""
            select count(*) filter (where state = 'Done' and settled_at <= due_at and settled_at >= {from} and settled_at < {to})::int "InTime",
              count(*) filter (where state = 'Done' and settled_at > due_at and settled_at >= {from} and settled_at < {to} or state = 'Running' and due_at < {now})::int "Late",
              count(*) filter (where state = 'Running')::int "Running" from incident_clock
            """).SingleAsync(cancellation);
        var today = now.UtcDateTime.Date;
        var actions = await db.Database.SqlQuery<ActionFigures>(
            $"""
            select count(*)::int "Open", count(*) filter (where due_on < {DateOnly.FromDateTime(today)})::int "Overdue" from incident_action where state in ('Open', 'Done')
            """).SingleAsync(cancellation);
        var categories = await db.Incidents.AsNoTracking().Where(i => i.State != IncidentState.Dismissed && i.ReportedAt >= from && i.ReportedAt < to)
            .GroupBy(i => i.Category).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellation);
        static TimeSpan? Span(double? seconds) => seconds is { } known ? TimeSpan.FromSeconds(Math.Max(0, known)) : null;
        return new IncidentFigures(
            figures.Reported, figures.Severe, figures.Resolved, figures.UnderWay, Span(figures.ToDetect), Span(figures.ToContain), Span(figures.ToResolve), clocks.InTime, clocks.Late, clocks.Running,
            actions.Open, actions.Overdue, [.. categories.OrderByDescending(c => c.Count).ThenBy(c => c.Key).Select(c => (c.Key, c.Count))]);
    }

    private sealed record Figures(int Reported, int Severe, int Resolved, int UnderWay, double? ToDetect, double? ToContain, double? ToResolve);

    private sealed record ClockFigures(int InTime, int Late, int Running);

    private sealed record ActionFigures(int Open, int Overdue);
}
