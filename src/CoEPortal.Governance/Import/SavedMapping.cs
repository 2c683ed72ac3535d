using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Import;

/// <summary>A mapping that somebody made by a few clicks, under a name.</summary>
public sealed class SavedMapping : Aggregate
{
    private SavedMapping()
    {
    }

    public string Name { get; private init; } = "";

    public string Yaml { get; private set; } = "";

    public string SavedBy { get; private set; } = "";

    public string SavedByName { get; private set; } = "";

    public DateTimeOffset SavedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("import-mapping", Name);

    internal static SavedMapping Named(string name) => new() { Name = name };

    internal void Save(string yaml, Actor by, DateTimeOffset now)
    {
        (Yaml, SavedBy, SavedByName, SavedAt) = (yaml, by.Id.Value, by.Name, now);
        Record(new ImportMappingSaved(Name, ContentHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(yaml)).ToString(), by, now));
    }
}

public sealed record ImportMappingSaved(string Name, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}
