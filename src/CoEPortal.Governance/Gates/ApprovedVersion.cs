using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

/// <summary>A version of a prompt, an index or a model that may run. The newest is the one in use; a rollback points at an older one.</summary>
public sealed class ApprovedVersion : Aggregate
{
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
        which = which.Checked();
        var approved = new ApprovedVersion
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Component = which.Component,
            Name = which.Name,
            VersionName = which.Version,
            ApprovedBy = by.Id.Value,
            ApprovedByName = by.Name,
            ApprovedAt = now,
        };
        approved.Record(new VersionApproved(useCaseKey, which.Component, which.Name, which.Version, by, now));
        return approved;
    }
}
