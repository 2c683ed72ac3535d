using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Adoption;

public enum ChampionState { Asked, Accepted, Declined, Ended }

/// <param name="UseCaseKey">Null: for every use case.</param>
public sealed record ChampionDraft(PersonId Person, string Department, string? UseCaseKey, DateOnly FromOn, DateOnly UntilOn);

/// <summary>Somebody who helps the people of a department; named by a CoE lead, and one only after agreeing to it.</summary>
public sealed class Champion : Aggregate
{
    public const int LongestDays = 731;

    private Champion()
    {
    }

    public Guid Id { get; private init; }

    public string PersonId { get; private init; } = "";

    public string PersonName { get; private init; } = "";

    public string Department { get; private init; } = "";

    /// <summary>Null: for every use case.</summary>
    public string? UseCaseKey { get; private init; }

    public DateOnly FromOn { get; private init; }

    public DateOnly UntilOn { get; private init; }

    public ChampionState State { get; private set; }

    public string NamedBy { get; private init; } = "";

    public string NamedByName { get; private init; } = "";

    public DateTimeOffset NamedAt { get; private init; }

    public DateTimeOffset? AnsweredAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("champion", Id.ToString());

    public bool IsOn(DateOnly today) => State is ChampionState.Accepted && FromOn <= today && today <= UntilOn;

    internal static Champion Name(ChampionDraft draft, Actor person, DateOnly today, Actor by, DateTimeOffset now)
    {
        var department = draft.Department.Trim();
        Refuse.If(department.Length is 0 or > RolloutPlan.LongestName || department.Any(char.IsControl), "department-required", $"Name the department, in at most {RolloutPlan.LongestName} characters.");
        Refuse.If(draft.UntilOn < draft.FromOn || draft.UntilOn < today || draft.UntilOn.DayNumber - draft.FromOn.DayNumber > LongestDays, "days-unusable", "Choose a first and a last day, at most two years apart, that have not passed.");
        Refuse.If(person.Id == by.Id, "own-champion", "Somebody else has to name you.");
        var champion = new Champion
        {
            Id = Guid.CreateVersion7(now),
            PersonId = person.Id.Value,
            PersonName = person.Name,
            Department = department,
            UseCaseKey = draft.UseCaseKey,
            FromOn = draft.FromOn,
            UntilOn = draft.UntilOn,
            NamedBy = by.Id.Value,
            NamedByName = by.Name,
            NamedAt = now,
        };
        champion.Record(new ChampionNamed(champion.Id, champion.PersonId, champion.PersonName, department, draft.UseCaseKey, draft.FromOn, draft.UntilOn, by, now));
        return champion;
    }

    internal void Answer(bool accepts, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(by.Id.Value != PersonId, "not-yours", $"Only {PersonName} can answer this.");
        Refuse.If(State is not ChampionState.Asked, "answered", "This was answered already.");
        Refuse.If(reason.Length > Rollout.LongestReason, "reason-too-long", $"Write at most {Rollout.LongestReason:N0} characters.");
        (State, AnsweredAt) = (accepts ? ChampionState.Accepted : ChampionState.Declined, now);
        Record(new ChampionAnswered(Id, Department, UseCaseKey, accepts, reason.Trim(), by, now));
    }

    internal void End(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not (ChampionState.Asked or ChampionState.Accepted), "ended", "This has ended already.");
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > Rollout.LongestReason, "reason-required", $"Say why, in at most {Rollout.LongestReason:N0} characters.");
        (State, EndedAt) = (ChampionState.Ended, now);
        Record(new ChampionEnded(Id, Department, UseCaseKey, reason.Trim(), by, now));
    }
}

public sealed record ChampionNamed(
    Guid Champion, string Person, [property: Personal(nameof(ChampionNamed.Person))] string PersonName, string Department, string? UseCase, DateOnly FromOn, DateOnly UntilOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ChampionAnswered(Guid Champion, string Department, string? UseCase, bool Accepts, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record ChampionEnded(Guid Champion, string Department, string? UseCase, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
