using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Approvals;

/// <summary>A condition as a reviewer writes it. Without an owner it is for whoever submitted; without a date, for a month.</summary>
public sealed record ConditionDraft(string Text, PersonId? Owner = null, DateOnly? DueOn = null);

public enum FollowUpState
{
    /// <summary>The review still runs.</summary>
    Pending,

    /// <summary>The use case was approved: the owner has to see to it.</summary>
    Open,

    /// <summary>The owner says it holds; the function that asked has to agree.</summary>
    Reported,

    Met,

    /// <summary>The review did not end in approval.</summary>
    Void,
}

/// <summary>
/// What a condition asks of whom until when. The owner reports that it holds, and another person, of the function that
/// set it, agrees or sends it back.
/// </summary>
public sealed class ConditionFollowUp : Aggregate
{
    public const int TextLength = 500;
    public const int ReportLength = 4000;

    private ConditionFollowUp()
    {
    }

    public Guid Id { get; private init; }

    public Guid DecisionId { get; private init; }

    public Guid RoundId { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int RoundNumber { get; private init; }

    /// <summary>Counts the conditions of a round from 1; shown as C1.</summary>
    public int Number { get; private init; }

    public Role Function { get; private init; }

    public string Text { get; private init; } = "";

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public DateOnly DueOn { get; private set; }

    public FollowUpState State { get; private set; }

    public string? Report { get; private set; }

    public string? ReportedBy { get; private set; }

    public string? ReportedByName { get; private set; }

    public DateTimeOffset? ReportedAt { get; private set; }

    public string? AcceptedBy { get; private set; }

    public string? AcceptedByName { get; private set; }

    public DateTimeOffset? AcceptedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("condition", $"{UseCaseKey}/{RoundNumber}/C{Number}");

    internal static ConditionFollowUp Of(
        ApprovalRound round, Decision decision, int number, string text, Actor owner, DateOnly dueOn, DateOnly today, DateTimeOffset now)
    {
        Refuse.If(dueOn < today || dueOn > today.AddYears(2), "condition-date", "A condition is due today or later, within two years.");
        return new ConditionFollowUp
        {
            Id = Guid.CreateVersion7(now),
            DecisionId = decision.Id,
            RoundId = round.Id,
            UseCaseKey = round.UseCaseKey,
            RoundNumber = round.Number,
            Number = number,
            Function = decision.Function,
            Text = text,
            OwnerId = owner.Id.Value,
            OwnerName = owner.Name,
            DueOn = dueOn,
        };
    }

    /// <summary>An owner is told what the condition says, so it is somebody who may take part in the use case.</summary>
    internal static Actor DemandOwner(Actor? named, Subject useCase)
    {
        Refuse.If(named is null, "condition-owner", "The person named for a condition is not known here, or not any more. Choose another owner.");
        Refuse.If(!AccessPolicy.Allows(named, Permission.TakePart, useCase), "condition-owner",
            $"{named.Name} takes no part in this use case, so they could not see to the condition. Choose somebody from the list.");
        return named;
    }

    /// <param name="setBy">Whose condition it is: the id of who decided.</param>
    internal void Open(string setBy, Actor by, DateTimeOffset now)
    {
        State = FollowUpState.Open;
        Record(new ConditionOpened(UseCaseKey, Number, Function, setBy, Text, OwnerId, OwnerName, DueOn, by, now));
    }

    internal void Void()
    {
        State = FollowUpState.Void;
        Touch();
    }

    internal void ReportMet(string report, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is FollowUpState.Reported, "condition-reported", $"It was reported already. {ApprovalRound.NameOf(Function)} has to agree.");
        Refuse.If(State is not FollowUpState.Open, "condition-not-open", "Nothing has to be reported here: the condition is not open.");
        Refuse.If(by.Id.Value != OwnerId && !by.Is(Role.CoeLead), "not-the-owner", $"{OwnerName} sees to this condition. They report it, or a CoE lead for them.");
        Refuse.If(string.IsNullOrWhiteSpace(report), "report-required", "Say how it is met and where that can be seen.");
        Refuse.If(report.Length > ReportLength, "report-too-long", $"Write at most {ReportLength:N0} characters.");
        (State, Report, ReportedBy, ReportedByName, ReportedAt) = (FollowUpState.Reported, report.Trim(), by.Id.Value, by.Name, now);
        Record(new ConditionReported(UseCaseKey, Number, Function, Report, by, now));
    }

    internal void Accept(Actor by, DateTimeOffset now)
    {
        DemandReviewer(by);
        Refuse.If(by.Id.Value == ReportedBy, "own-report", "You reported it yourself, so another person has to agree.");
        (State, AcceptedBy, AcceptedByName, AcceptedAt) = (FollowUpState.Met, by.Id.Value, by.Name, now);
        Record(new ConditionMet(UseCaseKey, Number, Function, by, now));
    }

    internal void SendBack(string reason, Actor by, DateTimeOffset now)
    {
        DemandReviewer(by);
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say what is missing, so that the owner can see to it.");
        Refuse.If(reason.Length > ReportLength, "reason-too-long", $"Write at most {ReportLength:N0} characters.");
        (State, Report, ReportedBy, ReportedByName, ReportedAt) = (FollowUpState.Open, null, null, null, null);
        Record(new ConditionSentBack(UseCaseKey, Number, Function, reason.Trim(), by, now));
    }

    internal void Move(Actor owner, DateOnly dueOn, string reason, Actor by, DateOnly today, DateTimeOffset now)
    {
        Refuse.If(!by.Is(Function) && !by.Is(Role.CoeLead), "not-your-condition",
            $"{ApprovalRound.NameOf(Function)} set this condition. They change its owner or date, or a CoE lead.");
        Refuse.If(State is not FollowUpState.Open, "condition-not-open", "Only an open condition gets another owner or date.");
        Refuse.If(dueOn < today || dueOn > today.AddYears(2), "condition-date", "A condition is due today or later, within two years.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why the owner or the date changes.");
        Refuse.If(reason.Length > ReportLength, "reason-too-long", $"Write at most {ReportLength:N0} characters.");
        (OwnerId, OwnerName, DueOn) = (owner.Id.Value, owner.Name, dueOn);
        Record(new ConditionMoved(UseCaseKey, Number, Function, OwnerId, OwnerName, DueOn, reason.Trim(), by, now));
    }

    private void DemandReviewer(Actor by)
    {
        Refuse.If(!by.Is(Function), "not-your-condition", $"{ApprovalRound.NameOf(Function)} set this condition, so they say whether it is met.");
        Refuse.If(State is not FollowUpState.Reported, "condition-not-reported", "The owner has not reported it yet.");
    }
}

public sealed record ConditionOpened(
    string UseCase, int Number, Role Function, string SetBy, [property: Personal(nameof(ConditionOpened.SetBy), IsText = true)] string Text, string Owner,
    [property: Personal(nameof(ConditionOpened.Owner))] string OwnerName, DateOnly DueOn, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ConditionReported(string UseCase, int Number, Role Function, [property: Personal] string Report, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ConditionMet(string UseCase, int Number, Role Function, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ConditionSentBack(string UseCase, int Number, Role Function, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ConditionMoved(
    string UseCase, int Number, Role Function, string Owner, [property: Personal(nameof(ConditionMoved.Owner))] string OwnerName, DateOnly DueOn,
    [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
