using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Gates;

namespace CoEPortal.Governance.KillSwitches;

public enum SwitchScope { UseCase, Model, Gateway, All }

public enum SwitchState
{
    Released,
    Engaged,

    /// <summary>One of two people has released it. Still engaged for everybody who asks.</summary>
    ReleasePending,

    /// <summary>Two people let a share of the requests through; the rest is still held as it was engaged.</summary>
    Limited,
}

/// <summary>
/// Stops one use case, one model, one gateway, or everything. One person or one rule engages it; two people release it,
/// neither of them an author of the use case, one of them from the function that engaged it (Risk, when a rule did) or a CoE lead.
/// </summary>
public sealed class KillSwitch : Aggregate
{
    public const string Everything = "*";
    public const int ReasonLength = Engagement.LongestText;
    public const int Whole = 100;

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

    /// <summary>What shows that engaging it was right, in words or as a link.</summary>
    public string Evidence { get; private set; } = "";

    public string? FallbackModel { get; private set; }

    /// <summary>As <see cref="VersionPointer"/> is written, e.g. <c>prompt/claims-summary@12</c>.</summary>
    public string? Rollback { get; private set; }

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

    public string? SecondReleasedBy { get; private set; }

    public string? SecondReleasedByName { get; private set; }

    /// <summary>Per cent of the requests that the first of two wants to let through, or that are let through while limited.</summary>
    public int? Share { get; private set; }

    /// <summary>The generation of enforcement that carries the present state.</summary>
    public long Generation { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>The incident to which the present or last engagement belongs; null for none.</summary>
    public string? IncidentKey { get; private set; }

    public bool IsEngaged => State is not SwitchState.Released;

    public override (string Type, string Key) AuditSubject => ("kill-switch", $"{Scope}/{Target}");

    public static KillSwitch For(SwitchScope scope, string target, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Scope = scope,
        Target = target,
        ChangedAt = now,
    };

    /// <summary>Whether one person may engage it so. Never less strict than it is: that would be a release by one person.</summary>
    public bool MayBecome(SwitchMode mode) =>
        State is SwitchState.Released
        || State is SwitchState.Limited && (mode == Mode || mode is SwitchMode.Stop)
        || mode is SwitchMode.Stop && Mode is not SwitchMode.Stop;

    public void Engage(Engagement wanted, Actor by, long generation, DateTimeOffset now)
    {
        Refuse.If(!MayBecome(wanted.Mode), "already-engaged", $"{Name} is already engaged since {EngagedAt:yyyy-MM-dd HH:mm} UTC by {EngagedByName}.");
        var engagement = wanted.Checked();
        // Who makes it stricter does not take over the release from those who engaged it first.
        EngagingFunctions = [.. (IsEngaged ? EngagingFunctions : []).Union(by.IsRule ? [Role.Risk] : by.Roles).Order()];
        State = SwitchState.Engaged;
        Mode = engagement.Mode;
        (Reason, Message, Evidence) = (engagement.Reason, engagement.Message, engagement.Evidence);
        (FallbackModel, Rollback) = (engagement.FallbackModel, engagement.Rollback?.ToString());
        EngagedBy = by.Id.Value;
        EngagedByName = by.Name;
        EngagedByRule = by.IsRule;
        EngagedAt = now;
        IncidentKey = null;
        FirstReleasedBy = FirstReleasedByName = SecondReleasedBy = SecondReleasedByName = null;
        FirstReleasedAt = null;
        FirstReleasingFunctions = [];
        Share = null;
        Generation = generation;
        ChangedAt = now;
        Record(new KillSwitchEngaged(Scope, Target, engagement.Mode, Reason, Message, generation, by, now)
        {
            Evidence = Evidence,
            FallbackModel = FallbackModel,
            Rollback = Rollback,
        });
    }

    /// <summary>Notes the incident it belongs to; the incident's own event tells of it.</summary>
    internal void BelongTo(string incident)
    {
        IncidentKey = incident;
        Touch();
    }

    /// <param name="release">Why it is safe again, and how much is let through first. Where two people name different shares, the smaller one holds.</param>
    /// <param name="authors">Who wrote the use case: they never release its switch.</param>
    /// <param name="nextGeneration">Allocates the generation; called only when the switch really opens.</param>
    public async Task ReleaseAsync(
        ReleaseWish release, IReadOnlyCollection<string> authors, Actor by, Func<Task<long>> nextGeneration, DateTimeOffset now)
    {
        Refuse.If(!IsEngaged, "not-engaged", $"{Name} is not engaged, so there is nothing to release.");
        Refuse.If(State is SwitchState.Limited, "already-limited", $"{Name} is released at {Share} %. Open it fully, or engage it again.");
        DemandReleaser(release, authors, by);
        Refuse.If(release.Share is < 1 or > Whole, "share-out-of-range", "Let through 1 to 100 per cent of the requests.");

        if (State is SwitchState.Engaged)
        {
            State = SwitchState.ReleasePending;
            FirstReleasedBy = by.Id.Value;
            FirstReleasedByName = by.Name;
            FirstReleasedAt = now;
            FirstReleasingFunctions = [.. by.Roles.Order()];
            Share = release.Share;
            ChangedAt = now;
            Record(new KillSwitchReleaseStarted(Scope, Target, release.Reason.Trim(), by, now) { Evidence = release.Evidence.Trim(), Share = release.Share });
            return;
        }

        Refuse.If(FirstReleasedBy == by.Id.Value, "second-person-required", "You released it first. Another person has to agree.");
        Refuse.If(SecondNeedsEngagingFunction && !Speaks(by.Roles), "engaging-function-required",
            $"One of the two must be from {string.Join(" or ", EngagingFunctions)}, who engaged it, or a CoE lead.");
        (SecondReleasedBy, SecondReleasedByName) = (by.Id.Value, by.Name);
        Share = Math.Min(Share ?? Whole, release.Share);
        Generation = await nextGeneration();
        ChangedAt = now;
        if (Share < Whole)
        {
            State = SwitchState.Limited;
            Record(new KillSwitchReleaseLimited(Scope, Target, release.Reason.Trim(), FirstReleasedBy!, FirstReleasedByName!, Share.Value, Generation, by, now) { Evidence = release.Evidence.Trim() });
            return;
        }

        Open(release, by, now);
    }

    /// <summary>From a share to the whole. The two people who let the share through have agreed; this says that it went well.</summary>
    public async Task OpenFullyAsync(ReleaseWish release, IReadOnlyCollection<string> authors, Actor by, Func<Task<long>> nextGeneration, DateTimeOffset now)
    {
        Refuse.If(State is not SwitchState.Limited, "not-limited", $"{Name} is not released at a limited share.");
        DemandReleaser(release, authors, by);
        Generation = await nextGeneration();
        ChangedAt = now;
        Open(release, by, now, afterShare: true);
    }

    private void Open(ReleaseWish release, Actor by, DateTimeOffset now, bool afterShare = false)
    {
        State = SwitchState.Released;
        Mode = null;
        (FallbackModel, Rollback, Share) = (null, null, null);
        Record(new KillSwitchReleased(Scope, Target, release.Reason.Trim(), FirstReleasedBy!, FirstReleasedByName!, Generation, by, now)
        {
            Evidence = release.Evidence.Trim(),
            SecondReleasedById = afterShare ? SecondReleasedBy : null,
            SecondReleasedBy = afterShare ? SecondReleasedByName : null,
        });
    }

    private static void DemandReleaser(ReleaseWish release, IReadOnlyCollection<string> authors, Actor by)
    {
        Refuse.If(by.IsRule, "rule-cannot-release", "A rule engages a switch; only people release it.");
        Refuse.If(string.IsNullOrWhiteSpace(release.Reason), "reason-required", "Say what was found and why it is safe again.");
        Refuse.If(release.Reason.Length > ReasonLength || release.Evidence.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        Refuse.If(authors.Contains(by.Id.Value), "own-use-case", "You wrote this use case, so two other people release its switch.");
    }

    /// <summary>Whether the second of the two has to be from the engaging function, or a CoE lead, because the first was not.</summary>
    public bool SecondNeedsEngagingFunction => !Speaks(FirstReleasingFunctions);

    private bool Speaks(IEnumerable<Role> roles) => roles.Any(r => r is Role.CoeLead || EngagingFunctions.Contains(r));

    private string Name => Scope is SwitchScope.All ? "The switch for everything" : $"The switch of {Target}";
}

/// <summary>Why it is safe again, what shows that, and the per cent of requests that are let through first (100: all).</summary>
public sealed record ReleaseWish(string Reason, string Evidence = "", int Share = KillSwitch.Whole);
