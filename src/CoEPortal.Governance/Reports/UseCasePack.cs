using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.StageGates;
using CoEPortal.Workflows;

namespace CoEPortal.Governance.Reports;

/// <summary>Everything the portal knows of one use case at one moment: what an audit PDF prints and attaches.</summary>
/// <param name="CollectedAt">By the portal's clock.</param>
/// <param name="UseCase">With all its revisions.</param>
/// <param name="Articles">What the articles that revisions name say, by the rules that judged them.</param>
/// <param name="Rounds">Oldest first, with their decisions.</param>
/// <param name="Bindings">Oldest first, removed ones included.</param>
/// <param name="Usage">Null when no call was ever reported.</param>
/// <param name="Budgets">Every window of every budget of every revision in which something was spent, newest first.</param>
/// <param name="Switches">Each time a switch over this use case was engaged, oldest first.</param>
/// <param name="Timeline">Newest first, at most <see cref="CollectAuditPack.MostTimelineEntries"/>.</param>
/// <param name="TimelineLength">How many there are.</param>
/// <param name="Events">Every event of every subject that the timeline and the switches name; each subject's in order.</param>
public sealed partial record UseCasePack(
    DateTimeOffset CollectedAt,
    UseCase UseCase,
    IReadOnlyDictionary<(string RulesVersion, string Ref), Article> Articles,
    IReadOnlyList<ApprovalRound> Rounds,
    IReadOnlyList<CredentialBinding> Bindings,
    PackUsage? Usage,
    IReadOnlyList<PackBudget> Budgets,
    IReadOnlyList<SwitchPeriod> Switches,
    IReadOnlyList<TimelineEntry> Timeline,
    int TimelineLength,
    IReadOnlyList<TimelineEntry> Events)
    : AuditPack(new UseCaseSubject(UseCase.Key), CollectedAt, Timeline, TimelineLength, Events)
{
    /// <summary>The workflows of the newest rounds, by round.</summary>
    public IReadOnlyDictionary<Guid, PackLane> Lanes { get; init; } = new Dictionary<Guid, PackLane>();

    /// <summary>What decisions asked of whom, oldest first.</summary>
    public IReadOnlyList<ConditionFollowUp> FollowUps { get; init; } = [];

    /// <summary>How the judgement was set aside, oldest first.</summary>
    public IReadOnlyList<JudgementOverride> Overrides { get; init; } = [];

    /// <summary>What was answered and decided at the stage gates, in their order.</summary>
    public IReadOnlyList<StageGateAnswer> StageGates { get; init; } = [];

    /// <summary>What vouches for it beside the decisions.</summary>
    public required PackAssurance Assurance { get; init; }

    /// <summary>What was measured against the baseline.</summary>
    public required Portfolio.Effect Effect { get; init; }

    public IReadOnlyList<UseCaseRevision> Revisions => [.. UseCase.Revisions.OrderBy(r => r.Number)];

    public UseCaseRevision? Approved => UseCase.Revisions.FirstOrDefault(r => r.Number == UseCase.ApprovedRevision);

    /// <summary>The revision a reader is shown in full: the one in force, or the newest when none is.</summary>
    public UseCaseRevision Shown => Approved ?? Revisions[^1];
}

/// <summary>The workflow that ran a round, where it is or how it ended, and whom it asked.</summary>
public sealed record PackLane(WorkflowDefinition Definition, InstanceView View, IReadOnlyList<ReviewTask> Tasks);

/// <summary>What of a budget was spent in one window.</summary>
public sealed record PackBudget(
    int Revision, int Number, KillCriterion Criterion, DateTimeOffset WindowStart, decimal Spent, DateTimeOffset? BreachedAt, string? BreachedBy);
