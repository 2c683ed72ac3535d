using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Import;

public enum RowResult { Imported, Unchanged, Refused }

/// <summary>What became of a row, or would become of it.</summary>
/// <param name="Key">The use case it is; null when refused, and in a dry run of a new one.</param>
/// <param name="DuplicateOf">The use case it most resembles, or <c>line 12</c> of the same file in a dry run.</param>
public sealed record RowOutcome(
    int Line, string Title, RowResult Result, string? Key, Phase? Phase, Stage? Stage, Lane? Lane, Impact? Impact, string? Reason, IReadOnlyList<string> Notes,
    string? DuplicateOf, double? Similarity);

/// <summary>What an import did, or would do.</summary>
public sealed record ImportOutcome(
    Guid Run, bool IsDryRun, string Mapping, string MappingHash, string FileHash, long FileBytes, string Encoding, IReadOnlyList<RowOutcome> Rows)
{
    public int Imported => Rows.Count(r => r.Result is RowResult.Imported);

    public int Unchanged => Rows.Count(r => r.Result is RowResult.Unchanged);

    public int Refused => Rows.Count(r => r.Result is RowResult.Refused);

    public int Flagged => Rows.Count(r => r is { Result: RowResult.Imported, DuplicateOf: not null });
}
