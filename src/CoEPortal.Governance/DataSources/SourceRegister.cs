using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.DataSources;

public sealed record SourceFilter(DataClass? DataClass = null, bool Flows = false, string? Search = null);

/// <summary>A use case that names a source.</summary>
public sealed record SourceUse(string Key, string Title, Stage Stage, IReadOnlyList<string> Conflicts);

/// <summary>A source with what it is filled from and what is filled from it.</summary>
public sealed record SourceSheet(DataSource Source, IReadOnlyList<DataSource> FeedsOn, IReadOnlyList<DataSource> Feeds, IReadOnlyList<SourceUse> UsedBy);

/// <summary>The register of data sources, which everybody who proposes may read.</summary>
public sealed class SourceRegister(IDbContextFactory<GovernanceDb> databases)
{
    private const int MostInForce = 2000;
    private const int MostUses = 200;

    public async Task<Page<DataSource>> PageAsync(SourceFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var all = db.DataSources.AsNoTracking().Where(s => s.RetiredAt == null);
        all = filter.DataClass is { } dataClass ? all.Where(s => s.DataClass == dataClass) : all;
        if (filter.Flows)
        {
            all = all.Where(s => db.Database.SqlQuery<Guid>($"select id as \"Value\" from data_source where jsonb_array_length(flows) > 0").Contains(s.Id));
        }

        if (filter.Search is { Length: > 0 } search)
        {
            var like = Search.Pattern(search);
            all = all.Where(s => EF.Functions.ILike(s.Name, like, Search.Escape) || EF.Functions.ILike(s.Key, like, Search.Escape) || EF.Functions.ILike(s.System, like, Search.Escape));
        }

        return await all.OrderBy(s => s.Name).ThenBy(s => s.Key).ToPageAsync(page, size, cancellation);
    }

    /// <summary>What one-pagers can pick from.</summary>
    public async Task<IReadOnlyList<DataSource>> AllAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.DataSources.AsNoTracking().Where(s => s.RetiredAt == null).OrderBy(s => s.Name).Take(MostInForce).ToListAsync(cancellation);
    }

    public async Task<SourceSheet> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var source = await db.DataSources.AsNoTracking().SingleOrDefaultAsync(s => s.Key == key, cancellation) ?? throw new NotFoundException("data source", key);
        var near = await db.DataSources.AsNoTracking().Where(s => s.RetiredAt == null && (source.FeedsOn.Contains(s.Key) || s.FeedsOn.Contains(key))).OrderBy(s => s.Name).ToListAsync(cancellation);
        var name = source.Name.ToLowerInvariant();
        // What is in force, or else what was submitted last, or else the draft.
        var ids = await db.Database.SqlQuery<Guid>(
            $"""
            select u.id as "Value" from use_case u left join use_case_revision r on r.use_case_id = u.id and r.number = coalesce(u.approved_revision, nullif(u.latest_revision, 0))
            where u.stage <> 'Retired' and exists (
              select from jsonb_array_elements_text(coalesce(r.proposal, u.draft) -> 'dataSources') d (name) where lower(trim(d.name)) = {name} or d.name = {key})
            order by u.key limit {MostUses}
            """).ToListAsync(cancellation);
        var uses = await db.UseCases.AsNoTracking().Include(u => u.Revisions).AsSplitQuery().Where(u => ids.Contains(u.Id)).OrderBy(u => u.Key).ToListAsync(cancellation);
        return new(
            source, [.. near.Where(s => source.FeedsOn.Contains(s.Key))], [.. near.Where(s => s.FeedsOn.Contains(key))],
            [
                .. uses.Where(u => AccessPolicy.Allows(reader, Permission.ReadUseCases, u.Subject)).Select(u => new SourceUse(
                    u.Key, u.Title, u.Stage,
                    [.. SourceCheck.Of(u.Revisions.FirstOrDefault(r => r.Number == (u.ApprovedRevision ?? u.LatestRevision))?.Proposal ?? u.Draft, [source]).SelectMany(s => s.Conflicts)])),
            ]);
    }
}
