using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Feedback;

public enum Opinion { Negative, Neutral, Positive }

public enum FeedbackState { New, Triaged, Done }

/// <summary>Where a fix belongs.</summary>
public enum FeedbackFix { Prompt, Retrieval, Tool, Ui }

/// <summary>What somebody thinks of an answer of a use case, and what becomes of it. What was said is never edited.</summary>
public sealed class UserFeedback : Aggregate
{
    public const int TextLength = 4000;
    public const int NoteLength = 2000;

    private UserFeedback()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>The token that reported it, or <c>portal</c>.</summary>
    public string Source { get; private init; } = "";

    /// <summary>Under which it is taken once.</summary>
    public string SourceId { get; private init; } = "";

    /// <summary>The answer it is about, by the id of its call; null when nobody says.</summary>
    public string? CallId { get; private init; }

    public Opinion Opinion { get; private init; }

    /// <summary>1 to 5, when one was given.</summary>
    public int? Score { get; private init; }

    public string Text { get; private init; } = "";

    public DateTimeOffset GivenAt { get; private init; }

    public DateTimeOffset ReceivedAt { get; private init; }

    /// <summary>Who entered it in the portal; null for what a program reports: it names no users.</summary>
    public string? GivenBy { get; private init; }

    public string GivenByName { get; private init; } = "";

    public FeedbackState State { get; private set; }

    public FeedbackFix? Fix { get; private set; }

    public string? AssigneeId { get; private set; }

    public string? AssigneeName { get; private set; }

    public string Note { get; private set; } = "";

    public DateTimeOffset? TriagedAt { get; private set; }

    public string? TriagedByName { get; private set; }

    public string? TriagedBy { get; private set; }

    /// <summary>Who wrote <see cref="Note"/>.</summary>
    public string? NoteBy { get; private set; }

    public override (string Type, string Key) AuditSubject => ("feedback", Id.ToString());

    internal static UserFeedback Enter(string useCaseKey, FeedbackDraft draft, Actor by, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var feedback = new UserFeedback
        {
            Id = id,
            UseCaseKey = useCaseKey,
            Source = FeedbackDraft.Portal,
            SourceId = id.ToString(),
            CallId = draft.CallId,
            Opinion = draft.Opinion,
            Score = draft.Score,
            Text = draft.Text,
            GivenAt = now,
            ReceivedAt = now,
            GivenBy = by.Id.Value,
            GivenByName = by.Name,
            State = draft.FirstState,
        };
        feedback.Record(new FeedbackEntered(useCaseKey, id, draft.Opinion, by, now));
        return feedback;
    }

    /// <summary>Says where the fix belongs and who sees to it.</summary>
    internal void Triage(FeedbackFix fix, Actor? assignee, string note, Actor by, DateTimeOffset now)
    {
        Demand(note);
        (State, Fix, AssigneeId, AssigneeName, Note, NoteBy) = (FeedbackState.Triaged, fix, assignee?.Id.Value, assignee?.Name, note.Trim(), by.Id.Value);
        (TriagedAt, TriagedBy, TriagedByName) = (now, by.Id.Value, by.Name);
        Record(new FeedbackTriaged(UseCaseKey, Id, fix, assignee?.Id.Value, assignee?.Name, Note, by, now));
    }

    /// <summary>Nothing is left to do: fixed, or nothing to fix.</summary>
    internal void Finish(string note, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is FeedbackState.Done, "feedback-done", "This feedback is done already. Triage it again to open it.");
        Refuse.If(string.IsNullOrWhiteSpace(note), "note-required", "Say what was done, or why there is nothing to do.");
        Demand(note);
        (State, Note, NoteBy) = (FeedbackState.Done, note.Trim(), by.Id.Value);
        if (TriagedAt is null)
        {
            (TriagedAt, TriagedBy, TriagedByName) = (now, by.Id.Value, by.Name);
        }

        Record(new FeedbackDone(UseCaseKey, Id, Fix, Note, by, now));
    }

    private static void Demand(string note) => Refuse.If(note.Length > NoteLength, "note-too-long", $"Write at most {NoteLength:N0} characters.");
}

public sealed record FeedbackEntered(string UseCase, Guid Feedback, Opinion Opinion, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record FeedbackTriaged(
    string UseCase, Guid Feedback, FeedbackFix Fix, string? AssigneeId, [property: Personal(nameof(FeedbackTriaged.AssigneeId))] string? AssigneeName,
    [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record FeedbackDone(
    string UseCase, Guid Feedback, FeedbackFix? Fix, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
