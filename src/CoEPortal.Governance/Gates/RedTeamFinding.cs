using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

public enum Severity { Low, Medium, High, Critical }

/// <summary>OWASP Top 10 for LLM applications, 2025.</summary>
public enum OwaspRisk
{
    PromptInjection = 1,
    SensitiveInformationDisclosure,
    SupplyChain,
    DataAndModelPoisoning,
    ImproperOutputHandling,
    ExcessiveAgency,
    SystemPromptLeakage,
    VectorAndEmbeddingWeaknesses,
    Misinformation,
    UnboundedConsumption,
}

public enum FindingState
{
    Open,

    /// <summary>Its owner says so; somebody else tries again.</summary>
    Fixed,

    Closed,

    /// <summary>Risk lives with it until a day.</summary>
    Accepted,
}

/// <summary>What somebody writes who broke it.</summary>
public sealed record FindingDraft(string Title, string Description, Severity Severity, OwaspRisk Owasp, PersonId Owner, DateOnly? DueOn);

/// <summary>Something a red team made a use case do. Followed like a defect: owner, date, mended, tried again by somebody else.</summary>
public sealed class RedTeamFinding : Aggregate
{
    public const int TitleLength = 200;
    public const int TextLength = 4000;

    private RedTeamFinding()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>The name people use, e.g. <c>RT-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string UseCaseKey { get; private init; } = "";

    public string Title { get; private init; } = "";

    public string Description { get; private init; } = "";

    public Severity Severity { get; private init; }

    public OwaspRisk Owasp { get; private init; }

    public FindingState State { get; private set; }

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public DateOnly DueOn { get; private set; }

    public string ReportedBy { get; private init; } = "";

    public string ReportedByName { get; private init; } = "";

    public DateTimeOffset ReportedAt { get; private init; }

    /// <summary>The last thing said about it: what was mended, why it is open again, why it is lived with.</summary>
    public string Note { get; private set; } = "";

    public string? NoteBy { get; private set; }

    public DateTimeOffset? ChangedAt { get; private set; }

    public string? FixedBy { get; private set; }

    /// <summary>Lived with until then; after it the finding counts as open again.</summary>
    public DateOnly? AcceptedUntil { get; private set; }

    public override (string Type, string Key) AuditSubject => ("red-team-finding", Key);

    public bool IsOpen(DateOnly today) => State is FindingState.Open or FindingState.Fixed || State is FindingState.Accepted && AcceptedUntil < today;

    /// <summary>Whether it holds the gate of its use case.</summary>
    public bool Holds(FindingRules rules, DateOnly today) =>
        IsOpen(today) && (rules.HoldOpen.Contains(Severity) || DueOn < today && rules.HoldOverdue.Contains(Severity));

    internal static RedTeamFinding Report(string key, string useCaseKey, FindingDraft draft, Actor owner, DateOnly dueOn, DateOnly today, Actor by, DateTimeOffset now)
    {
        Refuse.If(string.IsNullOrWhiteSpace(draft.Title) || draft.Title.Length > TitleLength, "title-required", $"Say in at most {TitleLength} characters what it did.");
        Refuse.If(draft.Description.Length > TextLength, "text-too-long", $"Write at most {TextLength:N0} characters.");
        Refuse.If(!Enum.IsDefined(draft.Owasp) || !Enum.IsDefined(draft.Severity), "category-required", "Choose a severity and a category of the OWASP Top 10 for LLM applications.");
        Refuse.If(dueOn < today, "due-in-the-past", "The date by which it is mended lies in the past.");
        var finding = new RedTeamFinding
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            UseCaseKey = useCaseKey,
            Title = draft.Title.Trim(),
            Description = draft.Description.Trim(),
            Severity = draft.Severity,
            Owasp = draft.Owasp,
            OwnerId = owner.Id.Value,
            OwnerName = owner.Name,
            DueOn = dueOn,
            ReportedBy = by.Id.Value,
            ReportedByName = by.Name,
            ReportedAt = now,
        };
        finding.Record(new RedTeamFindingReported(useCaseKey, key, finding.Title, finding.Severity, finding.Owasp, finding.OwnerId, finding.OwnerName, dueOn, by, now));
        return finding;
    }

    internal void Fix(string note, Actor by, DateTimeOffset now)
    {
        Demand(State is FindingState.Open or FindingState.Accepted, note);
        Say(FindingState.Fixed, note, by, now);
        (FixedBy, AcceptedUntil) = (by.Id.Value, null);
        Record(new RedTeamFindingFixed(UseCaseKey, Key, Note, by, now));
    }

    /// <summary>Tried again by somebody else than who mended it.</summary>
    internal void Retest(bool isMended, string note, Actor by, DateTimeOffset now)
    {
        Demand(State is FindingState.Fixed, note);
        Refuse.If(FixedBy == by.Id.Value, "second-person-required", "You mended this, so somebody else tries it again.");
        Say(isMended ? FindingState.Closed : FindingState.Open, note, by, now);
        Record(new RedTeamFindingRetested(UseCaseKey, Key, isMended, Note, by, now));
    }

    internal void Accept(DateOnly until, DateOnly today, string note, Actor by, DateTimeOffset now)
    {
        Demand(State is FindingState.Open, note);
        Refuse.If(OwnerId == by.Id.Value || ReportedBy == by.Id.Value, "second-person-required", "You own or reported this, so somebody else decides to live with it.");
        Refuse.If(until <= today || until > today.AddDays(180), "until-unusable", "A finding is lived with for at most 180 days, then it is open again.");
        Say(FindingState.Accepted, note, by, now);
        AcceptedUntil = until;
        Record(new RedTeamFindingAccepted(UseCaseKey, Key, until, Note, by, now));
    }

    private void Say(FindingState state, string note, Actor by, DateTimeOffset now) => (State, Note, NoteBy, ChangedAt) = (state, note.Trim(), by.Id.Value, now);

    private void Demand(bool may, string note)
    {
        Refuse.If(!may, "finding-state", $"{Key} is {State.ToString().ToLowerInvariant()}: this comes at another step.");
        Refuse.If(string.IsNullOrWhiteSpace(note) || note.Length > TextLength, "note-required", $"Say what was done or seen, in at most {TextLength:N0} characters.");
    }
}

public sealed record RedTeamFindingReported(
    string UseCase, string Finding, [property: Personal] string Title, Severity Severity, OwaspRisk Owasp, string Owner, [property: Personal(nameof(RedTeamFindingReported.Owner))] string OwnerName,
    DateOnly DueOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record RedTeamFindingFixed(string UseCase, string Finding, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record RedTeamFindingRetested(string UseCase, string Finding, bool IsMended, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record RedTeamFindingAccepted(string UseCase, string Finding, DateOnly Until, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
