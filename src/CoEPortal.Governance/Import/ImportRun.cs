using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Import;

/// <summary>An import that was made: what went in, and what became of its rows. The file itself is not kept.</summary>
public sealed class ImportRun : Aggregate
{
    private ImportRun()
    {
    }

    public Guid Id { get; private init; }

    public string Mapping { get; private init; } = "";

    public string MappingHash { get; private init; } = "";

    public string FileHash { get; private init; } = "";

    public long FileBytes { get; private init; }

    public string Encoding { get; private init; } = "";

    public IReadOnlyList<string> Headers { get; private init; } = [];

    public int RowCount { get; private init; }

    public int Imported { get; private init; }

    public int Unchanged { get; private init; }

    public int Refused { get; private init; }

    /// <summary>Of those imported, the ones that look like another.</summary>
    public int Flagged { get; private init; }

    public string RunBy { get; private init; } = "";

    public string RunByName { get; private init; } = "";

    public DateTimeOffset RunAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("import", Id.ToString());

    internal static ImportRun Of(ImportOutcome outcome, IReadOnlyList<string> headers, Actor by, DateTimeOffset now)
    {
        var run = new ImportRun
        {
            Id = outcome.Run,
            Mapping = outcome.Mapping,
            MappingHash = outcome.MappingHash,
            FileHash = outcome.FileHash,
            FileBytes = outcome.FileBytes,
            Encoding = outcome.Encoding,
            Headers = headers,
            RowCount = outcome.Rows.Count,
            Imported = outcome.Imported,
            Unchanged = outcome.Unchanged,
            Refused = outcome.Refused,
            Flagged = outcome.Flagged,
            RunBy = by.Id.Value,
            RunByName = by.Name,
            RunAt = now,
        };
        run.Record(new InventoryImported(run.Mapping, run.MappingHash, run.FileHash, run.RowCount, run.Imported, run.Unchanged, run.Refused, by, now));
        return run;
    }
}

/// <summary>A row that was imported or refused in a run, with all its cells, so that no answer of the inventory is lost.</summary>
public sealed class ImportRow
{
    public Guid RunId { get; init; }

    public int Line { get; init; }

    public string RowHash { get; init; } = "";

    public int Occurrence { get; init; }

    public string Title { get; init; } = "";

    public IReadOnlyList<string> Cells { get; init; } = [];

    public string? UseCaseKey { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Reason { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The use case it most resembled when it was imported. Nothing is merged.</summary>
    public string? DuplicateOf { get; init; }

    public float? Similarity { get; init; }
}

public sealed record InventoryImported(
    string Mapping, string MappingHash, string FileHash, int Rows, int Imported, int Unchanged, int Refused, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => FileHash;
}
