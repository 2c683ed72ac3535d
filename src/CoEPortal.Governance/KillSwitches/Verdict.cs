using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>What a gateway tells of one request. Credentials come from the gateway's own configuration, never from its client.</summary>
public readonly record struct VerdictRequest(string? UseCase, string? KeyHash, string? Route, string? Team, string? Model, string? Gateway);

/// <summary>
/// May this request run? A pure function of the snapshot a node holds. Unknown means deny, and every reason to deny
/// has its own word, so that a stopped use case is never mistaken for one that was never known.
/// </summary>
public sealed record Verdict(bool Allowed, string Reason, string? UseCase, Guid? SwitchId)
{
    public const string NotApproved = "not_approved";
    public const string UnknownUseCase = "unknown_use_case";
    public const string UnknownEnforcer = "unknown_enforcer";
    public const string Stale = "stale";
    public const string KillManual = "kill_manual";
    public const string KillBudget = "kill_budget";

    private static readonly Verdict Unknown = new(false, UnknownUseCase, null, null);

    /// <param name="age">How long ago this node last heard from the database.</param>
    public static Verdict Of(EnforcementSnapshot snapshot, in VerdictRequest request, TimeSpan age)
    {
        if (!snapshot.TryIdentify(request, out var useCase))
        {
            return Unknown;
        }

        var stopped = snapshot.Everything
            ?? useCase.Stopped
            ?? (request.Gateway is null ? null : snapshot.Gateways.GetValueOrDefault(request.Gateway))
            ?? (request.Model is null ? null : snapshot.Models.GetValueOrDefault(request.Model));
        return stopped is not null ? new Verdict(false, stopped.Reason, useCase.Key, stopped.SwitchId)
            : !useCase.Approved ? useCase.WhenNotApproved
            : age > useCase.MaxStale ? useCase.WhenStale
            : useCase.WhenAllowed;
    }
}

/// <summary>An engaged switch, as far as a verdict needs it.</summary>
public sealed record EngagedSwitch(Guid SwitchId, string Reason);

/// <summary>A use case, as far as a verdict needs it; the verdicts that do not depend on the request are made once.</summary>
public sealed record GovernedUseCase(string Key, bool Approved, RiskTier Tier, EngagedSwitch? Stopped)
{
    public Verdict WhenAllowed { get; } = new(true, "", Key, null);

    public Verdict WhenNotApproved { get; } = new(false, Verdict.NotApproved, Key, null);

    public Verdict WhenStale { get; } = new(false, Verdict.Stale, Key, null);

    /// <summary>
    /// How long a node that cannot reach the database may go on allowing. High risk fails closed soon; low risk runs
    /// on, because stopping it does more harm than a late stop.
    /// </summary>
    public TimeSpan MaxStale => Tier switch
    {
        RiskTier.High => TimeSpan.FromSeconds(60),
        RiskTier.Medium => TimeSpan.FromMinutes(5),
        _ => TimeSpan.MaxValue,
    };
}
