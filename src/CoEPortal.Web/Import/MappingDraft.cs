using CoEPortal.Governance.Import;

namespace CoEPortal.Web.Import;

/// <summary>An answer as it stands in the file, and what it is to mean.</summary>
public sealed class AnswerDraft(string text, int count)
{
    public string Text { get; } = text;

    public int Count { get; } = count;

    public string Value { get; set; } = ImportField.Open;
}

/// <summary>A question of the one-pager and the column that answers it.</summary>
public sealed class FieldDraft(ImportField field)
{
    public ImportField Field { get; } = field;

    /// <summary>Counted from 0; null when the file does not say.</summary>
    public int? Column { get; set; }

    /// <summary>For a question with few answers: those that occur, the most frequent first.</summary>
    public List<AnswerDraft> Answers { get; set; } = [];

    /// <summary>What nothing, and what every other answer, means.</summary>
    public string Otherwise { get; set; } = ImportField.Open;
}

/// <summary>A mapping while somebody clicks it together from the columns of a file.</summary>
public sealed class MappingDraft
{
    private const int MostAnswers = 30;

    private readonly InventoryFile _file;

    public MappingDraft(InventoryFile file)
    {
        _file = file;
        Fields = [.. ImportField.All.Select(f => new FieldDraft(f) { Otherwise = f.Values.Contains("undecided") ? "undecided" : ImportField.Open })];
        Columns = [.. file.Headers.Index().Where(h => h.Item.Length > 0)];
    }

    public string Name { get; set; } = "";

    public IReadOnlyList<FieldDraft> Fields { get; }

    public IReadOnlyList<(int Index, string Name)> Columns { get; }

    public void Choose(FieldDraft field, int? column)
    {
        field.Column = column;
        field.Answers = column is { } at && field.Field.Values.Count > 0
            ? [.. _file.Lines.Where(l => at < l.Cells.Count).Select(l => l.Cells[at].Trim()).Where(a => a.Length > 0)
                .GroupBy(a => a, StringComparer.OrdinalIgnoreCase).OrderByDescending(g => g.Count()).Take(MostAnswers)
                .Select(g => new AnswerDraft(g.Key, g.Count()) { Value = Same(field.Field, g.Key) ?? field.Otherwise })]
            : [];
    }

    public ImportMapping ToMapping() => new()
    {
        Name = Name.Trim(),
        Title = Name.Trim(),
        Fields = Fields.Where(f => f.Column is not null).ToDictionary(f => f.Field.Name, RuleOf),
    };

    private ColumnRule RuleOf(FieldDraft field) => new()
    {
        Column = _file.Headers[field.Column!.Value],
        Occurrence = 1 + _file.Headers.Take(field.Column.Value).Count(h => string.Equals(h, _file.Headers[field.Column.Value], StringComparison.OrdinalIgnoreCase)),
        Words = field.Answers.Where(a => a.Value != field.Otherwise).GroupBy(a => a.Value).ToDictionary(g => g.Key, g => g.Select(a => a.Text.TrimEnd('*')).ToList()),
        Blank = field.Field.Values.Count > 0 ? field.Otherwise : null,
        Otherwise = field.Field.Values.Count > 0 ? field.Otherwise : null,
    };

    // Only what is called the same; everything else is for the person to say.
    private static string? Same(ImportField field, string answer) => field.Values.FirstOrDefault(v => string.Equals(v, answer, StringComparison.OrdinalIgnoreCase));
}
