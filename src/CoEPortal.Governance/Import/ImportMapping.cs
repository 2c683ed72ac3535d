using System.Text.RegularExpressions;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Scoring;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CoEPortal.Governance.Import;

/// <summary>How a column becomes an answer.</summary>
public sealed record ColumnRule
{
    /// <summary>The column, by its name in the first line.</summary>
    public string Column { get; init; } = "";

    /// <summary>Of several columns of that name, the which.</summary>
    public int Occurrence { get; init; } = 1;

    /// <summary>For each value the answers that mean it; one that ends with <c>*</c> is a beginning.</summary>
    public Dictionary<string, List<string>> Words { get; init; } = [];

    /// <summary>The value where nothing was answered; without it the answer stays open.</summary>
    public string? Blank { get; init; }

    /// <summary>The value of every other answer; without it the row is refused.</summary>
    public string? Otherwise { get; init; }

    /// <summary>For a text, where nothing was answered.</summary>
    public string? Default { get; init; }
}

/// <summary>How the columns of somebody's inventory become use cases (<c>templates/import/*.yaml</c>, or saved by a person).</summary>
public sealed partial record ImportMapping
{
    public const int LongestFile = 100_000;

    public string Name { get; init; } = "";

    public string Title { get; init; } = "";

    public string Source { get; init; } = "";

    /// <summary>The character between cells; found out when not given.</summary>
    public string Delimiter { get; init; } = "";

    public Dictionary<string, ColumnRule> Fields { get; init; } = [];

    /// <exception cref="InvalidDataException">It cannot be read or contradicts itself; says where.</exception>
    public static ImportMapping Parse(string yaml, string file)
    {
        if (yaml.Length > LongestFile)
        {
            throw new InvalidDataException($"{file}: a mapping has at most {LongestFile:N0} characters.");
        }

        var mapping = YamlFile.Read<ImportMapping>(yaml, file);
        mapping.CheckFor(file, YamlPlace.Of(yaml));
        return mapping;
    }

    public string ToYaml() => new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance)
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitDefaults | DefaultValuesHandling.OmitEmptyCollections).Build().Serialize(this);

    private void CheckFor(string file, YamlPlace place)
    {
        void Demand(bool holds, string what, params object[] path)
        {
            if (!holds)
            {
                throw new InvalidDataException($"{file}, line {place.Line(path)}: {what}");
            }
        }

        Demand(PlainName().IsMatch(Name), "name has 3 to 60 small letters, digits and dashes.", "name");
        Demand(Delimiter.Length <= 1, "delimiter is one character.", "delimiter");
        foreach (var missing in ImportField.All.Where(f => f.IsRequired && !Fields.ContainsKey(f.Name)))
        {
            Demand(false, $"{missing.Name} needs a column.", "fields");
        }

        foreach (var (name, rule) in Fields)
        {
            var field = ImportField.Find(name);
            Demand(field is not null, $"there is no field '{name}'. Fields are {string.Join(", ", ImportField.All.Select(f => f.Name))}.", "fields", name);
            Demand(rule is { Column.Length: > 0 }, $"{name} needs a column.", "fields", name);
            Demand(rule.Occurrence is >= 1 and <= 200, $"occurrence counts from 1.", "fields", name, "occurrence");
            Demand(field!.Values.Count > 0 || rule.Words.Count == 0, $"{name} is a text and has no words.", "fields", name, "words");
            Demand(field.Values.Count > 0 || rule is { Blank: null, Otherwise: null }, $"{name} is a text: use default.", "fields", name);
            Demand(field.Values.Count == 0 || rule.Words.Count > 0 || rule.Otherwise is not null, $"{name} needs words: which answer means which of {string.Join(", ", field.Values)}.", "fields", name);
            foreach (var value in rule.Words.Keys.Append(rule.Blank).Append(rule.Otherwise).OfType<string>())
            {
                Demand(value == ImportField.Open || field.Values.Contains(value), $"{name} is never '{value}', but {string.Join(", ", field.Values)} or {ImportField.Open}.", "fields", name);
            }

            var meanings = new Dictionary<string, string>();
            foreach (var (value, answers) in rule.Words)
            {
                foreach (var answer in (answers ?? []).Select(a => InventoryText.Folded(a ?? "")))
                {
                    Demand(answer.Length > 0, $"an answer of {name} is empty: use blank.", "fields", name, "words", value);
                    Demand(meanings.TryAdd(answer, value) || meanings[answer] == value, $"'{answer}' cannot mean both {meanings.GetValueOrDefault(answer)} and {value}.", "fields", name, "words", value);
                }
            }
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$")]
    private static partial Regex PlainName();
}
