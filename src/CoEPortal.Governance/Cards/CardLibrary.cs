using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Cards;

public sealed record CardFilter(CardKind? Kind = null, string? Search = null, bool Stale = false, string? UseCaseKey = null);

/// <summary>A use case that relies on a model.</summary>
/// <param name="IsInForce">It is approved with it; otherwise only proposed.</param>
public sealed record Dependent(string Key, string Title, Stage Stage, bool IsInForce);

/// <summary>Cards, as far as somebody may see them: models are everybody's, systems belong to their use case.</summary>
public sealed class CardLibrary(IDbContextFactory<GovernanceDb> databases, VersionedFiles<CardTemplate> templates, Organisation organisation, TimeProvider clock)
{
    private const int MostDependents = 200;

    public IReadOnlyList<RefusedFile> RefusedTemplates => templates.Refused;

    public CardTemplate Template => templates.InForce(clock.GetUtcNow());

    public DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    public async Task<Page<Card>> PageAsync(CardFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var all = Readable(db, reader);
        all = filter.Kind is { } kind ? all.Where(c => c.Kind == kind) : all;
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(c => c.UseCaseKey == key) : all;
        if (filter.Stale)
        {
            var today = Today;
            all = all.Where(c => c.LatestVersion == 0 || c.ExpiresOn < today);
        }

        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            all = all.Where(c => EF.Functions.ILike(c.Name, pattern, Search.Escape) || EF.Functions.ILike(c.Key, pattern, Search.Escape) || EF.Functions.ILike(c.ModelVersion, pattern, Search.Escape));
        }

        return await all.OrderBy(c => c.ExpiresOn).ThenBy(c => c.Key).ToPageAsync(page, size, cancellation);
    }

    /// <returns>With all its versions.</returns>
    public async Task<Card> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Readable(db, reader).Include(c => c.Versions).SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("card", key);
    }

    /// <summary>Whom it concerns when this model changes, is stale or is stopped.</summary>
    public async Task<IReadOnlyList<Dependent>> DependentsAsync(Card card, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        string[] names = [.. card.CallNames.Select(n => n.ToLowerInvariant())];
        var keys = card.UseCaseKey is { } own
            ? [own]
            : await db.Database.SqlQuery<string>(
                $"""
                select distinct u.key as "Value" from use_case u join use_case_revision r on r.use_case_id = u.id and r.number in (u.approved_revision, u.latest_revision)
                cross join lateral jsonb_array_elements_text(coalesce(r.proposal -> 'endpoints', '[]')) e
                where u.stage <> 'Retired' and lower(e) = any ({names}) order by 1 limit {MostDependents}
                """).ToListAsync(cancellation);
        var found = db.UseCases.AsNoTracking().Where(u => keys.Contains(u.Key));
        if (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases))
        {
            var (me, unit) = (reader.Id.Value, reader.BusinessUnit);
            found = found.Where(u => unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me));
        }

        return [.. (await found.OrderBy(u => u.Key).ToListAsync(cancellation)).Select(u => new Dependent(u.Key, u.Title, u.Stage, u.IsApproved))];
    }

    /// <summary>Models that the system of a card relies on, as its newest revision names them.</summary>
    public async Task<IReadOnlyList<string>> ModelsAsync(Card card, CancellationToken cancellation = default)
    {
        if (card.UseCaseKey is not { } key)
        {
            return [];
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.UseCases.AsNoTracking().Include(u => u.Revisions).SingleAsync(u => u.Key == key, cancellation);
        return CardExport.ModelsOf(useCase.Revisions.SingleOrDefault(r => r.Number == useCase.ApprovedRevision)?.Proposal ?? useCase.Draft);
    }

    private static IQueryable<Card> Readable(GovernanceDb db, Actor reader)
    {
        var all = db.Cards.AsNoTracking();
        var (me, unit) = (reader.Id.Value, reader.BusinessUnit);
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases)
            ? all.Where(c => c.UseCaseKey == null || db.UseCases.Any(u => u.Key == c.UseCaseKey && (unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me))))
            : all;
    }
}
