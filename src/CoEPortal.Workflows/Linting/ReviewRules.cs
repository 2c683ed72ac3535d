using System.Text.Json;

namespace CoEPortal.Workflows.Linting;

/// <summary>What the payload of a review must say. It may be computed, so it is checked where a run asks for it.</summary>
internal static class ReviewRules
{
    private static readonly string[] Days = ["dueInWorkingDays", "remindBeforeWorkingDays", "escalateAfterWorkingDays"];

    /// <returns>What is wrong and what to do, without its full stop; null when nothing is.</returns>
    public static string? FaultOf(Bookmark task)
    {
        if (ReviewPayload.From(task.Payload) is not { } review
            || review.Actions.IsEmpty
            || !review.Actions.All(a => LaneVocabulary.Actions.Contains(a)))
        {
            return $"The task '{task.ActivityId}' must say which 'function' is asked and which of {string.Join(", ", LaneVocabulary.Actions)} are its 'actions'";
        }

        if (Days.FirstOrDefault(d => !IsWholeDays(task.Payload!.Value.Member(d), least: d is "dueInWorkingDays" ? 1 : 0)) is { } wrong)
        {
            return $"'{wrong}' of the task '{task.ActivityId}' must be a whole number of working days";
        }

        if (review.DueInWorkingDays is null && (review.RemindBeforeWorkingDays ?? review.EscalateAfterWorkingDays) is not null)
        {
            return $"The task '{task.ActivityId}' reminds or escalates without a deadline. Add 'dueInWorkingDays'";
        }

        return review.RemindBeforeWorkingDays >= review.DueInWorkingDays
            ? $"The task '{task.ActivityId}' would remind before it is asked. Make 'remindBeforeWorkingDays' smaller than 'dueInWorkingDays'"
            : null;
    }

    private static bool IsWholeDays(JsonElement? days, int least) =>
        days is null || (days.Value.ValueKind is JsonValueKind.Number && days.Value.TryGetInt32(out var number) && number >= least && number <= 1_000);
}
