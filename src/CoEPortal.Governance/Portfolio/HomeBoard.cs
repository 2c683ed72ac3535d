using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>A switch that is engaged now, and how far the stop has come.</summary>
/// <param name="UseCaseKey">Null for a switch of a model, a gateway or everything.</param>
public sealed record Fire(string? UseCaseKey, string Title, KillSwitch Switch, SwitchReading Reading, int NodesApplied, int NodesTotal);

/// <summary>A use case as a bubble: risk to the right, value upwards.</summary>
public sealed record Bubble(string Key, string Title, int Value, int Risk, Stage Stage, decimal Cost);

/// <summary>Something this person has to do.</summary>
/// <param name="TaskId">The task to decide, or the review that has stopped.</param>
public sealed record Waiting(string Kind, string UseCaseKey, string Title, Guid? TaskId, DateTimeOffset? DueAt, Role? Function);

public sealed record Board(
    IReadOnlyList<Fire> Fires, int FiresTotal, IReadOnlyList<Waiting> Waits, int WaitsTotal, IReadOnlyList<TimelineEntry> Changes, IReadOnlyList<Bubble> Bubbles,
    IReadOnlyList<(Stage Stage, int Count)> Stages, int UseCases, int InService, double? MedianDaysToDecision, double? FastLaneShare, decimal CostOf30Days, long CallsOf30Days, double? UnmeteredShare);

/// <summary>A home page: what is on fire, what waits for me, what changed. One visit, a fixed number of queries.</summary>
public sealed class HomeBoard(
    IDbContextFactory<GovernanceDb> databases, OpenEntries open, ReviewInbox inbox, FollowUps followUps, LaneList lanes, SwitchConsole switches,
    Organisation organisation, TimeProvider clock)
{
    private const int Rows = 4;
    private const int MostBubbles = 60;

    public async Task<Board> ForAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var visible = UseCaseList.Visible(db, reader);
        var now = clock.GetUtcNow();
        var month = now.AddDays(-30);

        var (fires, firesTotal) = await FiresAsync(db, visible, reader, cancellation);
        var changes = await db.AuditEvents.AsNoTracking()
            .Where(e => e.UseCaseKey != null && visible.Any(u => u.Key == e.UseCaseKey))
            .OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId).Take(Rows + 1)
            .Select(e => new TimelineEntry(
                e.EventId, e.SubjectType, e.UseCaseKey!, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.ActorName, e.Action, e.ContentHash, e.Body)
            { Sealed = e.Sealed })
            .ToListAsync(cancellation);

        var stages = await visible.GroupBy(u => u.Stage).Select(g => new { Stage = g.Key, Count = g.Count() }).ToListAsync(cancellation);
        var counts = await visible.GroupBy(_ => 1).Select(g => new
        {
            Total = g.Count(),
            InService = g.Count(u => u.Stage == Stage.InService),
            Submitted = g.Count(u => u.LatestRevision > 0),
            Fast = g.Count(u => u.LatestRevision > 0 && u.Lane == Lane.Fast),
        }).SingleOrDefaultAsync(cancellation);

        var days = await (
            from round in db.ApprovalRounds.AsNoTracking()
            where round.ClosedAt != null && round.Topic == ReviewTopic.Proposal && round.Lane != Lane.Fast && visible.Any(u => u.Id == round.UseCaseId)
            orderby round.ClosedAt descending
            select new { round.OpenedAt, round.ClosedAt }).Take(200).ToListAsync(cancellation);
        var keys = await visible.Where(u => u.Value != null && u.Risk != null).OrderByDescending(u => u.ChangedAt).Take(MostBubbles)
            .Select(u => new { u.Key, u.Title, Value = u.Value!.Value, Risk = u.Risk!.Value, u.Stage }).ToListAsync(cancellation);
        var usage = await UsageSinceAsync(db, month, await visible.Select(u => u.Key).Take(10_000).ToListAsync(cancellation), cancellation);
        var (waits, waitsTotal) = await WaitsForAsync(db, visible, reader, cancellation);

        var calls = usage.Values.Sum(u => u.Calls);
        return new Board(
            fires, firesTotal, waits, waitsTotal, await open.RunAsync(db, changes, cancellation),
            [.. keys.Select(k => new Bubble(k.Key, k.Title, k.Value, k.Risk, k.Stage, usage.GetValueOrDefault(k.Key)?.Cost ?? 0))],
            [.. stages.OrderBy(s => s.Stage).Select(s => (s.Stage, s.Count))], counts?.Total ?? 0, counts?.InService ?? 0,
            Median([.. days.Select(d => (d.ClosedAt!.Value - d.OpenedAt).TotalDays)]),
            counts is { Submitted: > 0 } ? (double)counts.Fast / counts.Submitted : null,
            usage.Values.Sum(u => u.Cost), calls, calls > 0 ? (double)usage.Values.Sum(u => u.Unmetered) / calls : null);
    }

    private async Task<(List<Fire> Fires, int Total)> FiresAsync(
        GovernanceDb db, IQueryable<UseCase> visible, Actor reader, CancellationToken cancellation)
    {
        var engaged =
            from useCase in visible
            join killSwitch in db.KillSwitches.AsNoTracking() on useCase.Key equals killSwitch.Target
            where killSwitch.Scope == SwitchScope.UseCase && killSwitch.State != SwitchState.Released
            orderby killSwitch.EngagedAt descending
            select useCase.Key;
        var wider = AccessPolicy.Allows(reader, Permission.ReadSwitches) ? await switches.WiderStandingsAsync(cancellation) : [];
        var fires = wider.Select(w => new Fire(null, "", w.Switch, w.Standing.Reading, w.Standing.Applied, w.Standing.Nodes.Count)).ToList();
        foreach (var key in await engaged.Take(Rows).ToListAsync(cancellation))
        {
            var row = await switches.OfAsync(key, reader, cancellation);
            if (row.Switch is { IsEngaged: true } killSwitch)
            {
                fires.Add(new Fire(key, row.Title, killSwitch, row.Reading, row.NodesApplied, row.NodesTotal));
            }
        }

        return (fires.Take(Rows).ToList(), wider.Count + await engaged.CountAsync(cancellation));
    }

    private async Task<(List<Waiting> Waits, int Total)> WaitsForAsync(
        GovernanceDb db, IQueryable<UseCase> visible, Actor reader, CancellationToken cancellation)
    {
        var waits = new List<Waiting>();
        var total = 0;
        if (AccessPolicy.Allows(reader, Permission.ReleaseSwitches))
        {
            var me = reader.Id.Value;
            var releases =
                from useCase in visible
                join killSwitch in db.KillSwitches.AsNoTracking() on useCase.Key equals killSwitch.Target
                where killSwitch.Scope == SwitchScope.UseCase && killSwitch.State == SwitchState.ReleasePending
                    && killSwitch.FirstReleasedBy != me && !useCase.Editors.Contains(me) && !useCase.FormerEditors.Contains(me)
                orderby killSwitch.FirstReleasedAt
                select new Waiting("release", useCase.Key, useCase.Title, null, null, null);
            total += await releases.CountAsync(cancellation);
            waits.AddRange(await releases.Take(Rows).ToListAsync(cancellation));
        }

        if (AccessPolicy.Allows(reader, Permission.DecideReviews))
        {
            var tasks = await inbox.ForAsync(reader, new InboxFilter(MayDecide: true), size: Rows, cancellation: cancellation);
            total += tasks.Total;
            waits.AddRange(tasks.Items.Select(t => new Waiting("decide", t.UseCaseKey, t.Title, t.TaskId, t.DueAt, t.Function)));
        }

        if (AccessPolicy.Allows(reader, Permission.OperateWorkflows))
        {
            var stopped = await lanes.OfAsync(new LaneFilter(WithIncident: true), reader, size: Rows, cancellation: cancellation);
            total += stopped.Total;
            waits.AddRange(stopped.Items.Select(l => new Waiting("stopped", l.UseCaseKey, l.Title, l.Id, null, null)));
        }

        var conditions = await followUps.WaitingAsync(reader, size: Rows, cancellation: cancellation);
        total += conditions.Total;
        waits.AddRange(conditions.Items.Select(c => new Waiting(
            c.MayJudge ? "judge" : "condition", c.FollowUp.UseCaseKey, c.FollowUp.Text, null,
            c.MayJudge ? null : organisation.StartOf(c.FollowUp.DueOn.AddDays(1)).AddMinutes(-1), c.FollowUp.Function)));

        if (AccessPolicy.Allows(reader, Permission.ProposeUseCase))
        {
            var me = reader.Id.Value;
            var drafts = visible.Where(u => u.Editors.Contains(me) && (u.Stage == Stage.Draft || u.Stage == Stage.ChangesAsked));
            total += await drafts.CountAsync(cancellation);
            waits.AddRange(await drafts.OrderByDescending(u => u.Stage == Stage.ChangesAsked).ThenByDescending(u => u.ChangedAt).Take(Rows)
                .Select(u => new Waiting(u.Stage == Stage.ChangesAsked ? "change" : "draft", u.Key, u.Title, null, null, null))
                .ToListAsync(cancellation));
        }

        return (waits.Take(Rows + 1).ToList(), total);
    }

    private static async Task<Dictionary<string, KeyUsage>> UsageSinceAsync(
        GovernanceDb db, DateTimeOffset since, List<string> keys, CancellationToken cancellation) =>
        await db.Database.SqlQuery<KeyUsage>(
            $"""
            select use_case_key key, sum(calls)::bigint calls, sum(unmetered_calls)::bigint unmetered, sum(cost) cost
            from telemetry.usage_minute where minute >= {since} and use_case_key = any({keys}) group by use_case_key
            """).ToDictionaryAsync(u => u.Key, cancellation);

    private static double? Median(List<double> figures)
    {
        figures.Sort();
        return figures.Count == 0 ? null : (figures[(figures.Count - 1) / 2] + figures[figures.Count / 2]) / 2;
    }

    private sealed record KeyUsage(string Key, long Calls, long Unmetered, decimal Cost);
}
