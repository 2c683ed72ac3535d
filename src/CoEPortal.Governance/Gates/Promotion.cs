using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

public enum PromotionState
{
    Open,
    Approved,

    /// <summary>The board asks for changes: a changed artefact is a new promotion.</summary>
    SentBack,
    Vetoed,
    Withdrawn,
}

/// <summary>
/// A new version of a prompt, a model or an index wants to run. It passed its gate when it was asked for, and passes it again when
/// the last of the board agrees. The board decides in a review of its own lane.
/// </summary>
public sealed class Promotion : Aggregate
{
    public const int TextLength = 2000;

    private Promotion()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>Counts the promotions of a use case from 1.</summary>
    public int Number { get; private init; }

    public Component Component { get; private init; }

    public string Artefact { get; private init; } = "";

    public string ArtefactVersion { get; private init; } = "";

    public string ArtefactHash { get; private init; } = "";

    /// <summary>What changes and why.</summary>
    public string Summary { get; private init; } = "";

    /// <summary>Who wrote the use case, and who asked: none of them decides.</summary>
    public List<string> Authors { get; private init; } = [];

    /// <summary>Whom the published workflow of the board asks, as of the asking.</summary>
    public List<Role> RequiredFunctions { get; private init; } = [];

    public string RequestedBy { get; private init; } = "";

    public string RequestedByName { get; private init; } = "";

    public DateTimeOffset RequestedAt { get; private init; }

    public PromotionState State { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public VersionPointer Which => new(Component, Artefact, ArtefactVersion);

    public override (string Type, string Key) AuditSubject => ("promotion", $"{UseCaseKey}/P{Number}");

    internal static Promotion Ask(
        string useCaseKey, int number, GateCheck passed, string summary, IEnumerable<string> authors, IEnumerable<Role> board, Actor by, DateTimeOffset now)
    {
        Refuse.If(summary.Length > TextLength, "text-too-long", $"Write at most {TextLength:N0} characters.");
        passed.Demand();
        var promotion = new Promotion
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Number = number,
            Component = passed.Which.Component,
            Artefact = passed.Which.Name,
            ArtefactVersion = passed.Which.Version,
            ArtefactHash = passed.ArtefactHash,
            Summary = summary.Trim(),
            Authors = [.. authors.Append(by.Id.Value).Distinct()],
            RequiredFunctions = [.. board],
            RequestedBy = by.Id.Value,
            RequestedByName = by.Name,
            RequestedAt = now,
        };
        promotion.Record(new PromotionRequested(useCaseKey, number, promotion.Component, promotion.Artefact, promotion.ArtefactVersion, promotion.ArtefactHash, promotion.Summary, by, now));
        return promotion;
    }

    /// <summary>What the board is asked.</summary>
    internal ReviewQuestion Question => new(ReviewTopic.Promotion, Id, $"promotion P{Number} of {Which}", ArtefactHash, RequiredFunctions, Authors);

    /// <summary>The review of the board has ended.</summary>
    internal void Settle(RoundStatus outcome, Actor by, DateTimeOffset now) => Close(
        outcome switch
        {
            RoundStatus.Approved => PromotionState.Approved,
            RoundStatus.ChangesRequested => PromotionState.SentBack,
            RoundStatus.Vetoed => PromotionState.Vetoed,
            _ => PromotionState.Withdrawn,
        },
        by, now);

    internal void Withdraw(Actor by, DateTimeOffset now)
    {
        Refuse.If(State is not PromotionState.Open, "promotion-closed", $"This promotion has ended ({State}).");
        Close(PromotionState.Withdrawn, by, now);
    }

    private void Close(PromotionState state, Actor by, DateTimeOffset now)
    {
        (State, ClosedAt) = (state, now);
        Record(new PromotionSettled(UseCaseKey, Number, state, ArtefactHash, by, now));
    }
}

public sealed record PromotionRequested(
    string UseCase, int Promotion, Component Component, string Artefact, string ArtefactVersion, string ArtefactHash, [property: Personal] string Summary, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ArtefactHash;
}

/// <summary>Of promotions that were decided before the board had a lane; those after it have the events of their review.</summary>
public sealed record PromotionDecided(
    string UseCase, int Promotion, Role Function, bool Approves, [property: Personal] string Comment, string ArtefactHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ArtefactHash;
}

public sealed record PromotionSettled(string UseCase, int Promotion, PromotionState Outcome, string ArtefactHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ArtefactHash;
}

public sealed record VersionApproved(string UseCase, Component Component, string Name, string Version, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
