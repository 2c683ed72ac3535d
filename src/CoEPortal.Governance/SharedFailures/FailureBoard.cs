using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.SharedFailures;

/// <summary>What of the board somebody wants to see. Everybody sees what is published; the rest the CoE, and one's own.</summary>
public sealed record FailureFilter(FailureKind? Kind = null, string? UseCaseKey = null, string? Search = null, FailureState State = FailureState.Published);

/// <param name="UseCases">Those that the reader may know of.</param>
/// <param name="OtherUseCases">How many more there are.</param>
/// <param name="HappenedToMe">The reader said so.</param>
public sealed record FailureRow(SharedFailure Failure, IReadOnlyList<string> UseCases, int OtherUseCases, bool HappenedToMe);

/// <summary>Failures that were shared so that others learn from them.</summary>
public sealed class FailureBoard(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<FailureRow>> PageAsync(FailureFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadFailures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await Visible(db, filter, reader).OrderByDescending(f => f.PublishedAt ?? f.WrittenAt).ThenBy(f => f.Key).ToPageAsync(page, size, cancellation);
        return new(await RowsAsync(db, found.Items, reader, cancellation), found.Total, found.Number, found.Size);
    }

    public async Task<FailureRow> OneAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadFailures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var failure = await For(db, reader).SingleOrDefaultAsync(f => f.Key == key, cancellation) ?? throw new NotFoundException("shared failure", key);
        return (await RowsAsync(db, [failure], reader, cancellation))[0];
    }

    private static async Task<IReadOnlyList<FailureRow>> RowsAsync(GovernanceDb db, IReadOnlyList<SharedFailure> failures, Actor reader, CancellationToken cancellation)
    {
        var (me, keys, named) = (reader.Id.Value, failures.Select(f => f.Key).ToList(), failures.SelectMany(f => f.UseCases).Distinct().ToList());
        var readable = await db.UseCasesReadableBy(reader).Where(u => named.Contains(u.Key)).Select(u => u.Key).ToHashSetAsync(cancellation);
        var mine = await db.FailureEncounters.AsNoTracking().Where(e => e.PersonId == me && keys.Contains(e.FailureKey)).Select(e => e.FailureKey).ToHashSetAsync(cancellation);
        return [.. failures.Select(f => new FailureRow(f, [.. f.UseCases.Where(readable.Contains)], f.UseCases.Count(u => !readable.Contains(u)), mine.Contains(f.Key)))];
    }

    private static IQueryable<SharedFailure> For(GovernanceDb db, Actor reader)
    {
        var me = reader.Id.Value;
        var all = db.SharedFailures.AsNoTracking();
        return AccessPolicy.Allows(reader, Permission.ModerateFailures) ? all : all.Where(f => f.State == FailureState.Published || f.WrittenBy == me);
    }

    private static IQueryable<SharedFailure> Visible(GovernanceDb db, FailureFilter filter, Actor reader)
    {
        var all = For(db, reader).Where(f => f.State == filter.State);
        all = filter.Kind is { } kind ? all.Where(f => f.Kind == kind) : all;
        // Of a use case that somebody may not know of, nothing is found either.
        var readable = db.UseCasesReadableBy(reader);
        all = filter.UseCaseKey is { Length: > 0 } key ? all.Where(f => f.UseCases.Contains(key) && readable.Any(u => u.Key == key)) : all;
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            all = all.Where(f => EF.Functions.ILike(f.Title, pattern, Search.Escape) || EF.Functions.ILike(f.Happened, pattern, Search.Escape) || EF.Functions.ILike(f.Learnt, pattern, Search.Escape) || EF.Functions.ILike(f.Workaround, pattern, Search.Escape));
        }

        return all;
    }
}
