using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Gates;

/// <summary>What of a use case in service can change without a new one-pager.</summary>
public enum Component { Prompt, Index, Model }

/// <summary>One version of a prompt, an index or a model, written <c>prompt/claims-summary@12</c>.</summary>
public sealed record VersionPointer(Component Component, string Name, string Version)
{
    public override string ToString() => $"{Component.ToString().ToLowerInvariant()}/{Name}@{Version}";

    internal VersionPointer Checked()
    {
        var plain = this with { Name = Name.Trim(), Version = Version.Trim() };
        Refuse.If(!GateNames.IsPlain(plain.Name) || !GateNames.IsPlain(plain.Version), "version-unusable",
            $"Give name and version in 1 to {GateNames.Length} letters, digits, dots, dashes and underscores.");
        return plain;
    }
}
