using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// A node of the portal, a gateway that decides by itself, or one that is told what to refuse, and the generation it applies. Times are the database's, so
/// that they compare.
/// </summary>
public sealed record EnforcementNode(string Name, long Generation, DateTimeOffset AppliedAt, DateTimeOffset SeenAt, bool IsGateway = false, long ClockOffMs = 0)
{
    /// <summary>The gateway's name, where it is told what to refuse: then only some switches concern it.</summary>
    public string? ToldAs { get; init; }

    /// <summary>Whether a switch of a model concerns it.</summary>
    public bool CarriesModels { get; init; }
}

/// <summary>Where a switch stands, as somebody who has to act reads it.</summary>
public enum SwitchReading { Running, Stopping, Stopped, ReleasePending }

/// <summary>One node and one switch: whether it applies the switch, and since how long after the click, if that is known.</summary>
public sealed record NodeStanding(string Name, bool Applied, bool Silent, long Generation, DateTimeOffset SeenAt, TimeSpan? After);

/// <summary>How far a switch has come. Stopped only when every node applies it; before that it is stopping.</summary>
public sealed record SwitchStanding(SwitchReading Reading, IReadOnlyList<NodeStanding> Nodes, TimeSpan? TimeToEffect)
{
    /// <summary>What stands; null when nothing was ever engaged.</summary>
    public KillSwitch? Switch { get; init; }

    public int Applied => Nodes.Count(n => n.Applied);
}

public sealed record SwitchRow(
    string Key, string Title, string BusinessUnit, Stage Stage, KillSwitch? Switch, SwitchReading Reading, int NodesApplied, int NodesTotal,
    TimeSpan? TimeToEffect, IReadOnlyList<NodeStanding> Nodes);

/// <summary>A switch of a model, of a gateway or of everything, with how far it has come.</summary>
public sealed record WiderSwitch(KillSwitch Switch, SwitchStanding Standing);

public sealed record SwitchFilter(string? Search = null, bool NeedsAttention = false);

/// <summary>The kill switch console: what is stopped, where the stop has arrived, and who stopped it.</summary>
public sealed class SwitchConsole(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>A node not heard of for this long is silent; after an hour it is forgotten as gone.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan GoneAfter = TimeSpan.FromHours(1);

    public async Task<(Page<SwitchRow> Rows, IReadOnlyList<EnforcementNode> Nodes, long Generation)> ForAsync(
        Actor reader, SwitchFilter filter, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var points = await PointsAsync(db, cancellation);
        var generation = await db.Database.SqlQuery<long>($"select value as \"Value\" from enforcement_generation").SingleAsync(cancellation);
        var rows =
            from useCase in Governed(db, reader)
            join found in db.KillSwitches.AsNoTracking().Where(s => s.Scope == SwitchScope.UseCase) on useCase.Key equals found.Target into switches
            from killSwitch in switches.DefaultIfEmpty()
            select new { useCase, killSwitch };
        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = Search.Pattern(filter.Search);
            rows = rows.Where(r => EF.Functions.ILike(r.useCase.Title, pattern, Search.Escape) || EF.Functions.ILike(r.useCase.Key, pattern, Search.Escape));
        }

        rows = filter.NeedsAttention ? rows.Where(r => r.killSwitch != null && r.killSwitch.State != SwitchState.Released) : rows;
        var found1 = await rows
            .OrderByDescending(r => r.killSwitch != null && r.killSwitch.State != SwitchState.Released)
            .ThenByDescending(r => r.killSwitch!.ChangedAt).ThenBy(r => r.useCase.Key)
            .ToPageAsync(page, size, cancellation);
        var items = found1.Items.Select(r => RowOf(r.useCase, r.killSwitch, points)).ToList();
        return (new Page<SwitchRow>(items, found1.Total, found1.Number, found1.Size), points.Nodes, generation);
    }

    public async Task<SwitchRow> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, reader, cancellation);
        var killSwitch = await db.KillSwitches.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Scope == SwitchScope.UseCase && s.Target == useCaseKey, cancellation);
        return RowOf(useCase, killSwitch, await PointsAsync(db, cancellation));
    }

    /// <summary>The decision nodes of the portal that were heard of in the last hour.</summary>
    public async Task<IReadOnlyList<EnforcementNode>> NodesAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await NodesAsync(db, cancellation);
    }

    /// <summary>How far one switch has come, for those who watch it take effect; null before it was ever engaged.</summary>
    public async Task<SwitchStanding?> StandingOfAsync(SwitchScope scope, string target, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (scope is SwitchScope.UseCase)
        {
            await db.DemandReadableAsync(target, reader, cancellation);
        }

        var killSwitch = await db.KillSwitches.AsNoTracking().SingleOrDefaultAsync(s => s.Scope == scope && s.Target == target, cancellation);
        return killSwitch is null ? null : StandingOf(killSwitch, await PointsAsync(db, cancellation));
    }

    /// <summary>
    /// Switches of models, gateways and everything that are engaged now. Everybody may know: each of them can be why a
    /// use case of theirs is refused.
    /// </summary>
    public async Task<IReadOnlyList<KillSwitch>> WiderOnesAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await WiderOnes(db).ToListAsync(cancellation);
    }

    /// <summary>The same, with how far each has come.</summary>
    public async Task<IReadOnlyList<WiderSwitch>> WiderStandingsAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var engaged = await WiderOnes(db).ToListAsync(cancellation);
        var points = engaged.Count > 0 ? await PointsAsync(db, cancellation) : Points.None;
        return [.. engaged.Select(s => new WiderSwitch(s, StandingOf(s, points)))];
    }

    /// <summary>How many use cases have a switch that this person may see, and how many of those are engaged.</summary>
    public async Task<(int All, int Engaged)> CountsAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var governed = Governed(db, reader);
        return (await governed.CountAsync(cancellation), await governed.CountAsync(
            u => db.KillSwitches.Any(s => s.Scope == SwitchScope.UseCase && s.Target == u.Key && s.State != SwitchState.Released), cancellation));
    }

    /// <summary>How many switches are stopping and how many are stopped, for the pills that every page shows: one's own use cases, and all wider ones.</summary>
    public async Task<(int Stopping, int Stopped)> PillsAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var governed = Governed(db, reader);
        var engaged = await db.KillSwitches.AsNoTracking()
            .Where(s => s.State != SwitchState.Released && (s.Scope != SwitchScope.UseCase || governed.Any(u => u.Key == s.Target)))
            .Select(s => new { s.Scope, s.Target, s.Generation }).ToListAsync(cancellation);
        var points = engaged.Count > 0 ? await PointsAsync(db, cancellation) : Points.None;
        var stopped = engaged.Count(s => IsEverywhere(s.Generation, points.Of(s.Scope, s.Target)));
        return (engaged.Count - stopped, stopped);
    }

    private static IQueryable<KillSwitch> WiderOnes(GovernanceDb db) => db.KillSwitches.AsNoTracking()
        .Where(s => s.Scope != SwitchScope.UseCase && s.State != SwitchState.Released).OrderByDescending(s => s.EngagedAt).Take(100);

    /// <summary>Use cases that enforcement knows and this person may know of.</summary>
    private static IQueryable<UseCase> Governed(GovernanceDb db, Actor reader)
    {
        var governed = db.UseCases.AsNoTracking().Where(u => u.ApprovedRevision != null || u.GraceUntil != null);
        var me = reader.Id.Value;
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases)
            ? governed.Where(u => u.BusinessUnit == reader.BusinessUnit || u.Editors.Contains(me))
            : governed;
    }

    private SwitchRow RowOf(UseCase useCase, KillSwitch? killSwitch, Points points)
    {
        var standing = StandingOf(killSwitch, points);
        return new SwitchRow(
            useCase.Key, useCase.Title, useCase.BusinessUnit, useCase.Stage, killSwitch, standing.Reading, standing.Applied, standing.Nodes.Count,
            standing.TimeToEffect, standing.Nodes);
    }

    private SwitchStanding StandingOf(KillSwitch? killSwitch, Points points)
    {
        var nodes = points.Of(killSwitch?.Scope ?? SwitchScope.UseCase, killSwitch?.Target ?? "");
        var generation = killSwitch?.Generation ?? 0;
        var reading = killSwitch is not { IsEngaged: true } ? SwitchReading.Running
            : killSwitch.State is SwitchState.ReleasePending ? SwitchReading.ReleasePending
            : IsEverywhere(generation, nodes) ? SwitchReading.Stopped
            : SwitchReading.Stopping;
        var standings = nodes.Select(n => new NodeStanding(
            n.Name, n.Generation >= generation && !IsSilent(n), IsSilent(n), n.Generation, n.SeenAt,
            // Nodes report the time of the newest generation they apply; for an older one only "applied" is known.
            killSwitch?.EngagedAt is { } engagedAt && n.Generation == generation && n.AppliedAt > engagedAt ? n.AppliedAt - engagedAt : null)).ToList();
        return new SwitchStanding(
            reading, standings,
            reading is SwitchReading.Stopped && nodes.Zip(standings).All(n => n.Second.After is not null || n.First.ToldAs is not null) ? standings.Max(n => n.After) : null)
        {
            Switch = killSwitch,
        };
    }

    /// <summary>Where switches take effect. A gateway that is told counts for those that go through it, while they are engaged.</summary>
    private async Task<Points> PointsAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var nodes = await NodesAsync(db, cancellation);
        if (!nodes.Exists(n => n.ToldAs is not null))
        {
            return new Points(nodes, new HashSet<(string, string)>());
        }

        var bound = await db.CredentialBindings.AsNoTracking()
            .Where(b => db.Actuators.Any(a => a.IsConfigured && a.Gateway == b.Gateway)
                && db.KillSwitches.Any(s => s.Scope == SwitchScope.UseCase && s.Target == b.UseCaseKey && s.State != SwitchState.Released))
            .Select(b => new { b.UseCaseKey, b.Gateway }).Distinct().ToListAsync(cancellation);
        return new Points(nodes, bound.Select(b => (b.UseCaseKey, b.Gateway)).ToHashSet());
    }

    private sealed record Points(IReadOnlyList<EnforcementNode> Nodes, IReadOnlySet<(string UseCase, string Gateway)> Bound)
    {
        public static Points None { get; } = new([], new HashSet<(string, string)>());

        public IReadOnlyList<EnforcementNode> Of(SwitchScope scope, string target) => [.. Nodes.Where(n => n.ToldAs is not { } gateway || scope switch
        {
            SwitchScope.UseCase => Bound.Contains((target, gateway)),
            SwitchScope.Gateway => string.Equals(gateway, target, StringComparison.OrdinalIgnoreCase),
            SwitchScope.Model => n.CarriesModels,
            _ => true,
        })];
    }

    private bool IsSilent(EnforcementNode node) => clock.GetUtcNow() - node.SeenAt > SilentAfter;

    private bool IsEverywhere(long generation, IReadOnlyList<EnforcementNode> nodes) =>
        nodes.Count > 0 && nodes.All(n => n.Generation >= generation && !IsSilent(n));

    private Task<List<EnforcementNode>> NodesAsync(GovernanceDb db, CancellationToken cancellation) =>
        db.Database.SqlQuery<EnforcementNode>(
            $"""
            select name "Name", generation "Generation", applied_at "AppliedAt", seen_at "SeenAt", false "IsGateway", 0::bigint "ClockOffMs", null "ToldAs", true "CarriesModels"
            from enforcement_node where seen_at > clock_timestamp() - {GoneAfter}
            union all
            select gateway || '/' || instance, generation, applied_at, seen_at, true, clock_off_ms, null, true
            from enforcer where seen_at > clock_timestamp() - {GoneAfter}
            union all
            select a.name,
              -- told of everything before the first change that waits; of what does not concern it, it need not be told
              case when a.standing <> 'Effective' then 0 else coalesce((select min(m.body::bigint) - 1 from outbox_message m
                where m.channel = 'actuator' and m.recipient = a.name and m.sent_at is null and m.given_up_at is null),
                greatest(a.generation, (select value from enforcement_generation))) end,
              coalesce(a.applied_at, a.since), case when a.standing = 'Unreachable' then coalesce(a.read_at, a.since) else {clock.GetUtcNow()} end, true, 0, a.gateway, a.carries_models
            from actuator a where a.is_configured
            order by 5, 1
            """)
            .ToListAsync(cancellation);
}
