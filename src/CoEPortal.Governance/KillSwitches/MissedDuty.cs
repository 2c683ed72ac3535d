using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Gates;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Something that the lane of a use case asks for and that is not current: since when, and from when on calls are denied.</summary>
public sealed class MissedDuty : Aggregate
{
    private MissedDuty()
    {
    }

    public string UseCaseKey { get; private init; } = "";

    public DutyRecord Duty { get; private init; }

    /// <summary>Null while it is there.</summary>
    public DateTimeOffset? Since { get; private set; }

    public DateTimeOffset? DeniesFrom { get; private set; }

    public bool Denies { get; private set; }

    public override (string Type, string Key) AuditSubject => ("duty", $"{UseCaseKey}/{Duty}");

    /// <summary>As a verdict says it.</summary>
    public static string WordOf(DutyRecord record) => record switch
    {
        DutyRecord.Card => Verdict.NoCard,
        DutyRecord.Dpia => Verdict.NoDpia,
        _ => Verdict.NoGate,
    };

    internal static MissedDuty Of(string useCaseKey, DutyRecord record) => new() { UseCaseKey = useCaseKey, Duty = record };

    internal void Miss(TimeSpan grace, DateTimeOffset now)
    {
        (Since, DeniesFrom) = (now, now + grace);
        Record(new DutyMissed(UseCaseKey, Duty, DeniesFrom.Value, Rule, now));
    }

    internal void Deny(DateTimeOffset now)
    {
        Denies = true;
        Record(new DutyDenied(UseCaseKey, Duty, Rule, now));
    }

    internal void Meet(DateTimeOffset now)
    {
        (Since, DeniesFrom, Denies) = (null, null, false);
        Record(new DutyMet(UseCaseKey, Duty, Rule, now));
    }

    private static Actor Rule => Actor.Rule("duties-of-the-lane");
}

public sealed record DutyMissed(string UseCase, DutyRecord Duty, DateTimeOffset DeniesFrom, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DutyDenied(string UseCase, DutyRecord Duty, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DutyMet(string UseCase, DutyRecord Duty, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
