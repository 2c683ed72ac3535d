using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

public enum SwitchScope { UseCase, Model, Gateway, All }

public enum SwitchMode { Stop, Degrade, Rollback }

public enum SwitchState
{
    Released,
    Engaged,

    /// <summary>One of two people has released it. Still engaged for everybody who asks.</summary>
    ReleasePending,
}

/// <summary>
/// Stops one use case, one model, one gateway, or everything. One person or one rule engages it; two people release it,
/// neither of them an author of the use case, one of them from the function that engaged it (Risk, when a rule did) or a CoE lead.
/// </summary>
public sealed class KillSwitch : Aggregate
{
    public const string Everything = "*";
    public const int ReasonLength = 1000;

    private KillSwitch()
    {
    }

    public Guid Id { get; private init; }

    public SwitchScope Scope { get; private init; }

    /// <summary>The key of the use case, the name of the model or gateway, or <c>*</c>.</summary>
    public string Target { get; private init; } = "";

    public SwitchState State { get; private set; }

    public SwitchMode? Mode { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>What people who used it are told.</summary>
    public string Message { get; private set; } = "";

    public string? EngagedBy { get; private set; }

    public string? EngagedByName { get; private set; }

    /// <summary>Functions the engaging person held. A rule counts as Risk.</summary>
    public List<Role> EngagingFunctions { get; private set; } = [];

    public bool EngagedByRule { get; private set; }

    public DateTimeOffset? EngagedAt { get; private set; }

    public string? FirstReleasedBy { get; private set; }

    public string? FirstReleasedByName { get; private set; }

    public DateTimeOffset? FirstReleasedAt { get; private set; }

    public List<Role> FirstReleasingFunctions { get; private set; } = [];

    /// <summary>The generation of enforcement that carries the present state.</summary>
    public long Generation { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    public bool IsEngaged => State is not SwitchState.Released;

    public override (string Type, string Key) AuditSubject => ("kill-switch", $"{Scope}/{Target}");

    public static KillSwitch For(SwitchScope scope, string target, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Scope = scope,
        Target = target,
        ChangedAt = now,
    };

    public void Engage(SwitchMode mode, string reason, string message, Actor by, long generation, DateTimeOffset now)
    {
        Refuse.If(IsEngaged, "already-engaged", $"{Name} is already engaged since {EngagedAt:yyyy-MM-dd HH:mm} UTC by {EngagedByName}.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why, so that those who release it know what to look for.");
        Refuse.If(reason.Length > ReasonLength || message.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        State = SwitchState.Engaged;
        Mode = mode;
        Reason = reason.Trim();
        Message = message.Trim();
        EngagedBy = by.Id.Value;
        EngagedByName = by.Name;
        EngagedByRule = by.IsRule;
        EngagingFunctions = by.IsRule ? [Role.Risk] : [.. by.Roles.Order()];
        EngagedAt = now;
        FirstReleasedBy = FirstReleasedByName = null;
        FirstReleasedAt = null;
        FirstReleasingFunctions = [];
        Generation = generation;
        ChangedAt = now;
        Record(new KillSwitchEngaged(Scope, Target, mode, Reason, Message, generation, by, now));
    }

    /// <param name="authors">Who wrote the use case: they never release its switch.</param>
    /// <param name="nextGeneration">Allocates the generation; called only when the switch really opens.</param>
    public async Task ReleaseAsync(
        string reason, IReadOnlyCollection<string> authors, Actor by, Func<Task<long>> nextGeneration, DateTimeOffset now)
    {
        Refuse.If(!IsEngaged, "not-engaged", $"{Name} is not engaged, so there is nothing to release.");
        Refuse.If(by.IsRule, "rule-cannot-release", "A rule engages a switch; only people release it.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say what was found and why it is safe again.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        Refuse.If(authors.Contains(by.Id.Value), "own-use-case", "You wrote this use case, so two other people release its switch.");

        if (State is SwitchState.Engaged)
        {
            State = SwitchState.ReleasePending;
            FirstReleasedBy = by.Id.Value;
            FirstReleasedByName = by.Name;
            FirstReleasedAt = now;
            FirstReleasingFunctions = [.. by.Roles.Order()];
            ChangedAt = now;
            Record(new KillSwitchReleaseStarted(Scope, Target, reason.Trim(), by, now));
            return;
        }

        Refuse.If(FirstReleasedBy == by.Id.Value, "second-person-required", "You released it first. Another person has to agree.");
        Refuse.If(SecondNeedsEngagingFunction && !Speaks(by.Roles), "engaging-function-required",
            $"One of the two must be from {string.Join(" or ", EngagingFunctions)}, who engaged it, or a CoE lead.");
        var first = FirstReleasedByName!;
        State = SwitchState.Released;
        Mode = null;
        Generation = await nextGeneration();
        ChangedAt = now;
        Record(new KillSwitchReleased(Scope, Target, reason.Trim(), first, Generation, by, now));
    }

    /// <summary>Whether the second of the two has to be from the engaging function, or a CoE lead, because the first was not.</summary>
    public bool SecondNeedsEngagingFunction => !Speaks(FirstReleasingFunctions);

    private bool Speaks(IEnumerable<Role> roles) => roles.Any(r => r is Role.CoeLead || EngagingFunctions.Contains(r));

    private string Name => Scope is SwitchScope.All ? "The switch for everything" : $"The switch of {Target}";
}

public sealed record KillSwitchEngaged(
    SwitchScope Scope, string Target, SwitchMode Mode, string Reason, string Message, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;
}

public sealed record KillSwitchReleaseStarted(SwitchScope Scope, string Target, string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;
}

public sealed record KillSwitchReleased(
    SwitchScope Scope, string Target, string Reason, string FirstReleasedBy, long Generation, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Scope is SwitchScope.UseCase ? Target : null;
}
