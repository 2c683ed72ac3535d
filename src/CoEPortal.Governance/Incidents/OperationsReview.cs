using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Incidents;

/// <summary>A weekly operations review that was held: which resolved incident and which unresolved risk were looked at, and what was said.</summary>
public sealed class OperationsReview : Aggregate
{
    public const int NoteLength = 4000;

    private OperationsReview()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>ISO 8601, e.g. <c>2026-W47</c>.</summary>
    public string Week { get; private init; } = "";

    /// <summary>The resolved incident; null when none was ever resolved.</summary>
    public string? IncidentKey { get; private init; }

    public RiskKind RiskKind { get; private init; }

    public string RiskThing { get; private init; } = "";

    public string Note { get; private init; } = "";

    public string HeldBy { get; private init; } = "";

    public string HeldByName { get; private init; } = "";

    public DateTimeOffset HeldAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("operations-review", Week);

    internal static OperationsReview Hold(string week, string? incidentKey, UnresolvedRisk risk, string note, Actor by, DateTimeOffset now)
    {
        Refuse.If(string.IsNullOrWhiteSpace(note), "note-required", "Say what was learnt from the incident, and what becomes of the risk.");
        Refuse.If(note.Length > NoteLength, "text-too-long", $"Write at most {NoteLength:N0} characters.");
        var review = new OperationsReview
        {
            Id = Guid.CreateVersion7(now),
            Week = week,
            IncidentKey = incidentKey,
            RiskKind = risk.Kind,
            RiskThing = risk.Thing,
            Note = Redaction.Of(note),
            HeldBy = by.Id.Value,
            HeldByName = by.Name,
            HeldAt = now,
        };
        review.Record(new OperationsReviewHeld(week, incidentKey, risk.Kind.ToString(), risk.Thing, review.Note, by, now));
        return review;
    }
}

/// <summary>In the order in which they matter.</summary>
public enum RiskKind
{
    ClockOverdue,
    SevereIncident,
    ClockRunning,
    OpenIncident,
    ActionOverdue,
    SwitchEngaged,
    OpenAction,

    /// <summary>Nothing of the above: the use case in service whose stop was not rehearsed for the longest time.</summary>
    NotRehearsed,

    /// <summary>Nothing is in service.</summary>
    NoneKnown,
}

/// <summary>What is still to be seen to, and is looked at in the weekly review.</summary>
/// <param name="Thing">An incident, a switch or a use case, by its key.</param>
/// <param name="Fact">One fact about it: no words of people.</param>
public sealed record UnresolvedRisk(RiskKind Kind, string Thing, string Fact, DateTimeOffset? Since);
