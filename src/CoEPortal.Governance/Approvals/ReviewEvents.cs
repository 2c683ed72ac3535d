using System.Text.Json.Serialization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Approvals;

/// <summary>Of a review, and what it is about.</summary>
public abstract record ReviewEvent(Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    /// <summary>What is asked about, where it is not the revision itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }
}

public sealed record ReviewOpened(
    string UseCase, int Revision, int Round, Lane Lane, IReadOnlyList<Role> Functions, string ContentHash, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

/// <param name="SeenConditionsBy">Who set each of them, in the same order.</param>
public sealed record DecisionRecorded(
    string UseCase, int Revision, int Round, Role Function, DecisionKind Decision,
    [property: Personal] string Comment,
    [property: Personal] IReadOnlyList<string> Conditions,
    [property: Personal(nameof(DecisionRecorded.SeenConditionsBy), IsText = true)] IReadOnlyList<string> SeenConditions,
    IReadOnlyList<string> SeenConditionsBy, string ContentHash, string? OnBehalfOf,
    [property: Personal(nameof(DecisionRecorded.OnBehalfOf))] string? OnBehalfOfName,
    DateTimeOffset? ConfirmedAt, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record ReviewSettled(
    string UseCase, int Revision, int Round, RoundStatus Outcome, string ContentHash, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record ReviewDisputed(
    string UseCase, int Revision, int Round, string Outcome, string ContentHash, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record VetoLifted(
    string UseCase, int Revision, int Round, Role Function, [property: Personal] string Reason, string ContentHash, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

/// <summary>Somebody took a task; <see cref="TakenFrom"/> names who had it before.</summary>
public sealed record ReviewTaskClaimed(
    string UseCase, int Round, Role Function, string? TakenFromId, [property: Personal(nameof(ReviewTaskClaimed.TakenFromId))] string? TakenFrom, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ReviewTaskReleased(
    string UseCase, int Round, Role Function, string ReleasedFromId, [property: Personal(nameof(ReviewTaskReleased.ReleasedFromId))] string ReleasedFrom, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ReviewEscalated(string UseCase, int Round, Role Function, int Level, DateTimeOffset DueAt, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

/// <summary>The lane stopped at an error. Nothing is approved by it; a person retries or cancels.</summary>
public sealed record LaneFaulted(string UseCase, int Round, string Activity, string Message, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record LaneRetried(string UseCase, int Round, [property: Personal] string Reason, Actor By, DateTimeOffset At) : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record LaneUpgraded(
    string UseCase, int Round, string Workflow, int FromVersion, int ToVersion, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ReviewCancelled(
    string UseCase, int Revision, int Round, [property: Personal] string Reason, string ContentHash, Actor By, DateTimeOffset At)
    : ReviewEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}
