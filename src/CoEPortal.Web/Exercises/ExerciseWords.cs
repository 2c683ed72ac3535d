using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Exercises;

/// <summary>Exercises, their steps and findings in words.</summary>
public static class ExerciseWords
{
    public static State Of(ExerciseState state) => state switch
    {
        ExerciseState.Planned => new("Planned", "event", Tone.Info),
        ExerciseState.Running => new("Running", "play_arrow", Tone.Warning),
        ExerciseState.Ended => new("Ended", "task_alt", Tone.Good),
        _ => new("Cancelled", "cancel", Tone.Neutral),
    };

    public static State Of(ExerciseFinding finding, DateOnly today) => finding.State switch
    {
        ActionState.Open when finding.DueOn < today => new("Overdue", "event_busy", Tone.Bad),
        ActionState.Open => new("Open", "assignment", Tone.Info),
        ActionState.Done => new("To verify", "rule", Tone.Warning),
        ActionState.Verified => new("Verified", "task_alt", Tone.Good),
        _ => new("Dropped", "remove", Tone.Neutral),
    };

    public static Tone ToneOf(int score) => score >= 80 ? Tone.Good : score >= 50 ? Tone.Warning : Tone.Bad;

    /// <summary>After 12 min, in time; or by when it is expected.</summary>
    public static State Of(Exercise exercise, int number, DateTimeOffset now)
    {
        var expected = exercise.Played.Steps[number - 1];
        if (exercise.Steps.FirstOrDefault(s => s.Number == number) is { } done)
        {
            var after = done.DoneAt - exercise.StartedAt!.Value;
            return after.TotalMinutes <= expected.Within
                ? new($"After {InWords.Duration(after)}", "check", Tone.Good)
                : new($"After {InWords.Duration(after)}, late", "schedule", Tone.Warning);
        }

        return exercise switch
        {
            { State: ExerciseState.Ended } => new("Not done", "close", Tone.Bad),
            { State: ExerciseState.Running, StartedAt: { } start } when now > start.AddMinutes(expected.Within) => new("Late", "timer_off", Tone.Bad),
            _ => new($"Within {InWords.Number(expected.Within)} min", "timer", Tone.Neutral),
        };
    }
}
