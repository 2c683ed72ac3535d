using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Privacy;

public enum HoldKind { Person, UseCase }

/// <summary>Keeps what is recorded of a person or a use case from being erased, and the calls of a use case from retention, until somebody else lifts it.</summary>
public sealed class LegalHold : Aggregate
{
    public const int ReasonLength = 1000;

    private LegalHold()
    {
    }

    public Guid Id { get; private init; }

    public HoldKind Kind { get; private init; }

    /// <summary>The id of a person or the key of a use case.</summary>
    public string Target { get; private init; } = "";

    public string Reason { get; private init; } = "";

    public string SetBy { get; private init; } = "";

    public DateTimeOffset SetAt { get; private init; }

    public string? LiftedBy { get; private set; }

    public DateTimeOffset? LiftedAt { get; private set; }

    public string LiftReason { get; private set; } = "";

    public override (string Type, string Key) AuditSubject => ("legal-hold", Id.ToString());

    internal static LegalHold Set(HoldKind kind, string target, string reason, Actor by, DateTimeOffset now)
    {
        Demand(reason, "Say why, e.g. the case it is kept for. Do not name people.");
        var hold = new LegalHold { Id = Guid.CreateVersion7(now), Kind = kind, Target = target, Reason = reason.Trim(), SetBy = by.Id.Value, SetAt = now };
        hold.Record(new LegalHoldSet(kind, target, hold.Reason, by, now));
        return hold;
    }

    internal void Lift(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(LiftedAt is not null, "hold-lifted", "This hold was lifted already.");
        Refuse.If(by.Id.Value == SetBy, "second-person-required", "You set this hold, so somebody else lifts it: another of Legal, or a CoE lead.");
        Demand(reason, "Say why it is no longer needed.");
        (LiftedBy, LiftedAt, LiftReason) = (by.Id.Value, now, reason.Trim());
        Record(new LegalHoldLifted(Kind, Target, LiftReason, by, now));
    }

    private static void Demand(string reason, string otherwise)
    {
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", otherwise);
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
    }
}

public sealed record LegalHoldSet(HoldKind Kind, string Target, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Kind is HoldKind.UseCase ? Target : null;
}

public sealed record LegalHoldLifted(HoldKind Kind, string Target, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Kind is HoldKind.UseCase ? Target : null;
}
