using System.Text.RegularExpressions;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>The AI services that are known (<c>templates/shadow-ai/*.yaml</c>), of one version.</summary>
public sealed partial record ServiceCatalogue
{
    public string Version { get; init; } = "";

    public List<AiService> Services { get; init; } = [];

    /// <summary>The file that is newest by its name.</summary>
    /// <exception cref="InvalidDataException">There is none, or it cannot be read.</exception>
    public static ServiceCatalogue Newest(string folder) =>
        Directory.GetFiles(folder, "catalogue-*.yaml").Order(StringComparer.Ordinal).LastOrDefault() is { } newest
            ? Parse(File.ReadAllText(newest), Path.GetFileName(newest))
            : throw new InvalidDataException($"There is no catalogue-*.yaml in {folder}.");

    /// <exception cref="InvalidDataException">The file cannot be read or contradicts itself; says where.</exception>
    public static ServiceCatalogue Parse(string yaml, string name)
    {
        var catalogue = YamlFile.Read<ServiceCatalogue>(yaml, name);
        return catalogue.Fault() is { } fault ? throw new InvalidDataException($"{name}: {fault}") : catalogue;
    }

    private string? Fault() =>
        Version.Length == 0 ? "version is needed."
        : Services.Count == 0 ? "no service is in it."
        : Services.Find(s => !Id().IsMatch(s.Id)) is { } nameless ? $"'{nameless.Id}' is no id: small letters, digits and dashes."
        : Twice(Services.Select(s => s.Id)) is { } id ? $"'{id}' is listed twice."
        : Services.Find(s => s.Name.Length == 0 || s.Vendor.Length == 0 || s.Domains.Count == 0) is { } empty ? $"{empty.Id} needs a name, a vendor and a domain."
        : Services.SelectMany(s => s.Domains).FirstOrDefault(d => !Domain().IsMatch(d)) is { } wrong ? $"'{wrong}' is no domain in small letters."
        : Twice(Services.SelectMany(s => s.Domains)) is { } domain ? $"{domain} belongs to two services."
        : Services.Find(s => s.Facts.Exists(f => f.Text.Length == 0 || f.Source.Length == 0 || f.CheckedOn == default)) is { } unproven ? $"a fact about {unproven.Id} has no text, source or day on which it was checked."
        : null;

    private static string? Twice(IEnumerable<string> names) => names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Id();

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
    private static partial Regex Domain();
}
