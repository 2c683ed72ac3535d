using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Import;

/// <summary>A mapping that can be chosen.</summary>
/// <param name="IsTemplate">It came with the product and is not overwritten here.</param>
public sealed record KnownMapping(string Name, string Title, bool IsTemplate, string? SavedBy, DateTimeOffset? SavedAt);

/// <summary>Mappings of the product (<c>templates/import</c>) and those that people saved.</summary>
public sealed class ImportMappings(string folder, IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostSaved = 200;

    private readonly Dictionary<string, (ImportMapping Mapping, string Yaml)> _templates = Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
        .Select(path => (Path: path, Yaml: File.ReadAllText(path)))
        .Select(file => (Mapping: ImportMapping.Parse(file.Yaml, Path.GetFileName(file.Path)), file.Yaml)).ToDictionary(m => m.Mapping.Name);

    public async Task<IReadOnlyList<KnownMapping>> AllAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadImports);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var saved = await db.SavedMappings.AsNoTracking().OrderBy(m => m.Name).Take(MostSaved).ToListAsync(cancellation);
        return
        [
            .. _templates.Values.Select(t => new KnownMapping(t.Mapping.Name, t.Mapping.Title, true, null, null)),
            .. saved.Select(m => new KnownMapping(m.Name, TitleOf(m), false, m.SavedByName, m.SavedAt)),
        ];
    }

    /// <returns>The mapping and the hash of its file.</returns>
    public async Task<(ImportMapping Mapping, string Hash)> NamedAsync(string name, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadImports);
        if (_templates.TryGetValue(name, out var template))
        {
            return (template.Mapping, HashOf(template.Yaml));
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        var saved = await db.SavedMappings.AsNoTracking().SingleOrDefaultAsync(m => m.Name == name, cancellation) ?? throw new NotFoundException("mapping", name);
        return (Read(saved.Yaml, name), HashOf(saved.Yaml));
    }

    /// <summary>A mapping that came with the request.</summary>
    public static (ImportMapping Mapping, string Hash) Given(string yaml) => (Read(yaml, "mapping"), HashOf(yaml));

    public async Task SaveAsync(ImportMapping mapping, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ImportUseCases);
        var yaml = mapping.ToYaml();
        mapping = Read(yaml, "mapping");
        Refuse.If(_templates.ContainsKey(mapping.Name), "mapping-is-a-template", $"{mapping.Name} came with the portal. Save yours under another name.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var saved = await db.SavedMappings.SingleOrDefaultAsync(m => m.Name == mapping.Name, cancellation);
        if (saved is null)
        {
            Refuse.If(await db.SavedMappings.CountAsync(cancellation) >= MostSaved, "too-many-mappings", $"There are {MostSaved} mappings already. Save over one of them.");
            db.SavedMappings.Add(saved = SavedMapping.Named(mapping.Name));
        }

        if (saved.Yaml != yaml)
        {
            saved.Save(yaml, by, clock.GetUtcNow());
            await db.SaveChangesAsync(cancellation);
        }
    }

    private static ImportMapping Read(string yaml, string name)
    {
        try
        {
            return ImportMapping.Parse(yaml, name);
        }
        catch (InvalidDataException error)
        {
            throw new RuleViolationException("invalid-mapping", error.Message);
        }
    }

    private static string TitleOf(SavedMapping saved) => Read(saved.Yaml, saved.Name).Title is { Length: > 0 } title ? title : saved.Name;

    private static string HashOf(string yaml) => ContentHash.OfBytes(Encoding.UTF8.GetBytes(yaml)).ToString();
}
