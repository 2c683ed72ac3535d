using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Approvals;

public enum LaneIncidentKind
{
    /// <summary>An activity of the workflow failed.</summary>
    Faulted,

    /// <summary>The workflow ended with an outcome that the decisions do not support, or with none.</summary>
    Disputed,
}

public enum IncidentResolution { Retried, Cancelled }

/// <summary>A lane that cannot go on by itself. It approves nothing, and stays on the list until a person resolves it.</summary>
public sealed class LaneIncident
{
    public const int NoteLength = 1000;
    private const int MessageLength = 4000;

    private LaneIncident()
    {
    }

    public Guid Id { get; private init; }

    public Guid InstanceId { get; private init; }

    public LaneIncidentKind Kind { get; private init; }

    public string? Activity { get; private init; }

    public string Message { get; private init; } = "";

    public DateTimeOffset RaisedAt { get; private init; }

    public DateTimeOffset? ResolvedAt { get; private set; }

    public IncidentResolution? Resolution { get; private set; }

    public string? Note { get; private set; }

    public string? ResolvedBy { get; private set; }

    public string? ResolvedByName { get; private set; }

    internal static LaneIncident Faulted(Guid instanceId, string activity, string message, DateTimeOffset now) =>
        Of(instanceId, LaneIncidentKind.Faulted, activity, message, now);

    internal static LaneIncident Disputed(Guid instanceId, string? outcome, DateTimeOffset now) => Of(
        instanceId, LaneIncidentKind.Disputed, null,
        $"The workflow ended with the outcome '{outcome ?? "none"}', which the recorded decisions do not support. Nothing was approved.", now);

    internal void Resolve(IncidentResolution resolution, string note, Actor by, DateTimeOffset now) =>
        (Resolution, Note, ResolvedBy, ResolvedByName, ResolvedAt) = (resolution, note, by.Id.Value, by.Name, now);

    private static LaneIncident Of(Guid instanceId, LaneIncidentKind kind, string? activity, string message, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        InstanceId = instanceId,
        Kind = kind,
        Activity = activity,
        Message = message.Length > MessageLength ? message[..MessageLength] : message,
        RaisedAt = now,
    };
}
