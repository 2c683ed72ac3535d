using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Cards;

/// <summary>A part of an imported card that no section of ours means. Kept as it was.</summary>
public sealed record ForeignSection(string Heading, string Text);

/// <summary>What a card says. All of it is text: nothing in it is ever run or drawn as markup.</summary>
public sealed record CardContent
{
    public const int SectionLength = 20_000;
    public const int FrontMatterLength = 32_000;
    public const int MostForeign = 100;

    public string Licence { get; init; } = "";

    public string TemplateVersion { get; init; } = "";

    /// <summary>By the id of the section.</summary>
    public IReadOnlyDictionary<string, string> Sections { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<ForeignSection> Foreign { get; init; } = [];

    /// <summary>The YAML in front of an imported card, whole: what we understand of it and what we do not.</summary>
    public string FrontMatter { get; init; } = "";

    public string Section(string id) => Sections.GetValueOrDefault(id, "");

    /// <summary>The hash of what it says.</summary>
    public string HashOf(string key, CardKind kind, string name, string modelVersion) =>
        ContentHash.OfBytes(CanonicalJson.Write(ToJson(key, kind, name, modelVersion))).ToString();

    public JsonObject ToJson(string key, CardKind kind, string name, string modelVersion) => new()
    {
        ["card"] = key,
        ["kind"] = kind is CardKind.Model ? "model" : "system",
        ["name"] = name,
        ["modelVersion"] = modelVersion,
        ["licence"] = Licence,
        ["templateVersion"] = TemplateVersion,
        ["sections"] = new JsonObject(Sections.Where(s => s.Value.Length > 0).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => KeyValuePair.Create<string, JsonNode?>(s.Key, s.Value))),
        ["foreign"] = new JsonArray([.. Foreign.Select(f => new JsonObject { ["heading"] = f.Heading, ["text"] = f.Text })]),
        ["frontMatter"] = FrontMatter,
    };

    public static CardContent FromJson(string json) => JsonSerializer.Deserialize<CardContent>(json, JsonSerializerOptions.Web)!;

    internal CardContent Checked(CardTemplate template, CardKind kind)
    {
        foreach (var unknown in Sections.Keys.Where(id => template.Of(kind).All(s => s.Id != id)))
        {
            throw new RuleViolationException("unknown-section", $"A {kind.ToString().ToLowerInvariant()} card has no section '{(unknown.Length > 60 ? unknown[..60] : unknown)}'. Sections are {string.Join(", ", template.Of(kind).Select(s => s.Id))}.");
        }

        Refuse.If(Sections.Values.Any(t => t.Length > SectionLength), "section-too-long", $"A section has at most {SectionLength:N0} characters.");
        Refuse.If(Licence.Length > 100 || Licence.Any(char.IsControl), "licence-unusable", "Name the licence in at most 100 characters.");
        Refuse.If(FrontMatter.Length > FrontMatterLength, "front-matter-too-long", $"The YAML in front has at most {FrontMatterLength:N0} characters.");
        Refuse.If(Foreign.Count > MostForeign || Foreign.Any(f => f.Heading.Length > 200 || f.Text.Length > SectionLength), "foreign-too-long", $"Other parts are at most {MostForeign}, each with a heading of 200 and a text of {SectionLength:N0} characters.");
        Refuse.If(Sections.Values.Concat(Foreign.Select(f => f.Text)).Append(FrontMatter).Any(t => t.Contains('\0', StringComparison.Ordinal)), "not-text", "A text holds what is no character.");
        return this with { TemplateVersion = template.Version, Licence = Licence.Trim(), Sections = Sections.Where(s => s.Value.Length > 0).ToDictionary(s => s.Key, s => s.Value.ReplaceLineEndings("\n")) };
    }
}
