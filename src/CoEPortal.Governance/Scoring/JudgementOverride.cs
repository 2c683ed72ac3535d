using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Scoring;

public enum OverrideState
{
    /// <summary>One person asks for it. It changes nothing yet.</summary>
    Proposed,

    /// <summary>It holds for what is submitted from now on, while rules judge as they did.</summary>
    Confirmed,

    Refused,

    Ended,
}

/// <summary>What people say instead of the rules.</summary>
/// <param name="Class">Null leaves it as judged.</param>
/// <param name="Lane">Null takes the lane that rules find for the class.</param>
public sealed record OverrideDraft(RiskClass? Class, Lane? Lane, string Reason);

/// <summary>Two people set a class or a lane aside that the rules found, with a reason. The judgement stays beside it.</summary>
public sealed class JudgementOverride : Aggregate
{
    public const int ReasonLength = 4000;

    private JudgementOverride()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>Counts those of a use case from 1.</summary>
    public int Number { get; private init; }

    public RiskClass ClassBefore { get; private init; }

    public Lane LaneBefore { get; private init; }

    public string RulesVersion { get; private init; } = "";

    public RiskClass? ClassTo { get; private init; }

    public Lane? LaneTo { get; private init; }

    public string Reason { get; private init; } = "";

    public OverrideState State { get; private set; }

    public string ProposedBy { get; private init; } = "";

    public string ProposedByName { get; private init; } = "";

    public DateTimeOffset ProposedAt { get; private init; }

    public string? DecidedBy { get; private set; }

    public string? DecidedByName { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string Note { get; private set; } = "";

    public string? EndedBy { get; private set; }

    public string? EndedByName { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public string EndNote { get; private set; } = "";

    public override (string Type, string Key) AuditSubject => ("override", FormattableString.Invariant($"{UseCaseKey}/O{Number}"));

    /// <summary>Who confirms: a class is law, a lane is the organisation's own risk.</summary>
    public Role Confirms => ClassTo is not null ? Role.Legal : Role.Risk;

    public bool IsStanding => State is OverrideState.Proposed or OverrideState.Confirmed;

    /// <summary>It is about exactly what the rules found, and about nothing else.</summary>
    public bool IsAbout(Assessment judged) => (judged.RiskClass, judged.Lane) == (ClassBefore, LaneBefore);

    internal static JudgementOverride Propose(UseCase useCase, Assessment judged, OverrideDraft draft, int number, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ProposeOverrides, useCase.Subject);
        Refuse.If(useCase.Writers.Contains(by.Id.Value), "own-use-case", "You wrote on this use case, so somebody else says how it is judged.");
        Refuse.If(useCase.Stage is Stage.Retired, "retired", $"{useCase.Key} has ended.");
        Refuse.If(judged.RiskClass is RiskClass.Prohibited || judged.Lane is Lane.NotAllowed, "prohibited-stays", $"{useCase.Key} names a prohibited practice. Nobody can set that aside: change what it does.");
        Refuse.If(draft.Lane is Lane.Fast, "fast-needs-a-pattern", "Only a pre-cleared pattern opens the fast lane.");
        Refuse.If(draft.Lane is Lane.NotAllowed || draft.Class is RiskClass.Prohibited, "prohibited-by-practice", "What is prohibited is said by the practice that a proposal names. Otherwise a veto declines it.");
        var (toClass, toLane) = (draft.Class == judged.RiskClass ? null : draft.Class, draft.Lane == judged.Lane ? null : draft.Lane);
        Refuse.If(toClass is null && toLane is null, "nothing-overridden", "Choose a class or a lane that differs from the judgement.");
        Refuse.If(string.IsNullOrWhiteSpace(draft.Reason), "reason-required", "Say why: the reason is printed beside the judgement.");
        Refuse.If(draft.Reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        var proposed = new JudgementOverride
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCase.Key,
            Number = number,
            ClassBefore = judged.RiskClass,
            LaneBefore = judged.Lane,
            RulesVersion = judged.RulesVersion,
            ClassTo = toClass,
            LaneTo = toLane,
            Reason = draft.Reason.Trim(),
            ProposedBy = by.Id.Value,
            ProposedByName = by.Name,
            ProposedAt = now,
        };
        proposed.Record(new OverrideProposed(useCase.Key, number, judged.RiskClass, judged.Lane, toClass, toLane, judged.RulesVersion, proposed.Reason, by, now));
        return proposed;
    }

    internal void Decide(bool confirms, string note, IReadOnlyCollection<string> authors, Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not OverrideState.Proposed, "override-settled", $"Override O{Number} of {UseCaseKey} is settled already.");
        AccessPolicy.Demand(by, Permission.ConfirmOverrides);
        Refuse.If(by.Id.Value == ProposedBy, "second-person-required", "You proposed this, so another person decides on it.");
        Refuse.If(authors.Contains(by.Id.Value), "own-use-case", "You wrote on this use case, so somebody else says how it is judged.");
        Refuse.If(!by.Is(Confirms), "not-your-function", $"{(ClassTo is not null ? "A legal class" : "A lane")} is confirmed by {Confirms}.");
        Refuse.If(!confirms && string.IsNullOrWhiteSpace(note), "reason-required", "Say why you refuse it.");
        Refuse.If(note.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (State, DecidedBy, DecidedByName, DecidedAt, Note) = (confirms ? OverrideState.Confirmed : OverrideState.Refused, by.Id.Value, by.Name, now, note.Trim());
        Record(confirms
            ? new OverrideConfirmed(UseCaseKey, Number, ClassTo, LaneTo, Note, by, now)
            : new OverrideRefused(UseCaseKey, Number, Note, by, now));
    }

    /// <summary>From the next submission on the rules judge alone again.</summary>
    internal void End(string reason, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ProposeOverrides);
        Refuse.If(!IsStanding, "override-settled", $"Override O{Number} of {UseCaseKey} is settled already.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it ends.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (State, EndedBy, EndedByName, EndedAt, EndNote) = (OverrideState.Ended, by.Id.Value, by.Name, now, reason.Trim());
        Record(new OverrideEnded(UseCaseKey, Number, EndNote, by, now));
    }
}

public sealed record OverrideProposed(
    string Key, int Number, RiskClass ClassBefore, Lane LaneBefore, RiskClass? ClassTo, Lane? LaneTo, string RulesVersion, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record OverrideConfirmed(string Key, int Number, RiskClass? ClassTo, Lane? LaneTo, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record OverrideRefused(string Key, int Number, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record OverrideEnded(string Key, int Number, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}
