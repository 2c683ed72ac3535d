using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Candidates;

/// <summary>Work as it is done today, in the words of somebody who knows it.</summary>
/// <param name="PerMonth">How often it is done.</param>
/// <param name="Minutes">How long it takes each person each time.</param>
/// <param name="People">How many are needed each time.</param>
/// <param name="Value">1 to 5; what each means is in the rules.</param>
/// <param name="Feasibility">1 to 5, likewise.</param>
public sealed record CandidateDraft(string Name, string Department, string Description, int PerMonth, int Minutes, int People, int Value, int Feasibility);

public enum CandidateState { Open, Proposed, SetAside }

/// <summary>A workflow that AI might help with. It becomes one use case, or is set aside with a reason.</summary>
public sealed class Candidate : Aggregate
{
    public const int Highest = 5;
    public const int ReasonLength = 1000;

    private Candidate()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>CW-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string Name { get; private set; } = "";

    public string Department { get; private set; } = "";

    public string Description { get; private set; } = "";

    public int PerMonth { get; private set; }

    public int Minutes { get; private set; }

    public int People { get; private set; }

    public int Value { get; private set; }

    public int Feasibility { get; private set; }

    public string AddedBy { get; private init; } = "";

    public string AddedByName { get; private init; } = "";

    public DateTimeOffset AddedAt { get; private init; }

    public DateTimeOffset ChangedAt { get; private set; }

    public string? SetAsideBy { get; private set; }

    public string? SetAsideByName { get; private set; }

    public DateTimeOffset? SetAsideAt { get; private set; }

    public string? SetAsideReason { get; private set; }

    /// <summary>The use case it became.</summary>
    public string? UseCaseKey { get; private set; }

    public CandidateState State => UseCaseKey is not null ? CandidateState.Proposed : SetAsideAt is not null ? CandidateState.SetAside : CandidateState.Open;

    /// <summary>The work it takes everybody together.</summary>
    public decimal HoursPerMonth => (decimal)PerMonth * Minutes * People / 60;

    public Subject Subject => new(Department, [new PersonId(AddedBy)]);

    public override (string Type, string Key) AuditSubject => ("candidate", Key);

    internal static Candidate Add(string key, CandidateDraft draft, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ProposeUseCase);
        var candidate = new Candidate { Id = Guid.CreateVersion7(now), Key = key, AddedBy = by.Id.Value, AddedByName = by.Name, AddedAt = now };
        candidate.Take(draft, now);
        candidate.Record(new CandidateAdded(key, draft.PerMonth, draft.Minutes, draft.People, draft.Value, draft.Feasibility, by, now));
        return candidate;
    }

    internal void Change(CandidateDraft draft, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        Take(draft, now);
        Record(new CandidateChanged(Key, draft.PerMonth, draft.Minutes, draft.People, draft.Value, draft.Feasibility, by, now));
    }

    internal void SetAside(string reason, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it is set aside, so that nobody looks into it again for nothing.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (SetAsideBy, SetAsideByName, SetAsideAt, SetAsideReason, ChangedAt) = (by.Id.Value, by.Name, now, reason.Trim(), now);
        Record(new CandidateSetAside(Key, SetAsideReason, by, now));
    }

    internal void Reopen(Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ProposeUseCase, Subject);
        Refuse.If(State is not CandidateState.SetAside, "not-set-aside", $"{Key} is not set aside.");
        (SetAsideBy, SetAsideByName, SetAsideAt, SetAsideReason, ChangedAt) = (null, null, null, null, now);
        Record(new CandidateReopened(Key, by, now));
    }

    /// <summary>It has become a use case; from now on that is where it is written on.</summary>
    internal void Propose(UseCase useCase, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        (UseCaseKey, ChangedAt) = (useCase.Key, now);
        Record(new CandidateProposed(Key, useCase.Key, by, now));
    }

    internal void DemandOpen(Actor by)
    {
        AccessPolicy.Demand(by, Permission.ProposeUseCase, Subject);
        Refuse.If(State is CandidateState.Proposed, "proposed-already", $"{Key} has become {UseCaseKey}. Go on there.");
        Refuse.If(State is CandidateState.SetAside, "set-aside", $"{Key} is set aside. Open it again first.");
    }

    private void Take(CandidateDraft draft, DateTimeOffset now)
    {
        (Name, Department, Description) = (draft.Name.Trim(), draft.Department.Trim(), draft.Description.Trim());
        (PerMonth, Minutes, People, Value, Feasibility, ChangedAt) = (draft.PerMonth, draft.Minutes, draft.People, draft.Value, draft.Feasibility, now);
    }
}

public sealed record CandidateAdded(string Candidate, int PerMonth, int Minutes, int People, int Value, int Feasibility, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CandidateChanged(string Candidate, int PerMonth, int Minutes, int People, int Value, int Feasibility, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CandidateSetAside(string Candidate, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CandidateReopened(string Candidate, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record CandidateProposed(string Candidate, string UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
