using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Scoring;

/// <summary>The triage rules of this installation, read once at the start so that a broken file is found then.</summary>
public sealed class TriageRules(string folder, Organisation organisation)
{
    private readonly IReadOnlyList<RulesFile> _files = RulesFile.All(folder);

    public RulesFile InForce(DateTimeOffset at) => RulesFile.InForce(_files, organisation.DayOf(at));

    /// <summary>The rules that made an older assessment; null when their file was taken away.</summary>
    public RulesFile? OfVersion(string version) => _files.FirstOrDefault(rules => rules.Version == version);
}
