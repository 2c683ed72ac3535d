using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Import;

/// <summary>A row as the mapping reads it: what it says, or why it is refused.</summary>
public sealed record MappedRow(InventoryLine From, string Title, RowReading? Reading, string? Refusal, IReadOnlyList<string> Notes);

/// <summary>Reads rows by a mapping. Nothing is guessed: an answer that the mapping does not know refuses the row.</summary>
public sealed class RowReader
{
    private readonly ProposalValidator _validator;
    private readonly List<BoundField> _fields = [];
    private readonly int _title;

    /// <exception cref="RuleViolationException">The file lacks a column of the mapping.</exception>
    public RowReader(ImportMapping mapping, InventoryFile file, ProposalValidator validator)
    {
        _validator = validator;
        var columns = file.Headers.Index().ToLookup(h => InventoryText.Folded(h.Item), h => h.Index);
        foreach (var (name, rule) in mapping.Fields)
        {
            var at = columns[InventoryText.Folded(rule.Column)].Cast<int?>().ElementAtOrDefault(rule.Occurrence - 1);
            Refuse.If(at is null, "no-such-column", $"The file has no column “{rule.Column}”, which {mapping.Name} reads as {name}.");
            var answers = rule.Words.SelectMany(w => w.Value.Select(a => (Answer: InventoryText.Folded(a), Value: w.Key))).ToList();
            _fields.Add(new(
                ImportField.Find(name)!, rule, at.Value,
                answers.Where(a => !a.Answer.EndsWith('*')).DistinctBy(a => a.Answer).ToDictionary(a => a.Answer, a => a.Value),
                [.. answers.Where(a => a.Answer.EndsWith('*')).Select(a => (a.Answer[..^1].TrimEnd(), a.Value)).OrderByDescending(a => a.Item1.Length)]));
        }

        _title = _fields.Single(f => f.Field.Name == "title").Column;
    }

    public MappedRow Read(InventoryLine line)
    {
        var title = line.Cells.Count > _title ? InventoryText.Cut(InventoryText.Clean(line.Cells[_title]).ReplaceLineEndings(" "), ProposalValidator.LineLength) : "";
        if (line.Fault is { } fault)
        {
            return new(line, title, null, fault, []);
        }

        var reading = new RowReading(new Proposal(), null);
        var notes = new List<string>();
        foreach (var field in _fields)
        {
            var answer = InventoryText.Clean(line.Cells[field.Column]);
            if (field.Read(answer, notes) is not { } value)
            {
                return new(line, title, null, field.Refusal(answer), notes);
            }

            reading = value.Length == 0 ? reading : field.Field.Set(reading, value);
        }

        var result = _validator.Check(reading.Text, ProposalValidator.Bounds);
        return result.IsValid
            ? new(line, title, reading, null, notes)
            : new(line, title, null, string.Join(" ", result.Errors.Select(e => $"{LabelOf(e.PropertyName)}: {e.ErrorMessage}").Distinct()), notes);
    }

    private static string LabelOf(string path) =>
        ImportField.Find(char.ToLowerInvariant(path[0]) + path.Split('[', '.')[0][1..])?.Label ?? path;

    private sealed record BoundField(ImportField Field, ColumnRule Rule, int Column, Dictionary<string, string> Words, List<(string Beginning, string Value)> Beginnings)
    {
        /// <returns>The value, empty to leave the answer open, or null to refuse the row.</returns>
        public string? Read(string answer, List<string> notes)
        {
            if (Field.Values.Count == 0)
            {
                return Text(answer.Length > 0 ? answer : Rule.Default ?? "", notes);
            }

            var folded = InventoryText.Folded(answer);
            var value = folded.Length == 0 ? Rule.Blank ?? ImportField.Open
                : Words.GetValueOrDefault(folded) ?? Beginnings.Find(b => folded.StartsWith(b.Beginning, StringComparison.Ordinal)).Value ?? Rule.Otherwise;
            return value == ImportField.Open ? "" : value;
        }

        public string Refusal(string answer) => answer.Length == 0
            ? $"{Field.Label} is empty."
            : $"{Field.Label}: the mapping does not say what “{InventoryText.Cut(answer.ReplaceLineEndings(" "), 80)}” means.";

        private string? Text(string text, List<string> notes)
        {
            if (text.Length > Field.Length)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Field.Label} was cut at {Field.Length:N0} characters; the row keeps the whole."));
            }

            return text.Length == 0 && Field.IsRequired ? null : InventoryText.Cut(text, Field.Length);
        }
    }
}
