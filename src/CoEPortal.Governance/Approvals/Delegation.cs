using System.Linq.Expressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// One person lets another of the same function decide for them, until a day. Named and dated; it is not passed on: who
/// acts for somebody cannot hand that to a third.
/// </summary>
public sealed class Delegation : Aggregate
{
    public const int LongestDays = 30;
    public const int ReasonLength = 1000;

    private Delegation()
    {
    }

    public Guid Id { get; private init; }

    public string FromId { get; private init; } = "";

    public string FromName { get; private init; } = "";

    public string ToId { get; private init; } = "";

    public string ToName { get; private init; } = "";

    public Role Function { get; private init; }

    /// <summary>Null: every task of the function that the person has taken.</summary>
    public Guid? TaskId { get; private init; }

    public DateOnly StartsOn { get; private init; }

    /// <summary>The last day on which it holds, in the organisation's time zone.</summary>
    public DateOnly EndsOn { get; private init; }

    public string Reason { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("delegation", Id.ToString());

    internal static Delegation Give(
        Actor from, Actor to, Role function, ReviewTask? task, DateOnly startsOn, DateOnly endsOn, string reason, DateOnly today, DateTimeOffset now)
    {
        AccessPolicy.Demand(from, Permission.DecideReviews);
        var name = ApprovalRound.NameOf(function);
        Refuse.If(!from.Is(function), "not-your-function", $"You can only delegate what you decide yourself. You are not {name}.");
        Refuse.If(to.Id == from.Id, "delegated-to-self", "Choose somebody else: you cannot stand in for yourself.");
        Refuse.If(!to.Is(function), "delegate-function", $"{to.Name} is not {name}. Choose somebody of the same function.");
        Refuse.If(startsOn < today, "delegation-dates", "A delegation starts today or later.");
        Refuse.If(endsOn < startsOn || endsOn.DayNumber - startsOn.DayNumber > LongestDays, "delegation-dates",
            $"A delegation lasts up to {LongestDays} days. Choose its last day accordingly.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why: it is shown beside each decision made for you.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");

        var delegation = new Delegation
        {
            Id = Guid.CreateVersion7(now),
            FromId = from.Id.Value,
            FromName = from.Name,
            ToId = to.Id.Value,
            ToName = to.Name,
            Function = function,
            TaskId = task?.Id,
            StartsOn = startsOn,
            EndsOn = endsOn,
            Reason = reason.Trim(),
            CreatedAt = now,
        };
        delegation.Record(new DelegationGiven(task?.UseCaseKey, from.Id.Value, to.Id.Value, to.Name, function, startsOn, endsOn, delegation.Reason, from, now));
        return delegation;
    }

    /// <summary>Delegations by which somebody decides a task for the person who has taken it, for queries.</summary>
    internal static Expression<Func<Delegation, bool>> InForceFor(ReviewTask task, DateOnly day)
    {
        var (assignee, function, id) = (task.AssigneeId, task.Function, task.Id);
        return d => d.FromId == assignee && d.Function == function && (d.TaskId == null || d.TaskId == id)
            && d.RevokedAt == null && d.StartsOn <= day && d.EndsOn >= day;
    }

    public bool HoldsOn(DateOnly day) => RevokedAt is null && StartsOn <= day && day <= EndsOn;

    internal void Revoke(Actor by, string? useCaseKey, DateTimeOffset now)
    {
        Refuse.If(by.Id.Value != FromId && by.Id.Value != ToId && !by.Is(Role.CoeLead), "not-your-delegation",
            $"Only {FromName}, {ToName} or a CoE lead can end this delegation.");
        Refuse.If(RevokedAt is not null, "delegation-ended", "This delegation has been ended already.");
        RevokedAt = now;
        Record(new DelegationRevoked(useCaseKey, FromId, ToId, ToName, Function, by, now));
    }
}

public sealed record DelegationGiven(
    string? UseCase, string From, string To, [property: Personal(nameof(DelegationGiven.To))] string ToName, Role Function, DateOnly StartsOn, DateOnly EndsOn,
    [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DelegationRevoked(
    string? UseCase, string From, string To, [property: Personal(nameof(DelegationRevoked.To))] string ToName, Role Function, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
