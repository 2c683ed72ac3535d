using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;

namespace CoEPortal.Governance.Training;

/// <summary>A completion as an LMS or a file tells it.</summary>
/// <param name="Line">Of the file, or its number in a request.</param>
/// <param name="Course">Its key.</param>
/// <param name="Learner">The id that the gateway sends for this end user.</param>
/// <param name="Person">The id of a person of the portal.</param>
/// <param name="CompletedOn">As text: an unreadable day refuses the row, not the file.</param>
/// <param name="Edition">Empty for the present one.</param>
/// <param name="Evidence">A link, or the number of a certificate.</param>
/// <param name="Sha256">Of what the link leads to.</param>
public sealed record ToldCompletion(int Line, string Course, string Learner, string Person, string CompletedOn, string Edition, string Evidence, string Sha256)
{
    /// <summary>Why the row cannot be read at all.</summary>
    public string? Fault { get; init; }
}

/// <summary>A CSV of completions: columns are found by their names, in any order; others are not read.</summary>
public static class TrainingFile
{
    public static IReadOnlyList<string> Columns { get; } = ["course", "learner", "person", "completed_on", "edition", "evidence", "sha256"];

    public static IReadOnlyList<ToldCompletion> Read(byte[] content)
    {
        var file = InventoryFile.Read(content);
        var headers = file.Headers.Select(h => h.Trim().ToLowerInvariant()).ToList();
        var at = Columns.ToDictionary(c => c, c => headers.IndexOf(c));
        foreach (var needed in new[] { "course", "completed_on", "evidence" })
        {
            Refuse.If(at[needed] < 0, "column-missing", $"The first line has no column {needed}. Columns are: {string.Join(", ", Columns)}.");
        }

        Refuse.If(at["learner"] < 0 && at["person"] < 0, "column-missing", "The first line has neither a column learner nor a column person, so nobody has completed anything.");
        return
        [
            .. file.Lines.Select(line => new ToldCompletion(
                line.Line, Cell(line, "course"), Cell(line, "learner"), Cell(line, "person"), Cell(line, "completed_on"), Cell(line, "edition"), Cell(line, "evidence"), Cell(line, "sha256")) { Fault = line.Fault }),
        ];

        string Cell(InventoryLine line, string column) => at[column] is var index && index >= 0 && index < line.Cells.Count ? line.Cells[index].Trim() : "";
    }

    internal static DateOnly? DayOf(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
