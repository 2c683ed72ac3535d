using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Patterns;

/// <summary>Why something is cleared no more.</summary>
public enum ClearanceEnd { ModelOutside, PatternExpired, PatternWithdrawn, SampleObjected }

/// <summary>What a person found who looked at a sample.</summary>
public enum SampleOutcome { Confirmed, Objected }

/// <summary>A revision that no person approved, because it follows a pattern. Some are looked at afterwards; it ends when it leaves the pattern.</summary>
public sealed class Clearance : Aggregate
{
    public const int NoteLength = 2000;

    private Clearance()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int Revision { get; private init; }

    public string PatternKey { get; private init; } = "";

    public int PatternVersion { get; private init; }

    /// <summary>The how manieth case that this pattern cleared.</summary>
    public int Number { get; private init; }

    public DateTimeOffset ClearedAt { get; private init; }

    public bool IsSampled { get; private init; }

    /// <summary>When reviewers were told of a sample.</summary>
    public DateTimeOffset? ToldAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public ClearanceEnd? EndedBecause { get; private set; }

    public string Detail { get; private set; } = "";

    public SampleOutcome? Outcome { get; private set; }

    public string? ReviewedBy { get; private set; }

    public string? ReviewedByName { get; private set; }

    public DateTimeOffset? ReviewedAt { get; private set; }

    public string Note { get; private set; } = "";

    public override (string Type, string Key) AuditSubject => ("clearance", FormattableString.Invariant($"{UseCaseKey}/{Revision}"));

    /// <param name="number">The how manieth case of its pattern: the first, and every so manieth after it, is a sample.</param>
    internal static Clearance Of(string useCaseKey, int revision, ClearedAs pattern, int number, int sampleEvery, DateTimeOffset now)
    {
        var cleared = new Clearance
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Revision = revision,
            PatternKey = pattern.Pattern,
            PatternVersion = pattern.Version,
            Number = number,
            ClearedAt = now,
            IsSampled = (number - 1) % sampleEvery == 0,
        };
        cleared.Record(new UseCaseCleared(useCaseKey, revision, pattern.Pattern, pattern.Version, pattern.ContentHash, number, cleared.IsSampled, Actor.Rule("pattern"), now));
        return cleared;
    }

    internal void Tell(DateTimeOffset now)
    {
        ToldAt = now;
        Touch();
    }

    /// <summary>The use case itself records that its approval ended.</summary>
    internal void End(ClearanceEnd because, string detail, DateTimeOffset now)
    {
        (EndedAt, EndedBecause, Detail) = (now, because, detail);
        Touch();
    }

    internal void Review(SampleOutcome outcome, string note, IReadOnlyCollection<string> authors, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ReviewClearances);
        Refuse.If(authors.Contains(by.Id.Value), "own-use-case", "You wrote on this use case, so somebody else looks at its sample.");
        Refuse.If(!IsSampled, "not-sampled", $"{UseCaseKey} is no sample of {PatternKey}. To stop it, engage its kill switch.");
        Refuse.If(Outcome is not null, "reviewed-already", $"{ReviewedByName} has looked at this sample already.");
        Refuse.If(note.Length > NoteLength, "note-too-long", $"Write at most {NoteLength:N0} characters.");
        Refuse.If(outcome is SampleOutcome.Objected && string.IsNullOrWhiteSpace(note), "reason-required", "Say what is wrong with it: its authors will read it.");
        (Outcome, ReviewedBy, ReviewedByName, ReviewedAt, Note) = (outcome, by.Id.Value, by.Name, now, note.Trim());
        Record(new ClearanceReviewed(UseCaseKey, Revision, PatternKey, outcome, Note, by, now));
    }
}

public sealed record UseCaseCleared(string Key, int Revision, string Pattern, int PatternVersion, string PatternHash, int Number, bool IsSampled, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;

    public override string? SignedContent => PatternHash;
}

public sealed record ClearanceReviewed(string Key, int Revision, string Pattern, SampleOutcome Outcome, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}
