using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>An engaged switch, as far as a verdict needs it.</summary>
/// <param name="SwitchId">Its id, which the answer carries.</param>
/// <param name="Reason">Why, as one word: <c>kill_manual</c>, <c>kill_budget</c>, <c>kill_error_rate</c> …</param>
public sealed record EngagedSwitch(Guid SwitchId, string Reason)
{
    public SwitchMode Mode { get; init; }

    public string? FallbackModel { get; init; }

    public string? Rollback { get; init; }

    /// <summary>Per cent of the requests that are let through; zero until two people released it at a share.</summary>
    public int Share { get; init; }

    public string Message { get; init; } = "";

    public bool LetsThrough(string? requestId) => Share > 0 && RequestShare.Includes(requestId, Share);

    public static EngagedSwitch Of(KillSwitch engaged) => new(engaged.Id, ReasonOf(engaged))
    {
        Mode = engaged.Mode ?? SwitchMode.Stop,
        FallbackModel = engaged.FallbackModel,
        Rollback = engaged.Rollback,
        Share = engaged.State is SwitchState.Limited ? engaged.Share ?? 0 : 0,
        Message = engaged.Message,
    };

    // The rule "error-rate-k2" gives kill_error_rate.
    private static string ReasonOf(KillSwitch engaged)
    {
        var rule = engaged.EngagedByName ?? "";
        var end = rule.LastIndexOf("-k", StringComparison.Ordinal);
        return !engaged.EngagedByRule ? Verdict.KillManual : "kill_" + (end > 0 ? rule[..end] : rule).Replace('-', '_');
    }
}

/// <summary>A use case, as far as a verdict needs it; the verdicts that do not depend on the request are made once.</summary>
/// <param name="Key">E.g. <c>UC-0001</c>.</param>
/// <param name="Approved">It may run as far as approvals and the duties of its lane go.</param>
/// <param name="Tier">Of what is in force.</param>
/// <param name="Stopped">Its own switch.</param>
/// <param name="Lacks">The duty for which it may not run, though it was approved: <c>no_card</c>, <c>no_dpia</c>, <c>no_gate</c>.</param>
/// <param name="Grace">What it lacks and until when that is let pass; null when nothing.</param>
/// <param name="Courses">What whoever uses it has to have completed; empty for nothing.</param>
public sealed record GovernedUseCase(string Key, bool Approved, RiskTier Tier, EngagedSwitch? Stopped, string? Lacks = null, string? Grace = null, IReadOnlyList<string>? Courses = null)
{
    public IReadOnlyList<string> Courses { get; init; } = Courses ?? [];

    public Verdict WhenAllowed { get; } = new(true, "", Key, null) { Grace = Grace };

    public Verdict WhenFailedOpen { get; } = new(true, Verdict.FailOpen, Key, null);

    public Verdict WhenNotApproved { get; } = new(false, Lacks ?? Verdict.NotApproved, Key, null);

    public Verdict WhenStale { get; } = new(false, Verdict.Stale, Key, null);

    /// <summary>How long a node that cannot reach the database, or a gateway that cannot reach a node, may go on as if nothing had changed.</summary>
    public TimeSpan MaxStale => Tier switch
    {
        RiskTier.High => TimeSpan.FromSeconds(60),
        RiskTier.Medium => TimeSpan.FromMinutes(5),
        _ => TimeSpan.FromHours(1),
    };

    /// <summary>
    /// After that: high and medium risk fail closed. Low risk runs on, counted and alarmed, because stopping it does more
    /// harm than a late stop. What was stopped stays stopped either way.
    /// </summary>
    public bool FailsOpen => Tier is RiskTier.Low;
}
