using System.Diagnostics;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Asks, as a gateway would, whether a use case is refused now.</summary>
public delegate Task<bool> ProbeRefusal(string useCaseKey, CancellationToken cancellation);

/// <summary>Rehearses a stop and times each step. One drill runs at a time, for none to measure another.</summary>
public sealed class StartDrill(
    IDbContextFactory<GovernanceDb> databases, EngageKillSwitch engage, ProbeRefusal probe, IEnumerable<IRouteProbe> routes, TimeProvider clock)
{
    /// <summary>How gateways name the canary. It is in every snapshot, approved, high risk, and no use case.</summary>
    public const string Canary = "canary";

    /// <summary>Who rehearses the canary every few minutes.</summary>
    public static readonly Actor Schedule = Actor.Rule("canary-drill");

    private const long LockKey = 0x434F454452494C; // "COEDRIL"

    public static readonly TimeSpan Objective = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    private readonly RouteProbes _routes = new(routes);

    /// <summary>Who has not confirmed by then is silent.</summary>
    public TimeSpan WaitAtMost { get; init; } = TimeSpan.FromSeconds(10);

    /// <param name="target">The key of a use case, or <see cref="Canary"/>.</param>
    /// <param name="reason">Why now; needed to stop a use case for real.</param>
    /// <param name="by">Who may stop it may rehearse it.</param>
    /// <param name="cancellation">Gives up measuring; what was stopped stays stopped.</param>
    public async Task<(Drill Drill, IReadOnlyList<DrillPoint> Points)> RunAsync(string target, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.EngageSwitches);
        Refuse.If(target != Canary && string.IsNullOrWhiteSpace(reason), "reason-required", "Say why this is rehearsed on what people use.");
        Refuse.If(reason.Length > 1000, "reason-too-long", "Write at most 1,000 characters.");
        return await RunAloneAsync(target, reason.Trim(), by, cancellation);
    }

    /// <summary>The canary, as the schedule does it.</summary>
    public Task<(Drill Drill, IReadOnlyList<DrillPoint> Points)> RunScheduledAsync(CancellationToken cancellation = default) =>
        RunAloneAsync(Canary, "Scheduled", Schedule, cancellation);

    private async Task<(Drill, IReadOnlyList<DrillPoint>)> RunAloneAsync(string target, string reason, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        var isFree = (await db.Database.SqlQuery<bool>($"select pg_try_advisory_lock({LockKey}) as \"Value\"").ToListAsync(cancellation))[0];
        Refuse.If(!isFree, "drill-running", "Another drill is running. Wait until it has ended.");
        try
        {
            return await MeasureAsync(db, target, reason, by, cancellation);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    private async Task<(Drill, IReadOnlyList<DrillPoint>)> MeasureAsync(GovernanceDb db, string target, string reason, Actor by, CancellationToken cancellation)
    {
        var isCanary = target == Canary;
        // Routes through gateways are the canary's; what a use case runs on is not asked for fun.
        var (open, faults) = isCanary ? await _routes.OpenAsync(cancellation) : ([], []);
        var clicked = await NowAsync(db, cancellation);
        var generation = isCanary
            ? await HaltCanaryAsync(true, cancellation)
            : (await engage.RunAsync(SwitchScope.UseCase, target, SwitchMode.Stop, $"Drill: {reason}", "A rehearsal. It is released shortly.", by, cancellation)).Generation;
        var committed = await NowAsync(db, cancellation);
        try
        {
            var refused = RouteProbes.RefusedAsync(open, WaitAtMost, cancellation);
            var (points, silent, denied) = await WaitAsync(db, target, generation, clicked, committed, cancellation);
            var (refusing, notRefusing) = await refused;
            points.AddRange(refusing.Select(r => new DrillPoint(r.Name, true, (committed + r.After - clicked).TotalMilliseconds)));
            silent.AddRange([.. faults, .. notRefusing]);
            var times = new DrillTimes(clicked, committed, LastOf(points, false, clicked), LastOf(points, true, clicked), denied);
            var leaked = isCanary || times.Everywhere is not { } everywhere ? (0, 0m) : await LeakedAsync(db, target, clicked + everywhere, cancellation);
            var drill = Drill.Ended(target, isCanary ? DrillKind.Canary : DrillKind.Real, reason, Objective, generation, times, silent, leaked, by, clock.GetUtcNow());
            await SaveAsync(db, drill, points, cancellation);
            return (drill, points);
        }
        finally
        {
            if (isCanary)
            {
                await HaltCanaryAsync(false, CancellationToken.None);
            }
        }
    }

    private async Task<long> HaltCanaryAsync(bool isHalted, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var generation = await EnforcementGeneration.NextAsync(db, cancellation);
        await db.Database.ExecuteSqlAsync($"update canary set is_halted = {isHalted}, generation = {generation}, changed_at = clock_timestamp()", cancellation);
        await transaction.CommitAsync(cancellation);
        return generation;
    }

    private async Task<(List<DrillPoint> Points, List<string> Silent, DateTimeOffset? Denied)> WaitAsync(
        GovernanceDb db, string target, long generation, DateTimeOffset clicked, DateTimeOffset committed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        DateTimeOffset? denied = null;
        while (true)
        {
            if (denied is null && await probe(target, cancellation))
            {
                denied = committed + Stopwatch.GetElapsedTime(started);
            }

            var nodes = await db.Database.SqlQuery<Applied>(
                $"""
                select name "Name", false "IsGateway", generation >= {generation} "IsApplied", applied_at "AppliedAt" from enforcement_node where seen_at > {clicked} - {SwitchConsole.SilentAfter}
                union all
                select gateway || '/' || instance, true, generation >= {generation}, applied_at from enforcer where seen_at > {clicked} - {SwitchConsole.SilentAfter}
                """).ToListAsync(cancellation);
            if (denied is not null && nodes.Count > 0 && nodes.TrueForAll(n => n.IsApplied) || Stopwatch.GetElapsedTime(started) > WaitAtMost)
            {
                return (
                    [.. nodes.Where(n => n.IsApplied).Select(n => new DrillPoint(n.Name, n.IsGateway, Math.Max(0, (n.AppliedAt - clicked).TotalMilliseconds)))],
                    [.. nodes.Where(n => !n.IsApplied).Select(n => n.Name)], denied);
            }

            await Task.Delay(LookEvery, cancellation);
        }
    }

    private static async Task<(long, decimal)> LeakedAsync(GovernanceDb db, string target, DateTimeOffset since, CancellationToken cancellation)
    {
        var leaked = await db.Database.SqlQuery<Leaked>(
            $"""
            select count(*) "Calls", coalesce(sum(cost), 0) "Cost" from telemetry.call where use_case_key = {target} and started_at > {since} and not failed
            """).SingleAsync(cancellation);
        return (leaked.Calls, leaked.Cost);
    }

    private static async Task SaveAsync(GovernanceDb db, Drill drill, List<DrillPoint> points, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.Drills.Add(drill);
        await db.SaveChangesAsync(cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into drill_point (drill_id, name, is_gateway, after_ms)
            select {drill.Id}, * from unnest({points.ConvertAll(p => p.Name)}, {points.ConvertAll(p => p.IsGateway)}, {points.ConvertAll(p => p.AfterMs)})
            """, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static DateTimeOffset? LastOf(List<DrillPoint> points, bool gateways, DateTimeOffset clicked) =>
        points.Where(p => p.IsGateway == gateways).Select(p => (DateTimeOffset?)clicked.AddMilliseconds(p.AfterMs)).Max();

    private static async Task<DateTimeOffset> NowAsync(GovernanceDb db, CancellationToken cancellation) =>
        (await db.Database.SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").ToListAsync(cancellation))[0];

    private sealed record Applied(string Name, bool IsGateway, bool IsApplied, DateTimeOffset AppliedAt);

    private sealed record Leaked(long Calls, decimal Cost);
}
