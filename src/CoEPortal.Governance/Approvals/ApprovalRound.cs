using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Approvals;

public enum RoundStatus
{
    Open,
    Approved,
    ChangesRequested,
    Vetoed,
    Withdrawn,

    /// <summary>The workflow said "approved" but the decisions did not add up, or it ended without an outcome. Approves nothing.</summary>
    Disputed,

    /// <summary>Ended by the operators of the portal, because its lane could not go on. Approves nothing.</summary>
    Cancelled,
}

/// <summary>What a review asks about.</summary>
public enum ReviewTopic
{
    /// <summary>A revision of the use case.</summary>
    Proposal,

    /// <summary>A new version of a prompt, a model or an index of a use case that is approved.</summary>
    Promotion,

    /// <summary>A data protection impact assessment on which the officer has advised.</summary>
    Dpia,
}

/// <summary>A question about something other than the proposal.</summary>
/// <param name="Id">Of what is asked about.</param>
/// <param name="Name">As people call it, such as <c>promotion P2 of prompt answer@11</c> or <c>DPIA-0001</c>.</param>
/// <param name="ContentHash">Of exactly what is asked about.</param>
/// <param name="Functions">Who has to agree.</param>
/// <param name="Authors">Who may not decide: who wrote it, and who asked.</param>
public sealed record ReviewQuestion(ReviewTopic Topic, Guid Id, string Name, string ContentHash, IReadOnlyList<Role> Functions, IReadOnlyList<string> Authors);

/// <summary>
/// One question to the functions of a lane: may this revision, or this new version of a part of it, go live; may this risk be
/// accepted? Policy is pinned when it opens. A decision counts only for the hash of the round, and only once for a person and a
/// function.
/// </summary>
public sealed class ApprovalRound : Aggregate
{
    public const int CommentLength = 4000;
    public const int MostConditions = 20;

    /// <summary>How long a proof of identity is good for a decision on a high-risk use case.</summary>
    public static readonly TimeSpan ConfirmedWithin = TimeSpan.FromMinutes(5);

    private readonly List<Decision> _decisions = [];

    private ApprovalRound()
    {
    }

    public Guid Id { get; private init; }

    public Guid UseCaseId { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public ReviewTopic Topic { get; private init; }

    /// <summary>Which one it is about; null where that is the revision itself.</summary>
    public Guid? TopicId { get; private init; }

    /// <summary>As people call it; empty where that is the revision itself.</summary>
    public string TopicName { get; private init; } = "";

    /// <summary>The revision that is decided on, or that stood when something else of the use case was asked about.</summary>
    public int RevisionNumber { get; private init; }

    /// <summary>Counts the rounds of a use case from 1.</summary>
    public int Number { get; private init; }

    public string ContentHash { get; private init; } = "";

    /// <summary>Of the revision.</summary>
    public Lane Lane { get; private init; }

    /// <summary>The workflow that asks.</summary>
    public string DefinitionId => Topic switch
    {
        ReviewTopic.Promotion => "promotion-board",
        ReviewTopic.Dpia => "dpia-review",
        _ => Lane.ToString().ToLowerInvariant(),
    };

    /// <summary>Of the revision. A decision on a high-risk one needs somebody who has just proved who they are.</summary>
    public RiskTier Tier { get; private init; }

    /// <summary>The round whose veto was lifted to open this one.</summary>
    public int? LiftsVetoOf { get; private init; }

    public List<Role> RequiredFunctions { get; private init; } = [];

    /// <summary>Everybody who wrote or edited what is decided on, as of the opening. None of them may decide.</summary>
    public List<string> Authors { get; private init; } = [];

    /// <summary>What one of them did, for a sentence that begins with them.</summary>
    internal string HadAHandInIt => TopicName.Length == 0 ? "wrote or edited this proposal" : $"had a hand in {TopicName}";

    public RoundStatus Status { get; private set; }

    public DateTimeOffset OpenedAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public IReadOnlyList<Decision> Decisions => _decisions;

    public IEnumerable<string> Conditions => _decisions.OrderBy(d => d.DecidedAt).SelectMany(d => d.Conditions);

    public override (string Type, string Key) AuditSubject => ("approval-round", $"{UseCaseKey}/{Number}");

    public static ApprovalRound Open(UseCase useCase, UseCaseRevision revision, int number, Actor by, DateTimeOffset now, int? liftsVetoOf = null)
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
            Tier = revision.Assessment.Tier,
            RequiredFunctions = [.. revision.Assessment.Functions],
            Authors = [.. useCase.Writers],
            OpenedAt = now,
            LiftsVetoOf = liftsVetoOf,
        };
        round.Note(new ReviewOpened(useCase.Key, revision.Number, number, round.Lane, round.RequiredFunctions, round.ContentHash, by, now));
        return round;
    }

    /// <summary>Asks about something of a use case other than its proposal.</summary>
    /// <param name="inForce">The revision by whose risk the decisions are taken.</param>
    internal static ApprovalRound Open(ReviewQuestion question, UseCase useCase, UseCaseRevision inForce, int number, Actor by, DateTimeOffset now)
    {
        var round = new ApprovalRound
        {
            Id = Guid.CreateVersion7(now),
            UseCaseId = useCase.Id,
            UseCaseKey = useCase.Key,
            Topic = question.Topic,
            TopicId = question.Id,
            TopicName = question.Name,
            RevisionNumber = inForce.Number,
            Number = number,
            ContentHash = question.ContentHash,
            Lane = inForce.Assessment.Lane,
            Tier = inForce.Assessment.Tier,
            RequiredFunctions = [.. question.Functions],
            Authors = [.. question.Authors],
            OpenedAt = now,
        };
        round.Note(new ReviewOpened(useCase.Key, inForce.Number, number, round.Lane, round.RequiredFunctions, round.ContentHash, by, now));
        return round;
    }

    public Decision Decide(Role function, DecisionDraft draft, Actor person, Delegation? delegation, DateTimeOffset now)
    {
        DemandMayDecide(function, person);
        Refuse.If(delegation is not null && Authors.Contains(delegation.FromId), "own-proposal", $"{delegation?.FromName} {HadAHandInIt}, so nobody can decide for them.");
        Refuse.If(Status is not RoundStatus.Open, "review-closed", $"The review of {UseCaseKey} has ended ({Status}). Nothing is left to decide.");
        Refuse.If(draft.ContentHash != ContentHash, "content-changed", $"{UseCaseKey} changed since you opened it. Look at revision {RevisionNumber} as it is now, then decide.");
        Refuse.If(HasSigned(person.Id.Value), "already-decided", "You have already decided in this round, or somebody has decided for you. Each function needs another person.");
        Refuse.If(delegation is not null && HasSigned(delegation.FromId), "already-decided", $"{delegation?.FromName} has already decided in this round. Each function needs another person.");
        Refuse.If(_decisions.Exists(d => d.Function == function), "function-decided", $"{NameOf(function)} has already decided in this round.");
        DemandConfirmed(person, "decide", now);
        Demand(draft);

        var decision = Decision.Of(this, function, draft, person, delegation, now);
        var seenBy = _decisions.OrderBy(d => d.DecidedAt).SelectMany(d => d.Conditions.Select(_ => d.PersonId)).ToList();
        _decisions.Add(decision);
        Note(new DecisionRecorded(
            UseCaseKey, RevisionNumber, Number, function, decision.Kind, decision.Comment, decision.Conditions, decision.SeenConditions, seenBy, ContentHash,
            decision.OnBehalfOfId, decision.OnBehalfOfName, decision.ConfirmedAt, person, now));
        return decision;
    }

    /// <summary>Takes a task, so that the others of the function leave it alone.</summary>
    internal void Claim(ReviewTask task, Actor person, bool takeOver, DateTimeOffset now)
    {
        DemandOpen(task);
        DemandMayDecide(task.Function, person);
        Refuse.If(HasSigned(person.Id.Value), "already-decided", "You have already decided in this round. Each function needs another person.");
        Refuse.If(task.AssigneeId == person.Id.Value, "already-claimed", "You have taken this task already.");
        Refuse.If(task.AssigneeId is not null && !takeOver, "claimed-by-other", $"{task.AssigneeName} has taken this task. Take it over only if they cannot decide.");
        var (beforeId, before) = (task.AssigneeId, task.AssigneeName);
        task.Assign(person, now);
        Note(new ReviewTaskClaimed(UseCaseKey, Number, task.Function, beforeId, before, person, now));
    }

    internal void Release(ReviewTask task, Actor by, DateTimeOffset now)
    {
        DemandOpen(task);
        Refuse.If(task.AssigneeId is null, "not-claimed", "Nobody has taken this task.");
        Refuse.If(task.AssigneeId != by.Id.Value && !by.Is(Role.CoeLead), "claimed-by-other", $"{task.AssigneeName} has taken this task. They give it back, or a CoE lead does.");
        var (beforeId, before) = (task.AssigneeId!, task.AssigneeName!);
        task.Unassign();
        Note(new ReviewTaskReleased(UseCaseKey, Number, task.Function, beforeId, before, by, now));
    }

    internal void Escalate(ReviewTask task, DateTimeOffset now)
    {
        task.Escalate();
        Note(new ReviewEscalated(UseCaseKey, Number, task.Function, task.EscalationLevel, task.DueAt, Actor.Rule("escalation"), now));
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
        Note(Status is RoundStatus.Disputed
            ? new ReviewDisputed(UseCaseKey, RevisionNumber, Number, outcome ?? "none", ContentHash, by, now)
            : new ReviewSettled(UseCaseKey, RevisionNumber, Number, Status, ContentHash, by, now));
        return Status;
    }

    public void Withdraw(Actor by, DateTimeOffset now)
    {
        Status = RoundStatus.Withdrawn;
        ClosedAt = now;
        Note(new ReviewSettled(UseCaseKey, RevisionNumber, Number, Status, ContentHash, by, now));
    }

    /// <summary>The lane cannot go on. Also ends a disputed round, which stays closed since it was disputed.</summary>
    internal void Cancel(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(Status is not (RoundStatus.Open or RoundStatus.Disputed), "review-closed", $"The review of {UseCaseKey} has ended ({Status}). Nothing is left to cancel.");
        Status = RoundStatus.Cancelled;
        ClosedAt ??= now;
        Note(new ReviewCancelled(UseCaseKey, RevisionNumber, Number, reason, ContentHash, by, now));
    }

    /// <summary>
    /// Only another person of the function that vetoed lifts its veto, and neither the one who decided nor the one it was
    /// decided for. The round stays ended; a new one asks everybody again.
    /// </summary>
    internal void LiftVeto(string reason, string contentHash, Actor person, DateTimeOffset now)
    {
        Refuse.If(Status is not RoundStatus.Vetoed, "not-vetoed", $"No veto stands against {UseCaseKey}.");
        var veto = _decisions.Single(d => d.Kind is DecisionKind.Veto);
        DemandMayDecide(veto.Function, person);
        Refuse.If(veto.Signatories.Contains(person.Id.Value), "own-veto", $"You gave this veto, so another person of {NameOf(veto.Function)} lifts it, or the authors submit a new revision.");
        Refuse.If(contentHash != ContentHash, "content-changed", $"{UseCaseKey} changed since you opened it. Look again, then decide.");
        DemandConfirmed(person, "lift the veto", now);
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why the veto no longer stands: everybody is asked again and will read it.");
        Refuse.If(reason.Length > CommentLength, "comment-too-long", $"Write at most {CommentLength:N0} characters.");
        Note(new VetoLifted(UseCaseKey, RevisionNumber, Number, veto.Function, reason.Trim(), ContentHash, person, now));
    }

    internal void Fault(string activity, string message, Actor by, DateTimeOffset now) =>
        Note(new LaneFaulted(UseCaseKey, Number, activity, message, by, now));

    internal void Retry(string reason, Actor by, DateTimeOffset now) => Note(new LaneRetried(UseCaseKey, Number, reason, by, now));

    internal void Upgrade(string workflow, int from, int to, string reason, Actor by, DateTimeOffset now) =>
        Note(new LaneUpgraded(UseCaseKey, Number, workflow, from, to, reason, by, now));

    /// <summary>How notices call it: the use case, and what of it is asked about.</summary>
    internal string TitleFor(string useCase) => TopicName.Length == 0 ? useCase : $"{useCase}, {TopicName}";

    internal static string NameOf(Role function) => function is Role.CoeLead ? "CoE lead" : function.ToString();

    /// <summary>Whether this person has to prove anew who they are before they decide here.</summary>
    public bool NeedsConfirmation(Actor person, DateTimeOffset now) => Tier is RiskTier.High && !(person.ConfirmedAt >= now - ConfirmedWithin);

    /// <summary>Whether this person decided in this round, or somebody decided for them.</summary>
    internal bool HasSigned(string personId) => _decisions.Exists(d => d.Signatories.Contains(personId));

    private void Note(ReviewEvent happened) => Record(TopicName.Length == 0 ? happened : happened with { Topic = TopicName });

    private bool EveryFunctionApproved
    {
        get
        {
            var counting = _decisions.Where(d => d.Approves && d.ContentHash == ContentHash && !d.Signatories.Any(Authors.Contains)).ToList();
            var people = counting.SelectMany(d => d.Signatories).ToList();
            return RequiredFunctions.TrueForAll(f => counting.Exists(d => d.Function == f))
                && people.Distinct().Count() == people.Count
                && !_decisions.Exists(d => !d.Approves);
        }
    }

    private void DemandMayDecide(Role function, Actor person)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        Refuse.If(!person.Is(function), "not-your-function", $"This decision belongs to {NameOf(function)}. You sign for {string.Join(", ", person.Roles.Select(NameOf))}.");
        Refuse.If(Authors.Contains(person.Id.Value), "own-proposal", $"You {HadAHandInIt}, so another {NameOf(function)} reviewer decides.");
    }

    private void DemandConfirmed(Actor person, string what, DateTimeOffset now) =>
        Refuse.If(NeedsConfirmation(person, now), "confirm-identity",
            $"{UseCaseKey} is a high-risk use case: confirm that it is you, then {what} within {ConfirmedWithin.TotalMinutes:N0} minutes.");

    private static void Demand(DecisionDraft draft)
    {
        var (kind, comment, conditions, _) = draft;
        Refuse.If(comment.Length > CommentLength, "comment-too-long", $"Write at most {CommentLength:N0} characters.");
        Refuse.If(kind is not DecisionKind.Approve && string.IsNullOrWhiteSpace(comment), "comment-required", "Say why: the people who wrote it need to know what to do.");
        Refuse.If(kind is DecisionKind.ApproveWithConditions && conditions.Count == 0, "condition-required", "Write at least one condition, or approve without any.");
        Refuse.If(kind is not DecisionKind.ApproveWithConditions && conditions.Count > 0, "conditions-not-asked", "Only an approval with conditions carries conditions.");
        Refuse.If(conditions.Count > MostConditions, "too-many-conditions", $"Write at most {MostConditions} conditions.");
        Refuse.If(conditions.Any(c => string.IsNullOrWhiteSpace(c.Text) || c.Text.Length > ConditionFollowUp.TextLength), "condition-length", $"A condition has 1 to {ConditionFollowUp.TextLength} characters.");
    }

    private static void DemandOpen(ReviewTask task) =>
        Refuse.If(task.State is not TaskState.Open, "task-closed", $"This task was {task.State.ToString().ToLowerInvariant()} while you looked at it. Nothing is left to decide.");
}
