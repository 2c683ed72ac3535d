using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

public enum PromotionState { Open, Approved, Vetoed, Withdrawn }

/// <summary>
/// A new version of a prompt, a model or an index wants to run. It passed its gate when it was asked for, and passes it again when
/// the last of the board agrees; every function of the board agrees by another person, and one veto ends it.
/// </summary>
public sealed class Promotion : Aggregate
{
    public const int TextLength = 2000;

    private readonly List<PromotionDecision> _decisions = [];

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

    public IReadOnlyList<PromotionDecision> Decisions => _decisions;

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

    /// <summary>The function that somebody would decide for: the last of the board signs last.</summary>
    public Role? FunctionFor(Actor person)
    {
        var open = RequiredFunctions.Where(f => !_decisions.Exists(d => d.Function == f)).ToList();
        return open.Where(f => person.Is(f) && (f != RequiredFunctions[^1] || open.Count == 1)).Select(f => (Role?)f).FirstOrDefault();
    }

    /// <param name="check">The gate as it stands now; asked only when this decision would be the last.</param>
    internal void Decide(bool approves, string comment, string artefactHash, Func<GateCheck> check, Actor person, DateTimeOffset now)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        Refuse.If(State is not PromotionState.Open, "promotion-closed", $"This promotion has ended ({State}). Nothing is left to decide.");
        Refuse.If(Authors.Contains(person.Id.Value), "own-proposal", "You wrote this use case or asked for this promotion, so somebody else decides.");
        Refuse.If(artefactHash != ArtefactHash, "content-changed", "This is not the artefact you were shown. Look again, then decide.");
        Refuse.If(_decisions.Exists(d => d.PersonId == person.Id.Value), "already-decided", "You have already decided here. Each function needs another person.");
        var function = FunctionFor(person);
        Refuse.If(function is null, "not-your-function", $"Open for {string.Join(", ", RequiredFunctions.Where(f => !_decisions.Exists(d => d.Function == f)).Select(NameOf))}; {NameOf(RequiredFunctions[^1])} decides last.");
        Refuse.If(comment.Length > TextLength, "comment-too-long", $"Write at most {TextLength:N0} characters.");
        Refuse.If(!approves && string.IsNullOrWhiteSpace(comment), "comment-required", "Say why: the people who asked need to know what to do.");
        if (approves && _decisions.Count + 1 == RequiredFunctions.Count)
        {
            check().Demand();
        }

        _decisions.Add(PromotionDecision.Of(Id, function.Value, approves, comment.Trim(), person, now));
        Record(new PromotionDecided(UseCaseKey, Number, function.Value, approves, comment.Trim(), ArtefactHash, person, now));
        if (!approves)
        {
            Close(PromotionState.Vetoed, person, now);
        }
        else if (_decisions.Count == RequiredFunctions.Count)
        {
            Close(PromotionState.Approved, person, now);
        }
    }

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

    private static string NameOf(Role function) => function is Role.CoeLead ? "CoE lead" : function.ToString();
}

/// <summary>What one person decided for one function of the board.</summary>
public sealed class PromotionDecision
{
    private PromotionDecision()
    {
    }

    public Guid Id { get; private init; }

    public Guid PromotionId { get; private init; }

    public Role Function { get; private init; }

    public bool Approves { get; private init; }

    public string Comment { get; private init; } = "";

    public string PersonId { get; private init; } = "";

    public string PersonName { get; private init; } = "";

    public DateTimeOffset DecidedAt { get; private init; }

    internal static PromotionDecision Of(Guid promotion, Role function, bool approves, string comment, Actor person, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        PromotionId = promotion,
        Function = function,
        Approves = approves,
        Comment = comment,
        PersonId = person.Id.Value,
        PersonName = person.Name,
        DecidedAt = now,
    };
}

public sealed record PromotionRequested(
    string UseCase, int Promotion, Component Component, string Artefact, string ArtefactVersion, string ArtefactHash, [property: Personal] string Summary, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ArtefactHash;
}

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
