using System.Globalization;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What a criterion was last judged by.</summary>
/// <param name="Value">In the unit of the limit; for an alert 1 while it fires.</param>
/// <param name="Sample">How many calls, opinions or examples are behind it.</param>
/// <param name="At">The end of the window, or when the figure was taken.</param>
public sealed record CriterionFigure(decimal Value, long Sample, DateTimeOffset At);

/// <summary>A kill criterion as a page shows it.</summary>
/// <param name="Criterion">With the limit in force.</param>
/// <param name="IsMeasured">False: "not measured here", people have to watch it.</param>
/// <param name="IsOver">It engaged, and its figure has not been well below the limit since.</param>
/// <param name="EngagedAt">When it last engaged, by event time.</param>
/// <param name="Now">The newest figure; null as long as there is none.</param>
/// <param name="PausedUntil">It engaged and does not engage again before; null when it is armed.</param>
public sealed record CriterionStanding(
    WatchedCriterion Criterion, bool IsMeasured, bool IsOver, DateTimeOffset? EngagedAt, CriterionFigure? Now, DateTimeOffset? PausedUntil);

/// <summary>One step by which somebody made a limit stricter.</summary>
public sealed record TighteningStep(int Revision, int Criterion, decimal Before, decimal Limit, string Reason, string ByName, DateTimeOffset At);

/// <summary>Every criterion of what is approved: none is silently ignored.</summary>
public sealed class CriteriaInForce(IDbContextFactory<GovernanceDb> databases, OpenEntries open, Organisation organisation, TimeProvider clock)
{
    private const int MostSteps = 100;

    public async Task<IReadOnlyList<CriterionStanding>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var states = await db.Database.SqlQuery<State>(
            $"""
            select revision "Revision", criterion "Criterion", is_over "IsOver", engaged_at "EngagedAt" from telemetry.criterion_state where use_case_key = {useCaseKey}
            """).ToListAsync(cancellation);
        var (now, standings) = (clock.GetUtcNow(), new List<CriterionStanding>());
        foreach (var criterion in await WatchedCriterion.OfAsync(db, [useCaseKey], cancellation))
        {
            var state = states.Find(s => (s.Revision, s.Criterion) == (criterion.Revision, criterion.Number));
            var pause = state?.EngagedAt + CriterionTrigger.CooldownOf(criterion.Criterion);
            standings.Add(new CriterionStanding(
                criterion, criterion.Criterion.Kind.IsMeasured(), state?.IsOver ?? false, state?.EngagedAt, await FigureAsync(db, criterion, now, cancellation), pause > now ? pause : null));
        }

        return standings;
    }

    /// <summary>How the limits in force came about, newest first, of every revision.</summary>
    public async Task<IReadOnlyList<TighteningStep>> StepsAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var events = await db.AuditEvents.AsNoTracking().Where(e => e.UseCaseKey == useCaseKey && e.Action == nameof(KillCriterionTightened))
            .OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId).Take(MostSteps)
            .Select(TimelineEntry.AsStored).ToListAsync(cancellation);
        return
        [
            .. from e in await open.RunAsync(db, events, cancellation)
               let body = e.Details
               select new TighteningStep(
                   (int)FigureOf(body["revision"]), (int)FigureOf(body["criterion"]), FigureOf(body["before"]), FigureOf(body["limit"]),
                   body["reason"]?.ToString() ?? "", e.ActorName, e.OccurredAt),
        ];
    }

    private static decimal FigureOf(JsonNode? node) =>
        decimal.TryParse(node?.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var figure) ? figure : 0;

    private async Task<CriterionFigure?> FigureAsync(GovernanceDb db, WatchedCriterion criterion, DateTimeOffset now, CancellationToken cancellation)
    {
        var (key, kind) = (criterion.UseCaseKey, criterion.Criterion.Kind);
        switch (kind)
        {
            case KillCriterionKind.Budget:
                var start = BudgetWatch.WindowOf(organisation, criterion.Criterion.Window, now);
                return new CriterionFigure(
                    await db.Database.SqlQuery<decimal?>(
                        $"""
                        select cost "Value" from telemetry.spend where use_case_key = {key} and revision = {criterion.Revision} and criterion = {criterion.Number} and window_start = {start}
                        """).SingleOrDefaultAsync(cancellation) ?? 0, 0, now);
            case KillCriterionKind.ApprovalExpiry:
                return await db.Database.SqlQuery<DateTimeOffset?>(
                    $"""
                    select max(occurred_at) "Value" from audit.event where subject_type = 'use-case' and subject_key = {key} and action = 'UseCaseApproved'
                    """).SingleAsync(cancellation) is { } approved ? new CriterionFigure(Math.Floor((decimal)(now - approved).TotalDays), 0, now) : null;
            case KillCriterionKind.StaleCard:
                return await db.Database.SqlQuery<DateTimeOffset?>(
                    $"""
                    select max(v.published_at) "Value" from card c join card_version v on v.card_id = c.id where c.use_case_key = {key}
                    """).SingleAsync(cancellation) is { } published ? new CriterionFigure(Math.Floor((decimal)(now - published).TotalDays), 0, now) : null;
            case KillCriterionKind.EvaluationScore:
                return await db.Database.SqlQuery<CriterionFigure>(
                    $"""
                    select score "Value", examples "Sample", evaluated_at "At" from telemetry.evaluation where use_case_key = {key} order by evaluated_at desc, id desc limit 1
                    """).SingleOrDefaultAsync(cancellation);
            case KillCriterionKind.Alert:
                var firing = await db.Database.SqlQuery<DateTimeOffset?>(
                    $"""
                    select max(started_at) "Value" from telemetry.signal where use_case_key = {key} and is_firing and name = {criterion.Criterion.AlertName}
                    """).SingleAsync(cancellation);
                return new CriterionFigure(firing is null ? 0 : 1, 0, firing ?? now);
            case KillCriterionKind.SevereIncident:
                var open = await db.Database.SqlQuery<int>(
                    $"""
                    select count(*)::int "Value" from incident where {key} = any (use_case_keys) and state in ('Open', 'Contained') and severity in ('Serious', 'Critical')
                    """).SingleAsync(cancellation);
                return new CriterionFigure(open, 0, now);
            case var windowed when windowed.IsWindowed():
                return await WindowFigureAsync(db, criterion, now, cancellation);
            default:
                return null;
        }
    }

    // The window that ends with the last call or opinion: what was judged last, not an empty hour of the night.
    private static async Task<CriterionFigure?> WindowFigureAsync(GovernanceDb db, WatchedCriterion criterion, DateTimeOffset now, CancellationToken cancellation)
    {
        var key = criterion.UseCaseKey;
        var last = criterion.Criterion.Kind is KillCriterionKind.NegativeFeedback
            ? await db.Database.SqlQuery<DateTime?>($"select max(given_at) \"Value\" from user_feedback where use_case_key = {key} and given_at <= {now}").SingleAsync(cancellation)
            : await db.Database.SqlQuery<DateTime?>($"select max(minute) \"Value\" from telemetry.criterion_minute where use_case_key = {key} and minute <= {now}").SingleAsync(cancellation);
        if (last is not { } at)
        {
            return null;
        }

        var minute = CountedUsage.MinuteOf(new DateTimeOffset(at, TimeSpan.Zero));
        var figures = await CriterionWindows.ReadAsync(db, criterion, minute - CriterionTrigger.WindowOf(criterion.Criterion), minute, cancellation);
        var (value, sample) = figures.Values.Aggregate(WindowFigures.None, (sum, f) => sum + f).Of(criterion.Criterion.Kind);
        return new CriterionFigure(value, sample, new DateTimeOffset(minute).AddMinutes(1));
    }

    private sealed record State(int Revision, int Criterion, bool IsOver, DateTimeOffset? EngagedAt);
}
