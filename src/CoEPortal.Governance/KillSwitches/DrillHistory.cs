using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>How long one enforcement point takes, over its drills of the last 90 days.</summary>
public sealed record PointTimes(string Name, bool IsGateway, long Drills, double MedianMs, double P95Ms, double WorstMs);

/// <summary>Something that was not rehearsed for too long; never rehearsed when the time is null.</summary>
public sealed record OverdueDrill(string Target, DateTimeOffset? LastAt);

/// <summary>What rehearsals showed, and which are due.</summary>
public sealed class DrillHistory(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>The canary is rehearsed by the schedule, so a day without it says that something is broken.</summary>
    public static readonly TimeSpan CanaryWithin = TimeSpan.FromDays(1);

    /// <summary>What is in service is rehearsed for real once a quarter.</summary>
    public static readonly TimeSpan RealWithin = TimeSpan.FromDays(92);

    /// <param name="target">A use case, the canary, or null for all.</param>
    /// <param name="reader">Who reads.</param>
    /// <param name="page">From 1.</param>
    /// <param name="size">At most 100.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Page<Drill>> ListAsync(string? target, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Drills.AsNoTracking().Where(d => target == null || d.Target == target)
            .OrderByDescending(d => d.ClickedAt).ToPageAsync(page, size, cancellation);
    }

    public async Task<IReadOnlyList<PointTimes>> PointsAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var since = clock.GetUtcNow().AddDays(-90);
        return await db.Database.SqlQuery<PointTimes>(
            $"""
            select p.name "Name", p.is_gateway "IsGateway", count(*) "Drills", percentile_cont(0.5) within group (order by p.after_ms) "MedianMs",
              percentile_cont(0.95) within group (order by p.after_ms) "P95Ms", max(p.after_ms) "WorstMs"
            from drill_point p join drill d on d.id = p.drill_id where d.clicked_at > {since} group by 1, 2 order by 2, 1 limit 500
            """).ToListAsync(cancellation);
    }

    public async Task<IReadOnlyList<OverdueDrill>> OverdueAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        return await db.Database.SqlQuery<OverdueDrill>(
            $"""
            select t.target "Target", max(d.clicked_at) "LastAt"
            from (select {StartDrill.Canary} target, {now - CanaryWithin} due union all select key, {now - RealWithin} from use_case where stage = 'InService') t
            left join drill d on d.target = t.target group by t.target, t.due having coalesce(max(d.clicked_at), '-infinity') < t.due
            order by 2 nulls first, 1 limit 500
            """).ToListAsync(cancellation);
    }
}
