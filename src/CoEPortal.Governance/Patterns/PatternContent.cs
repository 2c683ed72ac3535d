using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Patterns;

/// <summary>What a use case is made of when it follows a pattern. All of it is text: nothing in it is ever drawn as markup.</summary>
public sealed record PatternContent
{
    public const int LineLength = 200;
    public const int TextLength = 8000;
    public const int MostNames = 50;

    public string Title { get; init; } = "";

    /// <summary>What it is for, in a sentence or two.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Approved models, by the names gateways report.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<DataClass> DataClasses { get; init; } = [];

    public IReadOnlyList<Residency> Residencies { get; init; } = [];

    /// <summary>Approved sources. A use case may read from these only.</summary>
    public IReadOnlyList<string> DataSources { get; init; } = [];

    /// <summary>What people have to be shown where they use it.</summary>
    public IReadOnlyList<string> Disclosures { get; init; } = [];

    public string Architecture { get; init; } = "";

    /// <summary>Where the reference architecture is drawn; an address with https, or empty.</summary>
    public string ArchitectureLink { get; init; } = "";

    /// <summary>The first cleared case and every so manieth after it is reviewed by a person.</summary>
    public int SampleEvery { get; init; } = 5;

    /// <summary>What has to be there before it is published.</summary>
    public IEnumerable<string> Missing()
    {
        (bool IsThere, string What)[] needed =
        [
            (Summary.Length > 0, "what it is for"), (Models.Count > 0, "models"), (DataClasses.Count > 0, "data classes"), (Residencies.Count > 0, "residency"),
            (DataSources.Count > 0, "data sources"), (Disclosures.Count > 0, "what people are shown"), (Architecture.Length > 0, "the reference architecture"),
        ];
        return needed.Where(n => !n.IsThere).Select(n => n.What);
    }

    public string HashOf(string key) => ContentHash.OfBytes(CanonicalJson.Write(new JsonObject { ["pattern"] = key, ["content"] = JsonSerializer.SerializeToNode(this, ProposalJson.Options) })).ToString();

    internal PatternContent Checked()
    {
        Refuse.If(Title.Trim().Length is 0 or > LineLength || Title.Any(char.IsControl), "name-required", $"Name the pattern in 1 to {LineLength} characters.");
        Refuse.If(Summary.Length > TextLength || Architecture.Length > TextLength, "text-too-long", $"Write at most {TextLength:N0} characters.");
        Refuse.If((Summary + Architecture).Contains('\0', StringComparison.Ordinal), "not-text", "A text holds what is no character.");
        Refuse.If(ArchitectureLink.Length > 0 && (ArchitectureLink.Length > 500 || !Uri.TryCreate(ArchitectureLink, UriKind.Absolute, out var link) || link.Scheme != Uri.UriSchemeHttps),
            "link-unusable", "Give the address of the drawing with https://, at most 500 characters, or leave it empty.");
        Refuse.If(SampleEvery is < 1 or > 50, "sample-unusable", "Of the cleared cases every 1st to 50th is reviewed.");
        return this with
        {
            Title = Title.Trim(),
            ArchitectureLink = ArchitectureLink.Trim(),
            Models = Names(Models, "model"),
            DataSources = Names(DataSources, "data source"),
            Disclosures = Names(Disclosures, "sentence that people are shown"),
            DataClasses = [.. DataClasses.Where(Enum.IsDefined).Distinct().Order()],
            Residencies = [.. Residencies.Where(Enum.IsDefined).Distinct().Order()],
        };
    }

    private static List<string> Names(IReadOnlyList<string> names, string what)
    {
        Refuse.If(names.Count > MostNames || names.Any(n => string.IsNullOrWhiteSpace(n) || n.Length > LineLength || n.Any(char.IsControl)),
            "names-unusable", $"Each {what} has 1 to {LineLength} characters, and there are at most {MostNames}.");
        return [.. names.Select(n => n.Trim()).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
