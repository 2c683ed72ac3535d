using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Patterns;

public enum PatternState { Current, Draft, Expired, Withdrawn }

public sealed record PatternFilter(PatternState? State = null, string? Search = null);

/// <summary>Patterns are for everybody who may propose: what would be cleared is no secret.</summary>
public sealed class PatternLibrary(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostCurrent = 500;

    public DateTimeOffset Now => clock.GetUtcNow();

    public async Task<Page<Pattern>> PageAsync(PatternFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = Now;
        var all = db.Patterns.AsNoTracking();
        all = filter.State switch
        {
            PatternState.Current => all.Where(p => p.WithdrawnAt == null && p.GoodUntil > now),
            PatternState.Draft => all.Where(p => p.WithdrawnAt == null && p.LatestVersion == 0),
            PatternState.Expired => all.Where(p => p.WithdrawnAt == null && p.GoodUntil <= now),
            PatternState.Withdrawn => all.Where(p => p.WithdrawnAt != null),
            _ => all,
        };
        if (filter.Search is { Length: > 0 } search)
        {
            var like = Search.Pattern(search);
            all = all.Where(p => EF.Functions.ILike(p.Title, like, Search.Escape) || EF.Functions.ILike(p.Key, like, Search.Escape));
        }

        return await all.OrderBy(p => p.WithdrawnAt != null).ThenBy(p => p.Title).ThenBy(p => p.Key).ToPageAsync(page, size, cancellation);
    }

    /// <returns>With all its versions.</returns>
    public async Task<Pattern> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Patterns.AsNoTracking().Include(p => p.Versions).SingleOrDefaultAsync(p => p.Key == key, cancellation) ?? throw new NotFoundException("pattern", key);
    }

    /// <summary>What the fast lane goes by now, in the order in which it is tried.</summary>
    public async Task<IReadOnlyList<CurrentPattern>> CurrentAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await CurrentAsync(db, Now, cancellation);
    }

    /// <summary>As <see cref="CurrentAsync(CancellationToken)"/>, for one use case: what had left its pattern is decided on by people before a rule clears it again.</summary>
    public async Task<IReadOnlyList<CurrentPattern>> ForAsync(string useCaseKey, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await ForAsync(db, useCaseKey, Now, cancellation);
    }

    internal static async Task<IReadOnlyList<CurrentPattern>> ForAsync(GovernanceDb db, string useCaseKey, DateTimeOffset now, CancellationToken cancellation)
    {
        var last = await db.Clearances.AsNoTracking().Where(c => c.UseCaseKey == useCaseKey).OrderByDescending(c => c.Revision).FirstOrDefaultAsync(cancellation);
        var hasLeft = last is { EndedBecause: ClearanceEnd.ModelOutside or ClearanceEnd.SampleObjected }
            && !await db.UseCases.AnyAsync(u => u.Key == useCaseKey && u.ApprovedRevision > last.Revision, cancellation);
        return hasLeft ? [] : await CurrentAsync(db, now, cancellation);
    }

    internal static async Task<IReadOnlyList<CurrentPattern>> CurrentAsync(GovernanceDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = await db.Patterns.AsNoTracking().Where(p => p.WithdrawnAt == null && p.GoodUntil > now).OrderBy(p => p.Key).Take(MostCurrent)
            .Select(p => new { p.Key, Version = p.Versions.Single(v => v.Number == p.LatestVersion) }).ToListAsync(cancellation);
        return [.. found.Select(f => new CurrentPattern(f.Key, f.Version.Number, f.Version.ContentHash, f.Version.Content))];
    }
}
