using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Import;

public enum ImportRowsShown { All, Refused, LikelyDuplicates }

/// <summary>An answer of the inventory, as it stood there.</summary>
public sealed record InventoryAnswer(string Question, string Answer);

/// <summary>Where a use case came from, and everything its row said.</summary>
public sealed record InventoryOrigin(Guid Run, string Mapping, int Line, DateTimeOffset ImportedAt, string? DuplicateOf, IReadOnlyList<string> Notes, IReadOnlyList<InventoryAnswer> Answers);

/// <summary>Imports that were made, and what became of their rows.</summary>
public sealed class ImportHistory(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<ImportRun>> RunsAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadImports);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.ImportRuns.AsNoTracking().OrderByDescending(r => r.RunAt).ThenByDescending(r => r.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<(ImportRun Run, Page<ImportRow> Rows)> RunAsync(
        Guid id, ImportRowsShown shown, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadImports);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellation) ?? throw new NotFoundException("import", id.ToString());
        var rows = db.ImportRows.AsNoTracking().Where(r => r.RunId == id
            && (shown == ImportRowsShown.All || shown == ImportRowsShown.Refused && r.Reason != null || shown == ImportRowsShown.LikelyDuplicates && r.DuplicateOf != null));
        return (run, await rows.OrderBy(r => r.Line).Select(r => new ImportRow
        {
            RunId = r.RunId,
            Line = r.Line,
            Title = r.Title,
            UseCaseKey = r.UseCaseKey,
            Reason = r.Reason,
            Notes = r.Notes,
            DuplicateOf = r.DuplicateOf,
            Similarity = r.Similarity,
        }).ToPageAsync(page, size, cancellation));
    }

    /// <summary>Null when the use case was proposed here.</summary>
    public async Task<InventoryOrigin?> OriginOfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var found = await (
            from row in db.ImportRows.AsNoTracking()
            join run in db.ImportRuns.AsNoTracking() on row.RunId equals run.Id
            where row.UseCaseKey == useCaseKey
            select new { row, run.Id, run.Mapping, run.RunAt, run.Headers }).SingleOrDefaultAsync(cancellation);
        return found is null ? null : new(
            found.Id, found.Mapping, found.row.Line, found.RunAt, found.row.DuplicateOf, found.row.Notes,
            [.. found.Headers.Zip(found.row.Cells, (question, answer) => new InventoryAnswer(question, answer.Trim())).Where(a => a.Answer.Length > 0)]);
    }
}
