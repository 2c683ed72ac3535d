using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

public sealed record KillSwitchEngaged(
    SwitchScope Scope, string Target, SwitchMode Mode, string Reason, string Message, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    public string Evidence { get; init; } = "";

    public string? FallbackModel { get; init; }

    public string? Rollback { get; init; }
}

public sealed record KillSwitchReleaseStarted(SwitchScope Scope, string Target, string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    public string Evidence { get; init; } = "";

    /// <summary>Per cent of the requests that the first of two wants to see let through.</summary>
    public int Share { get; init; } = 100;
}

/// <summary>Two people let a share of the requests through.</summary>
public sealed record KillSwitchReleaseLimited(
    SwitchScope Scope, string Target, string Reason, string FirstReleasedBy, int Share, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    public string Evidence { get; init; } = "";
}

public sealed record KillSwitchReleased(
    SwitchScope Scope, string Target, string Reason, string FirstReleasedBy, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;

    public string Evidence { get; init; } = "";
}

public sealed record VersionApproved(string UseCase, Component Component, string Name, string Version, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
