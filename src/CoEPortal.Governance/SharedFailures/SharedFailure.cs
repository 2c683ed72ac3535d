using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.SharedFailures;

/// <summary>Where it went wrong.</summary>
public enum FailureKind { Prompt, Retrieval, Tool, Ui, Model }

public enum FailureState { Waiting, Published, Withdrawn }

/// <summary>What somebody tells of a failure; keys, addresses and long numbers are taken out, people are taken out by whoever publishes it.</summary>
/// <param name="UseCases">Their keys; may be none.</param>
public sealed record FailureDraft(string Title, string Happened, string Learnt, string Workaround, FailureKind Kind, IReadOnlyList<string> UseCases)
{
    public const int LongestTitle = 160;
    public const int LongestText = 4000;
    public const int LongestWorkaround = 2000;
    public const int MostUseCases = 20;

    internal FailureDraft Sound()
    {
        var draft = new FailureDraft(
            Redaction.Of(Title).ReplaceLineEndings(" "), Redaction.Of(Happened), Redaction.Of(Learnt), Redaction.Of(Workaround), Kind,
            [.. UseCases.Select(u => u.Trim().ToUpperInvariant()).Where(u => u.Length > 0).Distinct().Order(StringComparer.Ordinal)]);
        Refuse.If(draft.Title.Length is 0 or > LongestTitle, "title-required", $"Say in 1 to {LongestTitle} characters what went wrong.");
        Refuse.If(draft.Happened.Length is 0 or > LongestText, "happened-required", $"Say what happened, in at most {LongestText:N0} characters.");
        Refuse.If(draft.Learnt.Length is 0 or > LongestText, "learnt-required", $"Say what others can learn from it, in at most {LongestText:N0} characters.");
        Refuse.If(draft.Workaround.Length > LongestWorkaround, "workaround-too-long", $"Say what helps until it is mended in at most {LongestWorkaround:N0} characters.");
        Refuse.If(draft.UseCases.Count > MostUseCases, "too-many-use-cases", $"Name at most {MostUseCases} use cases.");
        return draft;
    }
}

/// <summary>
/// A failure that others can learn from. Somebody else of the CoE publishes it after taking personal data out; from then on the row no
/// longer says who wrote it. The log does, sealed.
/// </summary>
public sealed class SharedFailure : Aggregate
{
    public const int LongestReason = 1000;

    private SharedFailure()
    {
    }

    public string Key { get; private init; } = "";

    public string Title { get; private set; } = "";

    public string Happened { get; private set; } = "";

    public string Learnt { get; private set; } = "";

    public string Workaround { get; private set; } = "";

    public FailureKind Kind { get; private set; }

    public List<string> UseCases { get; private set; } = [];

    /// <summary>The piece of feedback it was made from.</summary>
    public Guid? FeedbackId { get; private init; }

    public FailureState State { get; private set; }

    /// <summary>Null once it is published.</summary>
    public string? WrittenBy { get; private set; }

    public string? WrittenByName { get; private set; }

    public DateTimeOffset WrittenAt { get; private init; }

    public string? PublishedBy { get; private set; }

    public string? PublishedByName { get; private set; }

    public DateTimeOffset? PublishedAt { get; private set; }

    public string? WithdrawnBy { get; private set; }

    public string? WithdrawnByName { get; private set; }

    public string WithdrawnReason { get; private set; } = "";

    public DateTimeOffset? WithdrawnAt { get; private set; }

    /// <summary>How many said that it happened to them too.</summary>
    public int Met { get; private init; }

    public override (string Type, string Key) AuditSubject => ("shared-failure", Key);

    internal static SharedFailure Write(string key, FailureDraft draft, Guid? feedback, Actor by, DateTimeOffset now)
    {
        var failure = new SharedFailure { Key = key, FeedbackId = feedback, WrittenBy = by.Id.Value, WrittenByName = by.Name, WrittenAt = now };
        failure.Take(draft);
        failure.Record(new FailureShared(key, failure.Title, failure.Kind, by, now));
        return failure;
    }

    /// <param name="draft">As it is to be read: without names of people.</param>
    internal void Publish(FailureDraft draft, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not FailureState.Waiting, "not-waiting", "This was published or withdrawn already.");
        Refuse.If(by.Id.Value == WrittenBy, "own-entry", "You wrote this. Somebody else of the CoE looks for personal data in it and publishes it.");
        Take(draft);
        (State, PublishedBy, PublishedByName, PublishedAt, WrittenBy, WrittenByName) = (FailureState.Published, by.Id.Value, by.Name, now, null, null);
        Record(new FailurePublished(Key, Title, Kind, by, now));
    }

    internal void Withdraw(string reason, Actor by, DateTimeOffset now)
    {
        reason = reason.Trim();
        Refuse.If(State is FailureState.Withdrawn, "withdrawn", "This was withdrawn already.");
        Refuse.If(reason.Length is 0 or > LongestReason, "reason-required", $"Say why, in at most {LongestReason:N0} characters.");
        (State, WithdrawnBy, WithdrawnByName, WithdrawnAt, WithdrawnReason) = (FailureState.Withdrawn, by.Id.Value, by.Name, now, reason);
        Record(new FailureWithdrawn(Key, reason, by, now));
    }

    private void Take(FailureDraft draft) =>
        (Title, Happened, Learnt, Workaround, Kind, UseCases) = (draft.Title, draft.Happened, draft.Learnt, draft.Workaround, draft.Kind, [.. draft.UseCases]);
}

/// <summary>Somebody to whom a published failure happened too; each a row and an event of its own, so that many at once do not wait for each other's version.</summary>
public sealed class FailureEncounter : Aggregate
{
    private FailureEncounter()
    {
    }

    public Guid Id { get; private init; }

    public string FailureKey { get; private init; } = "";

    public string PersonId { get; private init; } = "";

    public DateTimeOffset MetAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("failure-encounter", Id.ToString());

    internal static FailureEncounter Of(string failure, Actor by, DateTimeOffset now)
    {
        var encounter = new FailureEncounter { Id = Guid.CreateVersion7(now), FailureKey = failure, PersonId = by.Id.Value, MetAt = now };
        encounter.Record(new FailureMet(failure, by, now));
        return encounter;
    }
}

public sealed record FailureShared(string Failure, [property: Personal] string Title, FailureKind Kind, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record FailurePublished(string Failure, [property: Personal] string Title, FailureKind Kind, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record FailureWithdrawn(string Failure, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record FailureMet(string Failure, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
