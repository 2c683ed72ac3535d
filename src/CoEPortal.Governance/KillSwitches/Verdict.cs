namespace CoEPortal.Governance.KillSwitches;

/// <summary>What a gateway says it can do instead of refusing. What it does not say it cannot, so a softer mode is a stop for it.</summary>
[Flags]
public enum Accepts
{
    None = 0,

    /// <summary>It sends the request to the fallback model that the answer names.</summary>
    Degrade = 1,

    /// <summary>It, or the application behind it, uses the version that the answer names.</summary>
    Rollback = 2,
}

/// <summary>What a gateway tells of one request. Credentials come from the gateway's own configuration, never from its client.</summary>
public readonly record struct VerdictRequest(string? UseCase, string? KeyHash, string? Route, string? Team, string? Model, string? Gateway)
{
    /// <summary>Made by the gateway; decides whether a limited release lets this request through.</summary>
    public string? RequestId { get; init; }

    public Accepts Accepts { get; init; }

    /// <summary>The pseudonymous id of the end user, as the gateway knows them; never what its client says of itself.</summary>
    public string? User { get; init; }
}

/// <summary>
/// May this request run? A pure function of the snapshot a node holds. Unknown means deny, and every reason to deny
/// has its own word, so that a stopped use case is never mistaken for one that was never known.
/// </summary>
public sealed record Verdict(bool Allowed, string Reason, string? UseCase, Guid? SwitchId)
{
    public const string NotApproved = "not_approved";
    public const string NoCard = "no_card";
    public const string NoDpia = "no_dpia";
    public const string NoGate = "no_gate";
    public const string UnknownUseCase = "unknown_use_case";
    public const string UnknownEnforcer = "unknown_enforcer";
    public const string Stale = "stale";
    public const string FailOpen = "fail_open";
    public const string Degraded = "degraded";
    public const string RolledBack = "rolled_back";
    public const string BudgetReserved = "budget_reserved";
    public const string TrainingRequired = "training_required";
    public const string KillManual = "kill_manual";
    public const string KillBudget = "kill_budget";

    private static readonly Verdict Unknown = new(false, UnknownUseCase, null, null);

    /// <summary>The only model that may answer, if the use case is degraded.</summary>
    public string? DegradeTo { get; init; }

    /// <summary>The version that has to be used, e.g. <c>prompt/claims-summary@12</c>, if it is rolled back.</summary>
    public string? RollbackTo { get; init; }

    /// <summary>What it lacks and until when that is let pass, e.g. <c>no_card until 2026-12-23T09:00:00Z</c>.</summary>
    public string? Grace { get; init; }

    /// <summary>The course that its user has not completed.</summary>
    public string? Course { get; init; }

    /// <summary>What the people who use it should read.</summary>
    public string Message { get; init; } = "";

    /// <param name="snapshot">What this node knows.</param>
    /// <param name="request">What the gateway tells.</param>
    /// <param name="age">How long ago this node last heard from the database.</param>
    public static Verdict Of(EnforcementSnapshot snapshot, in VerdictRequest request, TimeSpan age)
    {
        if (!snapshot.TryIdentify(request, out var useCase))
        {
            return Unknown;
        }

        EngagedSwitch? degraded = null, rolledBack = null;
        if (snapshot.HasSwitches)
        {
            // The strictest of all that apply holds, whichever was engaged first.
            foreach (var engaged in snapshot.SwitchesOf(useCase, request))
            {
                if (engaged.LetsThrough(request.RequestId))
                {
                    continue;
                }

                if (engaged.Mode is SwitchMode.Stop || engaged.Mode is SwitchMode.Degrade && degraded is not null && degraded.FallbackModel != engaged.FallbackModel)
                {
                    return Held(useCase, engaged, engaged.Reason);
                }

                (degraded, rolledBack) = engaged.Mode is SwitchMode.Degrade ? (engaged, rolledBack) : (degraded, engaged);
            }
        }

        return !useCase.Approved ? useCase.WhenNotApproved
            : age > useCase.MaxStale && !useCase.FailsOpen ? useCase.WhenStale
            : useCase.Courses.Count > 0 && snapshot.Training.MissingOf(useCase, request.User) is { } course ? new(false, TrainingRequired, useCase.Key, null) { Course = course }
            : degraded is not null || rolledBack is not null ? Softened(snapshot, useCase, request, degraded, rolledBack)
            : age > useCase.MaxStale ? useCase.WhenFailedOpen
            : useCase.WhenAllowed;
    }

    private static Verdict Softened(
        EnforcementSnapshot snapshot, GovernedUseCase useCase, in VerdictRequest request, EngagedSwitch? degraded, EngagedSwitch? rolledBack)
    {
        if (degraded is not null)
        {
            if (snapshot.SwitchOfModel(degraded.FallbackModel!) is { } noFallback && !noFallback.LetsThrough(request.RequestId))
            {
                return Held(useCase, noFallback, noFallback.Reason);
            }

            var isFallback = string.Equals(request.Model, degraded.FallbackModel, StringComparison.OrdinalIgnoreCase);
            if (!isFallback && !request.Accepts.HasFlag(Accepts.Degrade))
            {
                return Held(useCase, degraded, Degraded) with { DegradeTo = degraded.FallbackModel };
            }
        }

        if (rolledBack is not null && !request.Accepts.HasFlag(Accepts.Rollback))
        {
            return Held(useCase, rolledBack, RolledBack) with { RollbackTo = rolledBack.Rollback };
        }

        var first = degraded ?? rolledBack!;
        return new Verdict(true, degraded is not null ? Degraded : RolledBack, useCase.Key, first.SwitchId)
        {
            DegradeTo = degraded?.FallbackModel,
            RollbackTo = rolledBack?.Rollback,
            Message = first.Message,
        };
    }

    private static Verdict Held(GovernedUseCase useCase, EngagedSwitch engaged, string reason) =>
        new(false, reason, useCase.Key, engaged.SwitchId) { Message = engaged.Message };
}
