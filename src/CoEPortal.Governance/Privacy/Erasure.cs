using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Privacy;

public enum ErasureState
{
    Asked,

    /// <summary>Only within the transaction that erases.</summary>
    Confirmed,

    TakenBack,
    Erased,
}

/// <summary>Somebody asks that a person be erased; somebody else carries it out, or either takes it back before. Who it is about stays known by id.</summary>
public sealed class Erasure : Aggregate
{
    public const int ReasonLength = 1000;
    public const int ReferenceLength = 100;

    private Erasure()
    {
    }

    public Guid Id { get; private init; }

    public string PersonId { get; private init; } = "";

    public string Reason { get; private init; } = "";

    /// <summary>Of the request, as the person or the data protection office knows it; empty when there is none.</summary>
    public string Reference { get; private init; } = "";

    public ErasureState State { get; private set; }

    public string AskedBy { get; private init; } = "";

    public DateTimeOffset AskedAt { get; private init; }

    /// <summary>Who took it back or carried it out.</summary>
    public string? ClosedBy { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Why it was taken back.</summary>
    public string Note { get; private set; } = "";

    /// <summary>How many rows of which table were changed, as JSON. Written by the database.</summary>
    public string? Rows { get; private set; }

    public override (string Type, string Key) AuditSubject => ("erasure", Id.ToString());

    internal static Erasure Ask(PersonId person, string reason, string reference, Actor by, DateTimeOffset now)
    {
        Refuse.If(person == by.Id, "own-erasure", "You cannot ask for your own erasure here. Ask a colleague of the privacy office.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why, e.g. a request under Article 17 GDPR. Do not name the person.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        Refuse.If(reference.Length > ReferenceLength || reference.Any(char.IsControl), "reference-unreadable", $"A reference is one line of at most {ReferenceLength} characters.");
        var erasure = new Erasure
        {
            Id = Guid.CreateVersion7(now),
            PersonId = person.Value,
            Reason = reason.Trim(),
            Reference = reference.Trim(),
            AskedBy = by.Id.Value,
            AskedAt = now,
        };
        erasure.Record(new ErasureAsked(person.Value, erasure.Reason, erasure.Reference, by, now));
        return erasure;
    }

    internal void TakeBack(string reason, Actor by, DateTimeOffset now)
    {
        DemandOpen();
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it is taken back.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (State, ClosedBy, ClosedAt, Note) = (ErasureState.TakenBack, by.Id.Value, now, reason.Trim());
        Record(new ErasureTakenBack(PersonId, Note, by, now));
    }

    internal void Confirm(Actor by, DateTimeOffset now)
    {
        DemandOpen();
        Refuse.If(by.Id.Value == PersonId, "own-erasure", "You cannot erase yourself. Somebody else carries it out.");
        Refuse.If(by.Id.Value == AskedBy, "second-person-required", "You asked for this erasure, so somebody else carries it out: another of the privacy office, or a CoE lead.");
        (State, ClosedBy, ClosedAt) = (ErasureState.Confirmed, by.Id.Value, now);
        Touch();
    }

    /// <summary>After the database has done it.</summary>
    internal void Tell(IReadOnlyDictionary<string, long> rows, int reports, Actor by, DateTimeOffset now) =>
        Record(new PersonErased(PersonId, AskedBy, rows, reports, by, now));

    private void DemandOpen() => Refuse.If(State is not ErasureState.Asked, "erasure-closed", "This request was taken back or carried out already. Look again.");
}

public sealed record ErasureAsked(
    string Person, [property: Personal] string Reason, [property: Personal] string Reference, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record ErasureTakenBack(string Person, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <param name="Rows">How many of which table were changed or deleted.</param>
/// <param name="Reports">How many audit PDFs printed before may still name them.</param>
public sealed record PersonErased(
    string Person, string AskedBy, IReadOnlyDictionary<string, long> Rows, int Reports, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
