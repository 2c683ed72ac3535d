using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Scoring;

/// <summary>A rules file as it was read, word for word.</summary>
public sealed record ReadRules(RulesFile Rules, string File, string Yaml);

/// <summary>
/// The triage rules of this installation, read once at the start. A file that is broken is refused and named; the others
/// judge on, so that a slip in a file does not stop the portal. Without any rules in force it does not start.
/// </summary>
public sealed class TriageRules
{
    private readonly Organisation _organisation;
    private volatile IReadOnlyList<RulesFile> _files;

    public TriageRules(string folder, Organisation organisation)
    {
        _organisation = organisation;
        var (read, refused) = (new List<ReadRules>(), new List<string>());
        foreach (var path in Directory.GetFiles(folder, "triage-*.yaml").Order(StringComparer.Ordinal))
        {
            var (name, yaml) = (Path.GetFileName(path), File.ReadAllText(path));
            try
            {
                var rules = RulesFile.Parse(yaml, name);
                var twin = read.Find(r => r.Rules.Version == rules.Version || r.Rules.EffectiveOn == rules.EffectiveOn);
                refused.AddRange(twin is null ? [] : [$"{name}: {twin.File} has the same version or day. Raise both."]);
                read.AddRange(twin is null ? [new(rules, name, yaml)] : []);
            }
            catch (InvalidDataException error)
            {
                refused.Add(error.Message);
            }
        }

        (Read, Refused, _files) = (read, refused, [.. read.Select(r => r.Rules)]);
        if (_files.Count == 0)
        {
            throw new InvalidDataException($"No triage rules can be read. {string.Join(" ", refused)}");
        }
    }

    /// <summary>As the files say it, whether or not they are what judges.</summary>
    public IReadOnlyList<ReadRules> Read { get; }

    /// <summary>Files that are not used, each with its line and reason.</summary>
    public IReadOnlyList<string> Refused { get; private set; }

    /// <summary>Every version, the newest first.</summary>
    public IReadOnlyList<RulesFile> All => [.. _files.OrderByDescending(f => f.EffectiveOn)];

    public RulesFile InForce(DateTimeOffset at) => RulesFile.InForce(_files, _organisation.DayOf(at));

    /// <summary>Versions that have not taken effect yet.</summary>
    public IReadOnlyList<RulesFile> Coming(DateTimeOffset at) => [.. All.Where(f => f.EffectiveOn > _organisation.DayOf(at))];

    /// <summary>The rules that made an older assessment; null when their file was taken away.</summary>
    public RulesFile? OfVersion(string version) => _files.FirstOrDefault(rules => rules.Version == version);

    /// <summary>What the database remembers goes before what a file says now.</summary>
    internal void Adopt(IReadOnlyList<RulesFile> kept, IEnumerable<string> refused)
    {
        _files = [.. kept, .. _files.Where(f => kept.All(k => k.Version != f.Version))];
        Refused = [.. Refused, .. refused];
    }
}
