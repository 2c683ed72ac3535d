using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

public sealed record KillSwitchEngaged(
    SwitchScope Scope, string Target, SwitchMode Mode, [property: Personal] string Reason, [property: Personal] string Message, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    [Personal]
    public string Evidence { get; init; } = "";

    public string? FallbackModel { get; init; }

    public string? Rollback { get; init; }
}

public sealed record KillSwitchReleaseStarted(SwitchScope Scope, string Target, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    [Personal]
    public string Evidence { get; init; } = "";

    /// <summary>Per cent of the requests that the first of two wants to see let through.</summary>
    public int Share { get; init; } = 100;
}

/// <summary>Two people let a share of the requests through.</summary>
public sealed record KillSwitchReleaseLimited(
    SwitchScope Scope, string Target, [property: Personal] string Reason, string FirstReleasedById,
    [property: Personal(nameof(KillSwitchReleaseLimited.FirstReleasedById))] string FirstReleasedBy, int Share, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    [Personal]
    public string Evidence { get; init; } = "";
}

public sealed record KillSwitchReleased(
    SwitchScope Scope, string Target, [property: Personal] string Reason, string FirstReleasedById,
    [property: Personal(nameof(KillSwitchReleased.FirstReleasedById))] string FirstReleasedBy, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    [Personal]
    public string Evidence { get; init; } = "";

    /// <summary>Who let a share through together with the first; null when it was released at once.</summary>
    public string? SecondReleasedById { get; init; }

    [Personal(nameof(SecondReleasedById))]
    public string? SecondReleasedBy { get; init; }
}
