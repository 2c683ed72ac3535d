using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>A version of a prompt or an index that may run. The newest is the one in use; a rollback points at an older one.</summary>
public sealed class ApprovedVersion : Aggregate
{
    public const int NameLength = 100;

    private ApprovedVersion()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public Component Component { get; private init; }

    public string Name { get; private init; } = "";

    public string VersionName { get; private init; } = "";

    public string ApprovedBy { get; private init; } = "";

    public string ApprovedByName { get; private init; } = "";

    public DateTimeOffset ApprovedAt { get; private init; }

    public VersionPointer Which => new(Component, Name, VersionName);

    public override (string Type, string Key) AuditSubject => ("approved-version", Id.ToString());

    public static ApprovedVersion Of(string useCaseKey, VersionPointer which, IReadOnlyCollection<string> authors, Actor by, DateTimeOffset now)
    {
        Refuse.If(authors.Contains(by.Id.Value), "own-use-case", "You wrote this use case, so somebody else approves its versions.");
        var (name, version) = (which.Name.Trim(), which.Version.Trim());
        Refuse.If(!IsPlain(name) || !IsPlain(version), "version-unusable",
            $"Give name and version in 1 to {NameLength} letters, digits, dots, dashes and underscores.");
        var approved = new ApprovedVersion
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Component = which.Component,
            Name = name,
            VersionName = version,
            ApprovedBy = by.Id.Value,
            ApprovedByName = by.Name,
            ApprovedAt = now,
        };
        approved.Record(new VersionApproved(useCaseKey, which.Component, name, version, by, now));
        return approved;
    }

    private static bool IsPlain(string text) =>
        text.Length is > 0 and <= NameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
