using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>An enforcement node and the generation it applies. Times are the database's, so that they compare.</summary>
public sealed record EnforcementNode(string Name, long Generation, DateTimeOffset AppliedAt, DateTimeOffset SeenAt);

/// <summary>Where a switch stands, as somebody who has to act reads it.</summary>
public enum SwitchReading { Running, Stopping, Stopped, ReleasePending }

public sealed record SwitchRow(
    string Key, string Title, string BusinessUnit, Stage Stage, KillSwitch? Switch, SwitchReading Reading, int NodesApplied, int NodesTotal,
    TimeSpan? TimeToEffect);

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
        var nodes = await NodesAsync(db, cancellation);
        var generation = await db.Database.SqlQuery<long>($"select value as \"Value\" from enforcement_generation").SingleAsync(cancellation);
        var rows =
            from useCase in db.UseCases.AsNoTracking()
            where useCase.ApprovedRevision != null
            join found in db.KillSwitches.AsNoTracking().Where(s => s.Scope == SwitchScope.UseCase) on useCase.Key equals found.Target into switches
            from killSwitch in switches.DefaultIfEmpty()
            select new { useCase, killSwitch };
        if (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases))
        {
            var me = reader.Id.Value;
            rows = rows.Where(r => r.useCase.BusinessUnit == reader.BusinessUnit || r.useCase.Editors.Contains(me));
        }

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
        var items = found1.Items.Select(r => RowOf(r.useCase, r.killSwitch, nodes)).ToList();
        return (new Page<SwitchRow>(items, found1.Total, found1.Number, found1.Size), nodes, generation);
    }

    public async Task<SwitchRow> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, reader, cancellation);
        var killSwitch = await db.KillSwitches.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Scope == SwitchScope.UseCase && s.Target == useCaseKey, cancellation);
        return RowOf(useCase, killSwitch, await NodesAsync(db, cancellation));
    }

    /// <summary>Switches of models, gateways and everything that are engaged now.</summary>
    public async Task<IReadOnlyList<KillSwitch>> WiderOnesAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.KillSwitches.AsNoTracking().Where(s => s.Scope != SwitchScope.UseCase && s.State != SwitchState.Released)
            .OrderByDescending(s => s.EngagedAt).Take(100).ToListAsync(cancellation);
    }

    /// <summary>How many use cases are stopping and how many are stopped, for the pills that every page shows.</summary>
    public async Task<(int Stopping, int Stopped)> PillsAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var engaged = await db.KillSwitches.AsNoTracking().Where(s => s.State != SwitchState.Released).Select(s => s.Generation).ToListAsync(cancellation);
        var nodes = await NodesAsync(db, cancellation);
        var stopped = engaged.Count(g => IsEverywhere(g, nodes));
        return (engaged.Count - stopped, stopped);
    }

    private SwitchRow RowOf(UseCase useCase, KillSwitch? killSwitch, IReadOnlyList<EnforcementNode> nodes)
    {
        var generation = killSwitch?.Generation ?? 0;
        var applied = nodes.Count(n => n.Generation >= generation && !IsSilent(n));
        var reading = killSwitch is not { IsEngaged: true } ? SwitchReading.Running
            : killSwitch.State is SwitchState.ReleasePending ? SwitchReading.ReleasePending
            : IsEverywhere(generation, nodes) ? SwitchReading.Stopped
            : SwitchReading.Stopping;
        // Nodes report the time of the newest generation they apply; for an older one only "applied" is known.
        var slowest = nodes.Where(n => n.Generation == generation).Select(n => n.AppliedAt - killSwitch!.ChangedAt).DefaultIfEmpty().Max();
        return new SwitchRow(
            useCase.Key, useCase.Title, useCase.BusinessUnit, useCase.Stage, killSwitch, reading, applied, nodes.Count,
            reading is SwitchReading.Stopped && slowest > TimeSpan.Zero ? slowest : null);
    }

    private bool IsSilent(EnforcementNode node) => clock.GetUtcNow() - node.SeenAt > SilentAfter;

    private bool IsEverywhere(long generation, IReadOnlyList<EnforcementNode> nodes) =>
        nodes.Count > 0 && nodes.All(n => n.Generation >= generation && !IsSilent(n));

    private static Task<List<EnforcementNode>> NodesAsync(GovernanceDb db, CancellationToken cancellation) =>
        db.Database.SqlQuery<EnforcementNode>(
            $"select name, generation, applied_at \"AppliedAt\", seen_at \"SeenAt\" from enforcement_node where seen_at > clock_timestamp() - {GoneAfter} order by name")
            .ToListAsync(cancellation);
}
