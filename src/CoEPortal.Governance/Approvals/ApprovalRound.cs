using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Approvals;

public enum DecisionKind { Approve, ApproveWithConditions, RequestChanges, Veto }

public enum RoundStatus
{
    Open,
    Approved,
    ChangesRequested,
    Vetoed,
    Withdrawn,

    /// <summary>The workflow said "approved" but the decisions did not add up, or it ended without an outcome. Approves nothing.</summary>
    Disputed,
}

/// <summary>What one person decided for one function, for exactly the content they saw.</summary>
public sealed class Decision
{
    private Decision()
    {
    }

    public Guid Id { get; private init; }

    public Guid RoundId { get; private init; }

    public Role Function { get; private init; }

    public string PersonId { get; private init; } = "";

    public string PersonName { get; private init; } = "";

    public DecisionKind Kind { get; private init; }

    public string Comment { get; private init; } = "";

    public List<string> Conditions { get; private init; } = [];

    /// <summary>The conditions of others that stood when this was decided. The last function signs the final list.</summary>
    public List<string> SeenConditions { get; private init; } = [];

    public string ContentHash { get; private init; } = "";

    public DateTimeOffset DecidedAt { get; private init; }

    public bool Approves => Kind is DecisionKind.Approve or DecisionKind.ApproveWithConditions;

    internal static Decision Of(
        ApprovalRound round, Role function, Actor person, DecisionKind kind, string comment, IReadOnlyList<string> conditions, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now),
            RoundId = round.Id,
            Function = function,
            PersonId = person.Id.Value,
            PersonName = person.Name,
            Kind = kind,
            Comment = comment,
            Conditions = [.. conditions],
            SeenConditions = [.. round.Conditions],
            ContentHash = round.ContentHash,
            DecidedAt = now,
        };
}

/// <summary>
/// One question to the functions of a lane: may this revision go live? Policy is pinned when it opens.
/// A decision counts only for the hash of the round, and only once for a person and a function.
/// </summary>
public sealed class ApprovalRound : Aggregate
{
    public const int CommentLength = 4000;
    public const int MostConditions = 20;

    private readonly List<Decision> _decisions = [];

    private ApprovalRound()
    {
    }

    public Guid Id { get; private init; }

    public Guid UseCaseId { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int RevisionNumber { get; private init; }

    /// <summary>Counts the rounds of a use case from 1.</summary>
    public int Number { get; private init; }

    public string ContentHash { get; private init; } = "";

    public Lane Lane { get; private init; }

    public List<Role> RequiredFunctions { get; private init; } = [];

    /// <summary>Everybody who wrote or edited what is decided on, as of the opening. None of them may decide.</summary>
    public List<string> Authors { get; private init; } = [];

    public RoundStatus Status { get; private set; }

    public DateTimeOffset OpenedAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public IReadOnlyList<Decision> Decisions => _decisions;

    public IEnumerable<string> Conditions => _decisions.OrderBy(d => d.DecidedAt).SelectMany(d => d.Conditions);

    public override (string Type, string Key) AuditSubject => ("approval-round", $"{UseCaseKey}/{Number}");

    public static ApprovalRound Open(UseCase useCase, UseCaseRevision revision, int number, Actor by, DateTimeOffset now)
    {
        var round = new ApprovalRound
        {
            Id = Guid.CreateVersion7(now),
            UseCaseId = useCase.Id,
            UseCaseKey = useCase.Key,
            RevisionNumber = revision.Number,
            Number = number,
            ContentHash = revision.ContentHash,
            Lane = revision.Assessment.Lane,
            RequiredFunctions = [.. revision.Assessment.Functions],
            Authors = [.. useCase.Editors],
            OpenedAt = now,
        };
        round.Record(new ReviewOpened(useCase.Key, revision.Number, number, round.Lane, round.RequiredFunctions, round.ContentHash, by, now));
        return round;
    }

    public Decision Decide(
        Role function, DecisionKind kind, string comment, IReadOnlyList<string> conditions, string contentHash, Actor person, DateTimeOffset now)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        Refuse.If(!person.Is(function), "not-your-function", $"This decision belongs to {NameOf(function)}. You sign for {string.Join(", ", person.Roles.Select(NameOf))}.");
        Refuse.If(Authors.Contains(person.Id.Value), "own-proposal", $"You cannot decide on a proposal that you wrote or edited. Ask another {NameOf(function)} reviewer.");
        Refuse.If(Status is not RoundStatus.Open, "review-closed", $"The review of {UseCaseKey} has ended ({Status}). Nothing is left to decide.");
        Refuse.If(contentHash != ContentHash, "content-changed", $"{UseCaseKey} changed since you opened it. Look at revision {RevisionNumber} as it is now, then decide.");
        Refuse.If(_decisions.Exists(d => d.PersonId == person.Id.Value), "already-decided", "You have already decided in this round. Each function needs another person.");
        Refuse.If(_decisions.Exists(d => d.Function == function), "function-decided", $"{NameOf(function)} has already decided in this round.");
        Refuse.If(comment.Length > CommentLength, "comment-too-long", $"Write at most {CommentLength:N0} characters.");
        Refuse.If(kind is not DecisionKind.Approve && string.IsNullOrWhiteSpace(comment), "comment-required", "Say why: the people who wrote it need to know what to do.");
        Refuse.If(kind is DecisionKind.ApproveWithConditions && conditions.Count == 0, "condition-required", "Write at least one condition, or approve without any.");
        Refuse.If(kind is not DecisionKind.ApproveWithConditions && conditions.Count > 0, "conditions-not-asked", "Only an approval with conditions carries conditions.");
        Refuse.If(conditions.Count > MostConditions, "too-many-conditions", $"Write at most {MostConditions} conditions.");
        Refuse.If(conditions.Any(c => string.IsNullOrWhiteSpace(c) || c.Length > 500), "condition-length", "A condition has 1 to 500 characters.");

        var decision = Decision.Of(this, function, person, kind, comment.Trim(), [.. conditions.Select(c => c.Trim())], now);
        _decisions.Add(decision);
        Record(new DecisionRecorded(
            UseCaseKey, RevisionNumber, Number, function, kind, decision.Comment, decision.Conditions, decision.SeenConditions, ContentHash, person, now));
        return decision;
    }

    /// <summary>
    /// The workflow ended. "Approved" holds only if the workflow says so and every required function approved this
    /// very content, each by a distinct person who is no author. Anything else approves nothing.
    /// </summary>
    public RoundStatus Settle(string? outcome, Actor by, DateTimeOffset now)
    {
        Status = outcome switch
        {
            "approved" when EveryFunctionApproved => RoundStatus.Approved,
            "changes-requested" when _decisions.Exists(d => d.Kind is DecisionKind.RequestChanges) => RoundStatus.ChangesRequested,
            "vetoed" when _decisions.Exists(d => d.Kind is DecisionKind.Veto) => RoundStatus.Vetoed,
            _ => RoundStatus.Disputed,
        };
        ClosedAt = now;
        Record(Status is RoundStatus.Disputed
            ? new ReviewDisputed(UseCaseKey, RevisionNumber, Number, outcome ?? "none", ContentHash, by, now)
            : new ReviewSettled(UseCaseKey, RevisionNumber, Number, Status, ContentHash, by, now));
        return Status;
    }

    public void Withdraw(Actor by, DateTimeOffset now)
    {
        Status = RoundStatus.Withdrawn;
        ClosedAt = now;
        Record(new ReviewSettled(UseCaseKey, RevisionNumber, Number, Status, ContentHash, by, now));
    }

    internal static string NameOf(Role function) => function is Role.CoeLead ? "CoE lead" : function.ToString();

    private bool EveryFunctionApproved
    {
        get
        {
            var counting = _decisions.Where(d => d.Approves && d.ContentHash == ContentHash && !Authors.Contains(d.PersonId)).ToList();
            return RequiredFunctions.TrueForAll(f => counting.Exists(d => d.Function == f))
                && counting.Select(d => d.PersonId).Distinct().Count() == counting.Count
                && !_decisions.Exists(d => !d.Approves);
        }
    }
}

public sealed record ReviewOpened(
    string UseCase, int Revision, int Round, Lane Lane, IReadOnlyList<Role> Functions, string ContentHash, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record DecisionRecorded(
    string UseCase, int Revision, int Round, Role Function, DecisionKind Decision, string Comment, IReadOnlyList<string> Conditions,
    IReadOnlyList<string> SeenConditions, string ContentHash, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record ReviewSettled(
    string UseCase, int Revision, int Round, RoundStatus Outcome, string ContentHash, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record ReviewDisputed(
    string UseCase, int Revision, int Round, string Outcome, string ContentHash, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}
