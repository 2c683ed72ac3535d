using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Import;

/// <summary>
/// Takes an inventory over, row by row: imported, or refused with a reason, or known already. All in one transaction, so an
/// import that fails leaves nothing; a row is known by its hash and occurrence, so the same file again changes nothing.
/// </summary>
public sealed class ImportUseCases(IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TriageRules rules, TimeProvider clock)
{
    private const int RowsAtOnce = 500;
    private const int MostTitles = 100_000;

    public async Task<ImportOutcome> RunAsync(
        byte[] content, (ImportMapping Mapping, string Hash) by, bool isDryRun, Actor importer, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(importer, Permission.ImportUseCases);
        var file = InventoryFile.Read(content, by.Mapping.Delimiter);
        var reader = new RowReader(by.Mapping, file, validator);
        var rows = file.Lines.Select(reader.Read).ToList();

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // One at a time: two of the same file would both find its rows new.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('import use cases', 0))", cancellation);
        var known = await KnownAsync(db, rows, cancellation);
        var fresh = rows.Where(r => r.Reading is not null && !known.ContainsKey((r.From.Hash, r.From.Occurrence))).ToList();
        var keys = isDryRun ? [] : await KeysAsync(db, fresh.Count, cancellation);
        var now = clock.GetUtcNow();
        var run = Guid.CreateVersion7(now);
        var inForce = rules.InForce(now);
        var titles = await TitlesAsync(db, cancellation);

        var made = new List<(UseCase UseCase, MappedRow Row, RowOutcome Outcome)>();
        var outcomes = new List<RowOutcome>(rows.Count);
        foreach (var row in rows)
        {
            if (row.Reading is not { } reading)
            {
                outcomes.Add(new(row.From.Line, row.Title, RowResult.Refused, null, null, null, null, null, row.Refusal, row.Notes, null, null));
                continue;
            }

            if (known.TryGetValue((row.From.Hash, row.From.Occurrence), out var before))
            {
                outcomes.Add(new(row.From.Line, row.Title, RowResult.Unchanged, before, reading.Phase, null, null, reading.Text.Impact, null, row.Notes, null, null));
                continue;
            }

            var assessment = Triage.Assess(reading.Text, inForce);
            var key = isDryRun ? $"line {row.From.Line}" : keys[made.Count];
            var useCase = UseCase.Register(
                key, reading.Text, reading.Phase, new(run, by.Mapping.Name, row.From.Line, row.From.Hash, row.From.Occurrence), assessment, importer, now);
            var like = titles.MostLike(reading.Text.Title);
            titles.Add(key, reading.Text.Title);
            var outcome = new RowOutcome(
                row.From.Line, row.Title, RowResult.Imported, isDryRun ? null : key, reading.Phase, useCase.Stage, useCase.Lane, reading.Text.Impact, null, row.Notes,
                like?.Key, like?.Similarity);
            made.Add((useCase, row, outcome));
            outcomes.Add(outcome);
        }

        var result = new ImportOutcome(
            run, isDryRun, by.Mapping.Name, by.Hash, ContentHash.OfBytes(content).ToString(), content.Length, file.Encoding, outcomes);
        if (!isDryRun)
        {
            await SaveAsync(db, ImportRun.Of(result, file.Headers, importer, now), made, rows, cancellation);
            await EnforcementGeneration.NextAsync(db, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return result;
    }

    private static async Task SaveAsync(
        GovernanceDb db, ImportRun run, List<(UseCase UseCase, MappedRow Row, RowOutcome Outcome)> made, List<MappedRow> rows, CancellationToken cancellation)
    {
        db.ImportRuns.Add(run);
        await db.SaveChangesAsync(cancellation);
        db.ChangeTracker.Clear();
        foreach (var some in made.Chunk(RowsAtOnce))
        {
            db.UseCases.AddRange(some.Select(m => m.UseCase));
            await db.SaveChangesAsync(cancellation);
            db.ImportRows.AddRange(some.Select(m => RowOf(run.Id, m.Row, m.UseCase.Key, m.Outcome)));
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
        }

        foreach (var some in rows.Where(r => r.Reading is null).Chunk(RowsAtOnce))
        {
            db.ImportRows.AddRange(some.Select(r => RowOf(run.Id, r, null, null)));
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
        }
    }

    private static ImportRow RowOf(Guid run, MappedRow row, string? key, RowOutcome? outcome) => new()
    {
        RunId = run,
        Line = row.From.Line,
        RowHash = row.From.Hash,
        Occurrence = row.From.Occurrence,
        Title = row.Title,
        // PostgreSQL has no NUL; everything else is kept as it came.
        Cells = [.. row.From.Cells.Select(c => c.Replace("\0", "", StringComparison.Ordinal))],
        UseCaseKey = key,
        Reason = row.Refusal is { } reason ? InventoryText.Cut(reason, 1000) : null,
        Notes = row.Notes,
        DuplicateOf = outcome?.DuplicateOf,
        Similarity = (float?)outcome?.Similarity,
    };

    private static async Task<Dictionary<(string Hash, int Occurrence), string>> KnownAsync(GovernanceDb db, List<MappedRow> rows, CancellationToken cancellation)
    {
        var hashes = rows.Select(r => r.From.Hash).Distinct().ToList();
        return await db.ImportRows.AsNoTracking().Where(r => r.UseCaseKey != null && hashes.Contains(r.RowHash))
            .Select(r => new { r.RowHash, r.Occurrence, r.UseCaseKey })
            .ToDictionaryAsync(r => (r.RowHash, r.Occurrence), r => r.UseCaseKey!, cancellation);
    }

    private static async Task<List<string>> KeysAsync(GovernanceDb db, int count, CancellationToken cancellation)
    {
        var numbers = await db.Database.SqlQuery<long>($"select nextval('use_case_number') as \"Value\" from generate_series(1, {count})").ToListAsync(cancellation);
        return [.. numbers.Select(n => $"UC-{n:0000}")];
    }

    private static async Task<TitleIndex> TitlesAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var index = new TitleIndex();
        await foreach (var known in db.UseCases.AsNoTracking().Where(u => u.Title != "").OrderByDescending(u => u.CreatedAt).Take(MostTitles)
            .Select(u => new { u.Key, u.Title }).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            index.Add(known.Key, known.Title);
        }

        return index;
    }
}
