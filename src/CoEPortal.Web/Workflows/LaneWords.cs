using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.UseCases;
using CoEPortal.Workflows;

namespace CoEPortal.Web.Workflows;

/// <summary>Running and ended reviews in the words of their pages.</summary>
public static class LaneWords
{
    public static State Of(LaneRow row) => Of(row.Status is LaneStatus.Faulted, row.RoundStatus);

    public static State Of(LaneSheet sheet) => Of(sheet.Instance.IsFaulted, sheet.Round.Status);

    /// <summary>What an operator may do: a review whose round has ended is past changing.</summary>
    public static bool IsOpen(LaneSheet sheet) => sheet.Round.Status is RoundStatus.Open or RoundStatus.Disputed;

    /// <summary>"2 workflow files refused"; a lane that the rules name without a workflow for it is no file.</summary>
    public static string OfRefused(IReadOnlyList<RefusedWorkflow> refused)
    {
        var files = refused.Where(r => r.Rule is not ("lane-not-published" or "lane-functions-differ")).Select(r => r.File).Distinct().Count();
        return files == 0 ? "The triage rules and the workflows do not agree" : $"{InWords.Count(files, "workflow file")} refused";
    }

    public static string Name(LaneStatus status) => status switch
    {
        LaneStatus.Faulted => "Failed",
        LaneStatus.Finished => "Ended",
        _ => status.ToString(),
    };

    public static string Name(ActivityEvent happened) => happened switch
    {
        ActivityEvent.Suspended => "waits",
        ActivityEvent.Resumed => "goes on",
        ActivityEvent.Canceled => "withdrawn",
        ActivityEvent.Faulted => "failed",
        _ => happened.ToString().ToLowerInvariant(),
    };

    /// <summary>By activity, who holds its task since when, or who decided it.</summary>
    /// <param name="day">Writes an instant where there is little room.</param>
    /// <param name="when">Writes it where there is enough.</param>
    public static Dictionary<string, ActivityCaption> Captions(
        IReadOnlyList<ReviewTask> tasks, IReadOnlyCollection<Decision> decisions, Func<DateTimeOffset, string> day, Func<DateTimeOffset, string> when) =>
        tasks.GroupBy(ActivityOf).ToDictionary(g => g.Key, g => g.MaxBy(t => t.OpenedAt)!)
            .Select(t => (Activity: t.Key, Caption: CaptionOf(t.Value, decisions, day, when)))
            .Where(t => t.Caption is not null).ToDictionary(t => t.Activity, t => t.Caption!);

    /// <summary>A bookmark is called by its activity and how often that has waited.</summary>
    public static string ActivityOf(ReviewTask task) => task.BookmarkId[..task.BookmarkId.LastIndexOf('#')];

    /// <summary>The decision a task was closed by.</summary>
    public static Decision? DecisionOn(ReviewTask task, IEnumerable<Decision> decisions) => task.State is TaskState.Decided
        ? decisions.Where(d => d.Function == task.Function && d.DecidedAt >= task.OpenedAt).MinBy(d => d.DecidedAt)
        : null;

    private static ActivityCaption? CaptionOf(
        ReviewTask task, IReadOnlyCollection<Decision> decisions, Func<DateTimeOffset, string> day, Func<DateTimeOffset, string> when) => task.State switch
        {
            TaskState.Open when task.AssigneeName is { } holder => new(
                $"{holder}, {day(task.ClaimedAt ?? task.OpenedAt)}", $"Held by {holder} since {when(task.ClaimedAt ?? task.OpenedAt)}"),
            TaskState.Open => new($"Nobody, since {day(task.OpenedAt)}", $"Nobody has taken it, asked {when(task.OpenedAt)}"),
            TaskState.Decided when DecisionOn(task, decisions) is { } decision => new(
                $"{(decision.Approves ? "" : $"{UseCaseWords.Of(decision.Kind).Word}: ")}{decision.PersonName}, {day(decision.DecidedAt)}",
                $"{UseCaseWords.Of(decision.Kind).Word} by {decision.PersonName}{(decision.OnBehalfOfName is { } other ? $" for {other}" : "")}, {when(decision.DecidedAt)}"),
            _ => null,
        };

    private static State Of(bool isFaulted, RoundStatus round) => round switch
    {
        RoundStatus.Open when isFaulted => States.Fail with { Word = "Stopped at an error", Icon = "error" },
        RoundStatus.Open => States.Running,
        _ => UseCaseWords.Of(round),
    };
}
