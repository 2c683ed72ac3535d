using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Dpia;

/// <summary>
/// The data protection impact assessment of a use case, with its fundamental rights part where the law asks. Its officer advises,
/// whoever answers for it accepts or overrules with reasons, somebody else signs it off, or its lane does: always where a high
/// risk is left. A material change opens it again.
/// </summary>
public sealed class ImpactAssessment : Aggregate
{
    public const int TextLength = 4000;

    private readonly List<DpiaVersion> _versions = [];

    private ImpactAssessment()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>DPIA-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string UseCaseKey { get; private init; } = "";

    public DpiaContent Draft { get; private set; } = new();

    public string ContentHash { get; private set; } = "";

    /// <summary>Everybody who wrote on it since it was last signed off. None of them advises or signs.</summary>
    public List<string> Editors { get; private set; } = [];

    public string Advice { get; private set; } = "";

    public string? AdvisedBy { get; private set; }

    public string? AdvisedByName { get; private set; }

    /// <summary>What the advice was about: it counts for no other text.</summary>
    public string? AdvisedHash { get; private set; }

    /// <summary>Null until somebody answered the advice.</summary>
    public bool? AdviceAccepted { get; private set; }

    public string Answer { get; private set; } = "";

    public string? AnsweredBy { get; private set; }

    public string? AnsweredByName { get; private set; }

    /// <summary>Null while it is written, and once it is signed off.</summary>
    public DpiaTurn? WaitsFor { get; private set; }

    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>When those who are waited for are next told that it is overdue.</summary>
    public DateTimeOffset? TellAt { get; private set; }

    public int OverdueLevel { get; private set; }

    public int LatestVersion { get; private set; }

    /// <summary>Whether the text as it stands is signed off.</summary>
    public bool IsSignedOff { get; private set; }

    public DateOnly? ReviewOn { get; private set; }

    /// <summary>Whether people were told that the day comes near.</summary>
    public bool IsReviewTold { get; private set; }

    /// <summary>What it was signed off for; another one opens it again.</summary>
    public Dictionary<string, string> SignedFacts { get; private set; } = [];

    public string ReopenedBecause { get; private set; } = "";

    public DateTimeOffset ChangedAt { get; private set; }

    public IReadOnlyList<DpiaVersion> Versions => _versions;

    public override (string Type, string Key) AuditSubject => ("dpia", Key);

    public bool IsCurrent(DateOnly today) => IsSignedOff && ReviewOn >= today;

    /// <summary>Whether the newest advice is about the text as it stands.</summary>
    public bool IsAdvised => AdvisedHash == ContentHash;

    /// <summary>Whether one person may not sign it off.</summary>
    public bool NeedsLane => Draft.Outcome is ScreeningOutcome.Required && Draft.ResidualRisk is RiskLevel.High;

    internal static ImpactAssessment Start(string key, string useCaseKey, Proposal proposal, DpiaTemplate template, Actor by, DateTimeOffset now)
    {
        var prefilled = template.Steps.SelectMany(s => s.Fields).Where(f => f.From is not null)
            .Select(f => (f.Id, Text: DpiaFacts.AnswerOf(f.From!, proposal))).Where(f => f.Text.Length is > 0 and <= DpiaContent.AnswerLength).ToDictionary(f => f.Id, f => f.Text);
        var assessment = new ImpactAssessment { Id = Guid.CreateVersion7(now), Key = key, UseCaseKey = useCaseKey, Editors = [by.Id.Value] };
        assessment.Take(new DpiaContent { TemplateVersion = template.Version, Criteria = [.. DpiaFacts.MetCriteria(proposal).Order(StringComparer.Ordinal)], Answers = prefilled, Prefilled = prefilled }, now);
        assessment.Record(new DpiaStarted(key, useCaseKey, template.Version, by, now));
        return assessment;
    }

    /// <summary>Takes the text as it stands now. Not an audit event, unless it opens what was signed off.</summary>
    internal void Save(DpiaContent content, Actor by, DateTimeOffset now)
    {
        var before = ContentHash;
        if (!Editors.Contains(by.Id.Value))
        {
            Editors = [.. Editors, by.Id.Value];
        }

        Take(content, now);
        if (before != ContentHash && WaitsFor is not DpiaTurn.Advice)
        {
            // Advice on another text counts no longer, so neither does what came after it.
            Wait(null, null);
        }

        if (IsSignedOff && before != ContentHash)
        {
            IsSignedOff = false;
            Record(new DpiaReopened(Key, UseCaseKey, LatestVersion, ["its text"], by, now));
        }
        else
        {
            Touch();
        }
    }

    /// <summary>What it was signed off for is no longer so.</summary>
    internal void ReopenFor(Proposal proposal, DateTimeOffset now)
    {
        var facts = DpiaFacts.Material(proposal);
        var changed = facts.Where(f => SignedFacts.GetValueOrDefault(f.Key, "") != f.Value).Select(f => f.Key).Order(StringComparer.Ordinal).ToList();
        if (IsSignedOff && changed.Count > 0)
        {
            (IsSignedOff, ReopenedBecause) = (false, "Changed since it was signed off: " + string.Join(", ", changed) + ".");
            Record(new DpiaReopened(Key, UseCaseKey, LatestVersion, changed, Actor.Rule("material-change"), now));
        }
    }

    internal void AskAdvice(string contentHash, DpiaDeadlines deadlines, Actor by, DateTimeOffset now)
    {
        DemandSame(contentHash);
        Refuse.If(IsSignedOff, "nothing-changed", "This text is signed off already.");
        Refuse.If(IsAdvised, "already-advised", "The officer has advised on this text.");
        Refuse.If(WaitsFor is DpiaTurn.Advice, "already-asked", "The officer has been asked. A change of the text needs no second question.");
        Wait(DpiaTurn.Advice, deadlines);
        Record(new DpiaAdviceAsked(Key, UseCaseKey, DueAt!.Value, ContentHash, by, now));
    }

    internal void Advise(string advice, string contentHash, DpiaDeadlines deadlines, Actor officer, DateTimeOffset now)
    {
        Refuse.If(!officer.Is(Role.Privacy), "not-your-function", "The data protection officer's function advises: Privacy.");
        Refuse.If(Editors.Contains(officer.Id.Value), "own-dpia", "You wrote on this assessment, so somebody else of Privacy advises.");
        DemandSame(contentHash);
        Refuse.If(IsSignedOff, "nothing-changed", "This text is signed off, on the advice that was given. It is advised on again once it changes.");
        DemandNotInLane();
        Refuse.If(string.IsNullOrWhiteSpace(advice) || advice.Length > TextLength, "advice-required", $"Write your advice, in at most {TextLength:N0} characters.");
        (Advice, AdvisedBy, AdvisedByName, AdvisedHash) = (advice.Trim(), officer.Id.Value, officer.Name, ContentHash);
        (AdviceAccepted, Answer, AnsweredBy, AnsweredByName) = (null, "", null, null);
        Wait(DpiaTurn.Answer, deadlines);
        Record(new DpiaAdvised(Key, UseCaseKey, Advice, ContentHash, officer, now));
    }

    internal void AnswerAdvice(bool accepted, string reasons, DpiaDeadlines deadlines, Actor by, DateTimeOffset now)
    {
        Refuse.If(!IsAdvised, "not-advised", "There is no advice on the text as it stands.");
        Refuse.If(IsSignedOff, "nothing-changed", "This text is signed off, on the answer that was given.");
        DemandNotInLane();
        Refuse.If(AdvisedBy == by.Id.Value, "second-person-required", "You gave this advice, so somebody else answers it.");
        Refuse.If(!accepted && string.IsNullOrWhiteSpace(reasons) || reasons.Length > TextLength, "reason-required", $"Advice is overruled with reasons, in at most {TextLength:N0} characters.");
        (AdviceAccepted, Answer, AnsweredBy, AnsweredByName) = (accepted, reasons.Trim(), by.Id.Value, by.Name);
        Wait(DpiaTurn.Signature, deadlines);
        Record(new DpiaAdviceAnswered(Key, UseCaseKey, accepted, Answer, ContentHash, by, now));
    }

    internal void SignOff(DpiaTemplate template, Proposal proposal, DateOnly reviewOn, DateOnly today, string contentHash, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.DecideReviews);
        // The officer advises and never accepts the risk (Article 38(6)).
        Refuse.If(!by.Is(Role.Risk) && (!by.Is(Role.CoeLead) || Draft.ResidualRisk is RiskLevel.High), "not-your-function", "Risk accepts what remains; a CoE lead may while it is not high.");
        Refuse.If(Editors.Contains(by.Id.Value), "own-dpia", "You wrote on this assessment, so somebody else signs it off.");
        DemandReady(template, proposal, contentHash);
        Refuse.If(NeedsLane, "lane-required", $"A high risk is left, which no single person accepts: ask for the review of {Key}, and Legal, Security, Privacy and Risk decide.");
        Refuse.If(AdvisedBy == by.Id.Value, "second-person-required", "You gave the advice, so somebody else signs off.");
        Refuse.If(reviewOn <= today || reviewOn > today.AddDays(template.ReviewWithinDays), "review-date", $"It is looked at again within {template.ReviewWithinDays} days.");
        Freeze(proposal, reviewOn, by, now);
    }

    /// <summary>What its lane is asked: this very text, complete and with its advice answered.</summary>
    /// <param name="required">Whom the workflow asks in any case.</param>
    internal ReviewQuestion AskReview(DpiaTemplate template, Proposal proposal, IEnumerable<Role> required, string contentHash, Actor by)
    {
        DemandReady(template, proposal, contentHash);
        Refuse.If(Draft.Outcome is not ScreeningOutcome.Required, "no-review-needed", "That no assessment is required, or that another holds, is signed off by one person.");
        Wait(DpiaTurn.Review, null);
        Touch();
        var functions = NeedsLane ? required.Append(Role.Privacy) : required;
        // Risk accepts last.
        return new ReviewQuestion(ReviewTopic.Dpia, Id, Key, ContentHash, [.. functions.Distinct().OrderBy(f => f is Role.Risk)], [.. Editors.Append(by.Id.Value).Distinct()]);
    }

    /// <summary>Its lane has ended, however.</summary>
    internal void SettleReview(ApprovalRound round, DpiaTemplate template, Proposal proposal, DateOnly today, Actor by, DateTimeOffset now)
    {
        if (WaitsFor is not DpiaTurn.Review)
        {
            // Its text changed while its lane stood still: whatever becomes of the lane, it has ended.
            return;
        }

        Wait(null, null);
        if (round.Status is not RoundStatus.Approved)
        {
            Touch();
            return;
        }

        DemandReady(template, proposal, round.ContentHash);
        // The officer advises and never accepts the risk (Article 38(6)).
        Refuse.If(round.Decisions.Any(d => d.Function is Role.Risk && d.Signatories.Contains(AdvisedBy!)), "second-person-required", "You gave the advice, so another person of Risk accepts what remains.");
        Freeze(proposal, today.AddDays(template.ReviewWithinDays), by, now);
    }

    /// <summary>Those who are waited for, and the CoE lead, are told once more. Nothing is ever decided by time.</summary>
    internal void Overdue(DateTimeOffset? again, Actor by, DateTimeOffset now)
    {
        (OverdueLevel, TellAt) = (OverdueLevel + 1, again);
        Record(new DpiaOverdue(Key, UseCaseKey, WaitsFor!.Value, OverdueLevel, DueAt!.Value, by, now));
    }

    internal void TellReview()
    {
        IsReviewTold = true;
        Touch();
    }

    private void Wait(DpiaTurn? step, DpiaDeadlines? deadlines) => (WaitsFor, DueAt, TellAt, OverdueLevel) = (step, deadlines?.DueAt, deadlines?.TellAt, 0);

    private void DemandReady(DpiaTemplate template, Proposal proposal, string contentHash)
    {
        DemandSame(contentHash);
        Refuse.If(IsSignedOff, "nothing-changed", "This text is signed off already.");
        DemandNotInLane();
        Refuse.If(Draft.Outcome is ScreeningOutcome.Open, "screening-open", "Say first whether an assessment is required.");
        Refuse.If(Draft.Outcome is not ScreeningOutcome.Required && string.IsNullOrWhiteSpace(Draft.OutcomeReason), "reason-required", "Say why it is not required, or on which assessment it relies.");
        Refuse.If(Draft.Outcome is ScreeningOutcome.NotRequired && Draft.Criteria.Count >= 2, "criteria-say-otherwise", $"{Draft.Criteria.Count} of the nine criteria hold; two normally mean that an assessment is required.");
        if (Draft.Outcome is ScreeningOutcome.Required)
        {
            DemandComplete(template, DpiaFacts.AsksForFria(proposal, Draft.IsPublicService));
        }

        Refuse.If(!IsAdvised || AdviceAccepted is null, "advice-open", "The data protection officer's advice on this text is missing, or nobody has accepted or overruled it.");
    }

    private void DemandNotInLane() => Refuse.If(WaitsFor is DpiaTurn.Review, "in-review", $"The lane of {Key} decides on this text. A change of the text ends that.");

    private void Freeze(Proposal proposal, DateOnly reviewOn, Actor by, DateTimeOffset now)
    {
        (LatestVersion, IsSignedOff, ReviewOn, SignedFacts, ReopenedBecause, Editors) = (LatestVersion + 1, true, reviewOn, DpiaFacts.Material(proposal), "", []);
        IsReviewTold = false;
        Wait(null, null);
        _versions.Add(DpiaVersion.Freeze(this, LatestVersion, reviewOn, by, now));
        Record(new DpiaSignedOff(Key, UseCaseKey, LatestVersion, ContentHash, Draft.ResidualRisk, reviewOn, by, now));
    }

    private void DemandComplete(DpiaTemplate template, bool fria)
    {
        var open = template.StepsFor(fria).SelectMany(s => s.Fields).Where(f => f.Required && string.IsNullOrWhiteSpace(Draft.Answer(f.Id))).Select(f => f.Title).ToList();
        Refuse.If(open.Count > 0, "dpia-incomplete", $"Still open: {string.Join("; ", open.Take(5))}{(open.Count > 5 ? $" and {open.Count - 5} more" : "")}.");
        Refuse.If(Draft.Risks.Count == 0 || Draft.Risks.Any(r => string.IsNullOrWhiteSpace(r.Title)), "risk-required", "Name at least one risk to people, and what each is.");
        Refuse.If(Draft.Risks.Any(r => r.Level is not RiskLevel.Low && string.IsNullOrWhiteSpace(r.Measure)), "measure-required", "Each medium or high risk needs a measure.");
        Refuse.If(Draft.ResidualRisk is RiskLevel.High && string.IsNullOrWhiteSpace(Draft.PriorConsultation), "consult-the-authority", "A high risk is left: Article 36 asks to consult the authority first. Say what came of it.");
    }

    private void DemandSame(string contentHash) => Refuse.If(contentHash != ContentHash, "content-changed", $"{Key} changed since you opened it. Look again.");

    private void Take(DpiaContent content, DateTimeOffset now) => (Draft, ContentHash, ChangedAt) = (content, content.HashOf(Key, UseCaseKey), now);
}
