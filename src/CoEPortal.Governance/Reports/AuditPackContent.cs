using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.Telemetry;
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
/// <param name="Timeline">Newest first, at most <see cref="AuditPackContents.MostTimelineEntries"/>.</param>
/// <param name="TimelineLength">How many there are.</param>
/// <param name="Events">Every event of every subject that the timeline and the switches name; each subject's in order.</param>
public sealed partial record AuditPackContent(
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
{
    /// <summary>The workflows of the newest rounds, by round.</summary>
    public IReadOnlyDictionary<Guid, PackLane> Lanes { get; init; } = new Dictionary<Guid, PackLane>();

    /// <summary>What decisions asked of whom, oldest first.</summary>
    public IReadOnlyList<ConditionFollowUp> FollowUps { get; init; } = [];

    /// <summary>Where the events stand in the audit log; null where none is kept.</summary>
    public PackLog? Log { get; init; }

    public IReadOnlyList<UseCaseRevision> Revisions => [.. UseCase.Revisions.OrderBy(r => r.Number)];

    public UseCaseRevision? Approved => UseCase.Revisions.FirstOrDefault(r => r.Number == UseCase.ApprovedRevision);

    /// <summary>The revision a reader is shown in full: the one in force, or the newest when none is.</summary>
    public UseCaseRevision Shown => Approved ?? Revisions[^1];
}

/// <summary>The newest checkpoint, and the proof of each event under it.</summary>
/// <param name="Extends">Checkpoints that earlier reports of the use case carry, with the proof that the log only grew since.</param>
public sealed record PackLog(
    long Size, ContentHash Root, DateTimeOffset SignedAt, string Note, IReadOnlyList<BundleEntry> Entries, IReadOnlyList<BundleExtension> Extends);

/// <summary>The workflow that ran a round, where it is or how it ended, and whom it asked.</summary>
public sealed record PackLane(WorkflowDefinition Definition, InstanceView View, IReadOnlyList<ReviewTask> Tasks);

/// <summary>What was used from the first to the last minute in which a call was reported.</summary>
/// <param name="Unit"><c>day</c>, or <c>month</c> when there are too many days to look at.</param>
/// <param name="Points">Oldest first, only those with calls; starts are the organisation's midnights.</param>
public sealed record PackUsage(
    DateTimeOffset FirstMinute, DateTimeOffset LastMinute, Usage Total, string Unit, IReadOnlyList<UsagePoint> Points);

/// <summary>What of a budget was spent in one window.</summary>
public sealed record PackBudget(
    int Revision, int Number, KillCriterion Criterion, DateTimeOffset WindowStart, decimal Spent, DateTimeOffset? BreachedAt, string? BreachedBy);

/// <summary>A switch was engaged and, if it was, released again by two people.</summary>
public sealed record SwitchPeriod(
    string Scope, string Target, string Mode, TimelineEntry Engaged, TimelineEntry? FirstRelease, TimelineEntry? Released)
{
    public TimeSpan? Lasted => Released?.OccurredAt - Engaged.OccurredAt;

    /// <summary>Pairs each engagement of a switch with the release that ended it.</summary>
    public static IReadOnlyList<SwitchPeriod> Of(IEnumerable<TimelineEntry> events)
    {
        var periods = new List<SwitchPeriod>();
        foreach (var killSwitch in events.Where(e => e.SubjectType == "kill-switch").GroupBy(e => e.SubjectKey))
        {
            SwitchPeriod? open = null;
            foreach (var happened in killSwitch.OrderBy(e => e.SubjectVersion))
            {
                switch (happened.Action)
                {
                    case nameof(KillSwitchEngaged):
                        open = new SwitchPeriod(Text(happened, "scope"), Text(happened, "target"), Text(happened, "mode"), happened, null, null);
                        periods.Add(open);
                        break;
                    case nameof(KillSwitchReleaseStarted) when open is not null:
                        open = Replace(open, open with { FirstRelease = happened });
                        break;
                    case nameof(KillSwitchReleased) when open is not null:
                        Replace(open, open with { Released = happened });
                        open = null;
                        break;
                }
            }
        }

        return [.. periods.OrderBy(p => p.Engaged.OccurredAt)];

        SwitchPeriod Replace(SwitchPeriod old, SwitchPeriod with)
        {
            periods[periods.IndexOf(old)] = with;
            return with;
        }
    }

    public static string Text(TimelineEntry happened, string field) => (string?)happened.Details[field] ?? "";
}
