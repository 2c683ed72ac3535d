using System.Globalization;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.KillSwitches;

/// <summary>Rehearsals as pages, reports and the timeline say them.</summary>
public static class DrillWords
{
    public static State Of(DrillOutcome outcome) => outcome switch
    {
        DrillOutcome.Met => new("In time", "check_circle", Tone.Good),
        DrillOutcome.Missed => new("Late", "schedule", Tone.Warning),
        _ => new("Not everywhere", "error", Tone.Bad),
    };

    /// <summary>Drill of the canary … held everywhere in time.</summary>
    public static string Ended(DrillOutcome outcome) => outcome switch
    {
        DrillOutcome.Met => "held everywhere in time",
        DrillOutcome.Missed => "held everywhere, but late",
        _ => "was not confirmed everywhere",
    };

    /// <summary>Who started it; the schedule is no person.</summary>
    public static string StartedBy(Drill drill) => drill.StartedByName == StartDrill.Schedule.Name ? "the schedule" : drill.StartedByName;

    /// <summary>Nothing where it did not hold everywhere, whatever those took who confirmed.</summary>
    public static string Everywhere(Drill drill) => drill.Outcome is DrillOutcome.Incomplete ? InWords.Missing : Took(drill.Times.Everywhere);

    /// <summary>180 ms, 1.25 s: below a second, what matters are milliseconds.</summary>
    public static string Took(TimeSpan? span) => span switch
    {
        null => InWords.Missing,
        { TotalSeconds: < 1 } brief => brief.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "\u202fms",
        { } longer => InWords.Duration(longer),
    };

    public static string Took(double milliseconds) => Took(TimeSpan.FromMilliseconds(milliseconds));
}
