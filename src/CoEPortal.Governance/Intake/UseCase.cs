using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Intake;

/// <summary>Where a use case stands on its way from idea to service.</summary>
public enum Stage
{
    Draft,
    InReview,
    ChangesAsked,
    Declined,
    NotAllowed,

    /// <summary>Taken over from an inventory and perhaps running, without an approval.</summary>
    Registered,
    Approved,
    InService,
    Retired,
}

/// <summary>What somebody wants to do with AI, from the first draft to retirement. Has a key for life and numbered revisions.</summary>
public sealed class UseCase : Aggregate
{
    public const int GraceReasonLength = 1000;
    public const int MostEditors = 20;

    public static readonly TimeSpan LongestGrace = TimeSpan.FromDays(180);

    private readonly List<UseCaseRevision> _revisions = [];

    private UseCase()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>The name people use, e.g. <c>UC-0001</c>. Given with the draft, never reused.</summary>
    public string Key { get; private init; } = "";

    public string Title { get; private set; } = "";

    public string BusinessUnit { get; private set; } = "";

    public Stage Stage { get; private set; }

    public string CreatedBy { get; private init; } = "";

    public string CreatedByName { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Everybody who writes on it: who changed the text, and who was invited to.</summary>
    public List<string> Editors { get; private set; } = [];

    /// <summary>Who was taken off it, and writes no more.</summary>
    public List<string> FormerEditors { get; private set; } = [];

    /// <summary>Everybody who ever had a hand in it. None of them may approve it.</summary>
    public IReadOnlyList<string> Writers => [.. Editors, .. FormerEditors];

    /// <summary>The version with which the text changed last: what is newer changed something else.</summary>
    public int DraftVersion { get; private set; }

    public Proposal Draft { get; private set; } = new();

    public int LatestRevision { get; private set; }

    /// <summary>The revision that is in force, also while a newer one is worked on.</summary>
    public int? ApprovedRevision { get; private set; }

    // The judgement of the latest revision, kept on the row so that lists sort and filter without opening revisions.
    public Lane? Lane { get; private set; }

    public RiskClass? RiskClass { get; private set; }

    public RiskTier? Tier { get; private set; }

    public int? Value { get; private set; }

    public int? Risk { get; private set; }

    /// <summary>The mapping by which it was taken over from an inventory; null when it was proposed here.</summary>
    public string? Origin { get; private init; }

    /// <summary>How far the thing itself is, whatever its approval; null when nobody said.</summary>
    public Phase? Phase { get; private set; }

    /// <summary>The phase of the inventory it was taken over from: moves made here do not change what was taken over.</summary>
    public Phase? RegisteredPhase { get; private init; }

    /// <summary>False for what was past an idea when it was taken over, or was approved before there were stage gates.</summary>
    public bool GatesAsked { get; private init; } = true;

    /// <summary>Until then it may run without an approval, because a CoE lead said so.</summary>
    public DateTimeOffset? GraceUntil { get; private set; }

    public IReadOnlyList<UseCaseRevision> Revisions => _revisions;

    public override (string Type, string Key) AuditSubject => ("use-case", Key);

    public Subject Subject => new(BusinessUnit, [.. Editors.Select(e => new PersonId(e))]);

    public bool IsApproved => ApprovedRevision is not null && Stage is not Stage.Retired;

    /// <summary>It runs, or may run, and nobody here has approved it. What is unknown counts as running.</summary>
    public bool IsUngoverned => Origin is not null && RegisteredPhase is (null or Intake.Phase.Production) && ApprovedRevision is null && Stage is not Stage.Retired;

    public static UseCase Start(string key, Actor author, DateTimeOffset now)
    {
        AccessPolicy.Demand(author, Permission.ProposeUseCase);
        var useCase = new UseCase
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            BusinessUnit = author.BusinessUnit,
            CreatedBy = author.Id.Value,
            CreatedByName = author.Name,
            CreatedAt = now,
            ChangedAt = now,
            Editors = [author.Id.Value],
            Phase = Intake.Phase.Idea,
            Draft = new Proposal { BusinessUnit = author.BusinessUnit },
        };
        useCase.Record(new UseCaseStarted(key, author, now));
        return useCase;
    }

    /// <summary>
    /// Takes over what an inventory knows. Nobody here wrote it, so nobody is its editor; nobody here approved it either, so
    /// it is only registered. Value, risk and class stay open: too little was asked to judge them.
    /// </summary>
    /// <param name="key">Its key.</param>
    /// <param name="text">As mapped.</param>
    /// <param name="phase">How far it is; null when the inventory does not say.</param>
    /// <param name="from">The row it was.</param>
    /// <param name="assessment">Of which only the lane holds.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="now">The instant.</param>
    public static UseCase Register(string key, Proposal text, Phase? phase, InventoryRow from, Assessment assessment, Actor by, DateTimeOffset now)
    {
        var useCase = new UseCase
        {
            Id = Guid.CreateVersion7(now),
            Key = key,
            Title = text.Title,
            BusinessUnit = text.BusinessUnit,
            CreatedBy = by.Id.Value,
            CreatedByName = by.Name,
            CreatedAt = now,
            ChangedAt = now,
            Editors = [Inventory.Id.Value],
            Draft = text,
            Origin = from.Mapping,
            Phase = phase,
            RegisteredPhase = phase,
            GatesAsked = phase is Intake.Phase.Idea,
            Lane = assessment.Lane,
            Stage = phase switch
            {
                Intake.Phase.Retired => Stage.Retired,
                null or Intake.Phase.Production => Stage.Registered,
                _ => Stage.Draft,
            },
        };
        useCase.Record(new UseCaseRegistered(key, from.Run, from.Line, from.Hash, from.Occurrence, from.Mapping, assessment.Lane, assessment.RulesVersion, by, now));
        return useCase;
    }

    /// <summary>Who wrote what was imported, as far as the portal knows.</summary>
    public static Actor Inventory { get; } = Actor.Rule("inventory");

    /// <summary>Lets it run until a day without an approval.</summary>
    public void GrantGrace(DateTimeOffset until, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(ApprovedRevision is not null, "already-approved", $"{Key} is approved and needs no grace.");
        Refuse.If(!IsUngoverned, "not-registered", $"{Key} was not taken over from an inventory as running, so there is nothing to let run on.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it may run until then.");
        Refuse.If(reason.Length > GraceReasonLength, "reason-too-long", $"Write at most {GraceReasonLength:N0} characters.");
        Refuse.If(until <= now || until > now + LongestGrace, "grace-too-long", $"A grace ends after today and within {LongestGrace.Days} days. Submit it for review meanwhile.");
        GraceUntil = until;
        ChangedAt = now;
        Record(new GraceGranted(Key, until, reason.Trim(), by, now));
    }

    /// <summary>Ends it for good: nothing of it runs from now on, whatever was approved.</summary>
    public void Stop(string reason, string lesson, Actor by, DateTimeOffset now)
    {
        Refuse.If(Stage is Stage.Retired, "retired", $"{Key} has ended already.");
        Refuse.If(Stage is Stage.InReview, "in-review", $"{Key} is being reviewed. Withdraw it first, or wait for the answer.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it is stopped.");
        Refuse.If(string.IsNullOrWhiteSpace(lesson), "lesson-required", "Say what it taught, so that the next one starts from there.");
        Refuse.If(Math.Max(reason.Length, lesson.Length) > GraceReasonLength, "reason-too-long", $"Write at most {GraceReasonLength:N0} characters.");
        Record(new UseCaseStopped(Key, Stage, reason.Trim(), lesson.Trim(), by, now));
        (Stage, Phase, GraceUntil, ChangedAt) = (Stage.Retired, Intake.Phase.Retired, null, now);
    }

    /// <summary>Where it may move without ending. What nobody has stated yet is stated by the first move.</summary>
    public static IReadOnlyList<Phase> MovesFrom(Phase? phase) => phase switch
    {
        null => [Intake.Phase.ProofOfConcept, Intake.Phase.Pilot, Intake.Phase.Production],
        Intake.Phase.Idea => [Intake.Phase.ProofOfConcept],
        Intake.Phase.ProofOfConcept => [Intake.Phase.Pilot],
        Intake.Phase.Pilot => [Intake.Phase.Production, Intake.Phase.ProofOfConcept],
        Intake.Phase.Production => [Intake.Phase.Pilot],
        _ => [],
    };

    /// <summary>Moves it to another phase. Nothing runs by that: approval, credential and switch are asked at each call as before.</summary>
    public void MoveTo(Phase to, PhaseFacts facts, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(Stage is Stage.Retired, "retired", $"{Key} has ended already.");
        Refuse.If(to is Intake.Phase.Retired, "end-it", $"End {Key} to retire it: with the reason, and what it taught.");
        Refuse.If(IsUngoverned, "ungoverned", $"{Key} was taken over as running and nobody here has approved it. Submit it for review, or end it.");
        Refuse.If(!MovesFrom(Phase).Contains(to), "move-not-allowed", $"{Key} does not move there from where it is. {MovesInWords}");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it moves.");
        Refuse.If(reason.Length > GraceReasonLength, "reason-too-long", $"Write at most {GraceReasonLength:N0} characters.");
        Refuse.If(GatesAsked && !facts.GatesPassed, "gates-open", $"{Key} has to pass its four stage gates first.");
        if (to is Intake.Phase.Pilot or Intake.Phase.Production && to > (Phase ?? Intake.Phase.Idea))
        {
            Refuse.If(!IsApproved, "not-approved", $"{Key} is not approved. A pilot has real users, so its one-pager is reviewed first.");
            Refuse.If(facts.IsStopped, "stopped", $"{Key} is stopped by its kill switch. Release it first.");
        }

        if (to is Intake.Phase.Production && Phase is not Intake.Phase.Production)
        {
            Refuse.If(!facts.HasCredential, "no-credential", $"No gateway knows {Key} yet. Bind its credential first.");
            Refuse.If(facts.IsDenied, "duty-missed", $"Calls of {Key} are denied: its lane asks for something that is not current. See under Assurance.");
        }

        Record(new PhaseMoved(Key, Phase, to, reason.Trim(), by, now));
        (Phase, ChangedAt) = (to, now);
    }

    private string MovesInWords => MovesFrom(Phase) is [var only] ? $"It can move to {only}." : $"It can move to {string.Join(" or ", MovesFrom(Phase))}.";

    /// <summary>What let it run holds no more: nothing is approved now, and its authors submit it anew.</summary>
    /// <param name="cause">One word, as the log keeps it.</param>
    /// <param name="detail">What happened, in a sentence.</param>
    public void EndApproval(string cause, string detail, Actor by, DateTimeOffset now)
    {
        Refuse.If(ApprovedRevision is null, "not-approved", $"{Key} is not approved, so there is nothing to end.");
        Refuse.If(Stage is Stage.Retired, "retired", $"{Key} has ended already.");
        var revision = ApprovedRevision.Value;
        ApprovedRevision = null;
        Stage = Stage is Stage.Approved or Stage.InService ? Stage.ChangesAsked : Stage;
        ChangedAt = now;
        Record(new ApprovalEnded(Key, revision, cause, detail, by, now));
    }

    /// <summary>The day came, or somebody takes the grace back.</summary>
    public void EndGrace(Actor by, DateTimeOffset now)
    {
        Refuse.If(GraceUntil is null, "no-grace", $"{Key} has no grace to end.");
        GraceUntil = null;
        ChangedAt = now;
        Record(new GraceEnded(Key, by, now));
    }

    /// <summary>Takes the text as it stands now. Not an audit event: submitting is.</summary>
    public void SaveDraft(Proposal draft, Actor editor, DateTimeOffset now)
    {
        DemandWritable(editor);
        if (!Editors.Contains(editor.Id.Value))
        {
            Editors = [.. Editors, editor.Id.Value];
        }

        Draft = draft;
        Title = draft.Title;
        BusinessUnit = draft.BusinessUnit.Length > 0 ? draft.BusinessUnit : BusinessUnit;
        ChangedAt = now;
        Touch();
        DraftVersion = Version;
    }

    /// <summary>Lets somebody write on it, also from another business unit. From now on they decide on nothing of it.</summary>
    public void Invite(Actor editor, Actor by, DateTimeOffset now)
    {
        DemandEditor(by);
        Refuse.If(Stage is Stage.Retired, "retired", $"{Key} is retired. Propose a new use case instead.");
        Refuse.If(Editors.Contains(editor.Id.Value), "editor-already", $"{editor.Name} writes on {Key} already.");
        // Otherwise authors could choose who decides, by inviting those they would rather not have.
        Refuse.If(AccessPolicy.Allows(editor, Permission.DecideReviews), "decides-reviews",
            $"{editor.Name} decides on reviews and would lose that seat. Ask in a comment instead.");
        Refuse.If(!AccessPolicy.Allows(editor, Permission.ProposeUseCase), "cannot-write", $"{editor.Name} may not write proposals. Invite somebody who proposes use cases.");
        Refuse.If(Editors.Count >= MostEditors, "too-many-editors", $"{MostEditors} people write on {Key}. Take somebody off it first.");
        Editors = [.. Editors, editor.Id.Value];
        FormerEditors = [.. FormerEditors.Where(f => f != editor.Id.Value)];
        Record(new EditorInvited(Key, editor.Id.Value, editor.Name, by, now));
    }

    /// <summary>Ends that somebody writes on it. What they wrote stays, and they still decide on nothing of it.</summary>
    public void TakeOff(PersonId editor, string name, string reason, Actor by, DateTimeOffset now)
    {
        DemandEditor(by);
        Refuse.If(!Editors.Contains(editor.Value), "no-editor", $"{name} does not write on {Key}.");
        Refuse.If(editor.Value == CreatedBy, "author-stays", $"{name} began {Key} and stays its author.");
        Refuse.If(by.Id != editor && string.IsNullOrWhiteSpace(reason), "reason-required", $"Say why {name} is taken off {Key}.");
        Refuse.If(reason.Length > GraceReasonLength, "reason-too-long", $"Write at most {GraceReasonLength:N0} characters.");
        Editors = [.. Editors.Where(e => e != editor.Value)];
        FormerEditors = [.. FormerEditors, editor.Value];
        Record(new EditorTakenOff(Key, editor.Value, name, reason.Trim(), by, now));
    }

    /// <summary>Freezes the draft as the next revision, with the judgement and the hash that reviewers sign.</summary>
    /// <param name="records">Cards and impact assessments that are decided on with it.</param>
    public UseCaseRevision Submit(Assessment assessment, Actor submitter, DateTimeOffset now, IReadOnlyList<ReviewedRecord>? records = null)
    {
        records ??= [];
        DemandWritable(submitter);
        var last = _revisions.MaxBy(r => r.Number);
        Refuse.If(last is not null && last.Proposal.SaysTheSameAs(Draft) && last.Records.SequenceEqual(records) && last.Assessment.Overridden == assessment.Overridden && Stage is not (Stage.ChangesAsked or Stage.Draft),
            "nothing-changed", "Nothing changed since the last revision.");

        var revision = UseCaseRevision.Freeze(this, LatestRevision + 1, assessment, records, submitter, now);
        _revisions.Add(revision);
        LatestRevision = revision.Number;
        Judge(assessment);
        Record(new ProposalSubmitted(
            Key, revision.Number, revision.ContentHash, assessment.Lane, assessment.RiskClass, assessment.RulesVersion, submitter, now));

        Stage = assessment.Lane is Intake.Lane.NotAllowed ? Stage.NotAllowed : Stage.InReview;
        if (Stage is Stage.NotAllowed)
        {
            Record(new ProposalNotAllowed(Key, revision.Number, revision.ContentHash, assessment.Articles, submitter, now));
        }

        ChangedAt = now;
        return revision;
    }

    public void Withdraw(string reason, Actor author, DateTimeOffset now)
    {
        AccessPolicy.Demand(author, Permission.ProposeUseCase, Subject);
        Refuse.If(Stage is not Stage.InReview, "not-in-review", $"{Key} is not being reviewed, so there is nothing to withdraw.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why you withdraw it.");
        Stage = StageWithoutReview;
        ChangedAt = now;
        Record(new ProposalWithdrawn(Key, LatestRevision, reason, author, now));
    }

    /// <summary>The review of a revision ended. Only an approved one changes what is in force.</summary>
    /// <param name="contentHash">That was decided on.</param>
    public void SettleReview(int revision, string contentHash, ReviewOutcome outcome, Actor by, DateTimeOffset now)
    {
        Refuse.If(revision != LatestRevision, "revision-outdated", $"Revision {revision} is not the latest one.");
        switch (outcome)
        {
            case ReviewOutcome.Approved:
                ApprovedRevision = revision;
                GraceUntil = null;
                Stage = Stage.Approved;
                Record(new UseCaseApproved(Key, revision, contentHash, Lane!.Value, by, now));
                break;
            case ReviewOutcome.ChangesRequested:
                Stage = Stage.ChangesAsked;
                break;
            case ReviewOutcome.Vetoed:
                Stage = Stage.Declined;
                break;
        }

        ChangedAt = now;
        Touch();
    }

    /// <summary>The veto against a revision was lifted: the same revision is asked about again.</summary>
    public UseCaseRevision ReviewAgain(int revision, DateTimeOffset now)
    {
        Refuse.If(revision != LatestRevision, "revision-outdated", $"Revision {revision} is not the latest one.");
        Refuse.If(Stage is not Stage.Declined, "not-declined", $"{Key} was not declined.");
        Stage = Stage.InReview;
        ChangedAt = now;
        Touch();
        return _revisions.Single(r => r.Number == revision);
    }

    /// <summary>The review ended without an answer: what was in force stays so, and the authors can submit again.</summary>
    public void EndReviewWithoutAnswer(DateTimeOffset now)
    {
        Refuse.If(Stage is not Stage.InReview, "not-in-review", $"{Key} is not being reviewed.");
        Stage = StageWithoutReview;
        ChangedAt = now;
        Touch();
    }

    /// <summary>The first credential was bound: from now on it can be used.</summary>
    public void GoIntoService(Actor by, DateTimeOffset now)
    {
        if (Stage is Stage.Approved)
        {
            Stage = Stage.InService;
            ChangedAt = now;
            Record(new UseCaseWentIntoService(Key, ApprovedRevision!.Value, by, now));
        }
    }

    public void DemandWritable(Actor editor)
    {
        DemandEditor(editor);
        Refuse.If(Stage is Stage.InReview, "in-review", $"{Key} is being reviewed. Withdraw it first, or wait for the answer.");
        Refuse.If(Stage is Stage.Retired, "retired", $"{Key} is retired. Propose a new use case instead.");
    }

    private void DemandEditor(Actor editor)
    {
        AccessPolicy.Demand(editor, Permission.ProposeUseCase, Subject);
        Refuse.If(FormerEditors.Contains(editor.Id.Value), "no-longer-editor", $"You were taken off {Key}. Ask its author to invite you again.");
    }

    private Stage StageWithoutReview => ApprovedRevision is not null ? Stage.Approved : IsUngoverned ? Stage.Registered : Stage.Draft;

    private void Judge(Assessment assessment)
    {
        Lane = assessment.Lane;
        RiskClass = assessment.RiskClass;
        Tier = assessment.Tier;
        Value = assessment.Value;
        Risk = assessment.Risk;
    }
}

public enum ReviewOutcome { Approved, ChangesRequested, Vetoed }

/// <summary>A row of somebody's inventory, as the log knows it.</summary>
/// <param name="Run">The import that took it over.</param>
/// <param name="Mapping">By which columns became answers.</param>
/// <param name="Line">In the file, the header being the first.</param>
/// <param name="Hash">SHA-256 of header and cells, hexadecimal.</param>
/// <param name="Occurrence">Of rows that say the same, the which.</param>
public sealed record InventoryRow(Guid Run, string Mapping, int Line, string Hash, int Occurrence);
