using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Audit;

/// <summary>
/// Something that happened, as it stays in the audit log. Type names are stored and never renamed;
/// the properties a derived record adds are the event's body.
/// </summary>
public abstract record GovernanceEvent(Actor By, DateTimeOffset At)
{
    /// <summary>The use case on whose timeline the event belongs, if any.</summary>
    public virtual string? UseCaseKey => null;

    /// <summary>The content that was seen, signed or frozen, as <c>sha256:…</c>.</summary>
    public virtual string? SignedContent => null;
}

/// <summary>An event that waits for the next save. Its id is given when it happens, so ids keep the order across things.</summary>
internal sealed record RecordedEvent(Guid Id, int Number, GovernanceEvent Event);

/// <summary>
/// A thing with rules. Every change goes through <see cref="Record"/> or <see cref="Touch"/>, which raise
/// <see cref="Version"/>. A row version on the root alone would miss two people who each only add a child row:
/// both saves would succeed and neither would see the other.
/// </summary>
public abstract class Aggregate
{
    private readonly List<RecordedEvent> _recorded = [];

    /// <summary>Concurrency token: a save on top of another's save is refused.</summary>
    public int Version { get; private set; }

    /// <summary>How many events the audit log holds of this thing: they are numbered without a gap.</summary>
    public int EventCount { get; private set; }

    /// <summary>How the audit log names this thing, e.g. <c>use-case</c>, <c>UC-0001</c>.</summary>
    public abstract (string Type, string Key) AuditSubject { get; }

    internal IReadOnlyList<RecordedEvent> Recorded => _recorded;

    internal void Forget() => _recorded.Clear();

    protected void Record(GovernanceEvent happened)
    {
        Version++;
        _recorded.Add(new RecordedEvent(EventIds.Next(happened.At), ++EventCount, happened));
    }

    /// <summary>A change that is not an audit event, such as saving a draft.</summary>
    protected void Touch() => Version++;
}
