namespace CoEPortal.Web.Components;

/// <summary>A state as everybody sees it: icon, word and tone together.</summary>
public sealed record State(string Word, string Icon, Tone Tone);

/// <summary>Every state the portal shows. Colour means something, so no page invents its own.</summary>
public static class States
{
    // lane
    public static State FastLane { get; } = new("Fast lane", "bolt", Tone.Good);

    public static State StandardLane { get; } = new("Standard lane", "arrow_forward", Tone.Info);

    public static State FullLane { get; } = new("Full lane", "account_tree", Tone.Warning);

    public static State NotAllowed { get; } = new("Not allowed", "block", Tone.Bad);

    // risk class
    public static State MinimalRisk { get; } = new("Minimal risk", "signal_cellular_alt_1_bar", Tone.Neutral);

    public static State LimitedRisk { get; } = new("Limited risk", "signal_cellular_alt_2_bar", Tone.Info);

    public static State HighRisk { get; } = new("High risk", "signal_cellular_alt", Tone.Warning);

    public static State Prohibited { get; } = new("Prohibited", "block", Tone.Bad);

    // kill switch
    public static State Running { get; } = new("Running", "play_arrow", Tone.Good);

    public static State HalfReleased { get; } = new("Release 1 of 2", "lock_open", Tone.Info);

    public static State RolledBack { get; } = new("Rolled back", "undo", Tone.Info);

    public static State Stopping { get; } = new("Stopping", "hourglass_top", Tone.Warning);

    public static State BaselineOnly { get; } = new("Baseline only", "south", Tone.Warning);

    public static State Stopped { get; } = new("Stopped", "stop_circle", Tone.Bad);

    // decision
    public static State Approved { get; } = new("Approved", "check", Tone.Good);

    public static State ChangesAsked { get; } = new("Changes asked", "edit_note", Tone.Info);

    public static State WaitingForYou { get; } = new("Waiting for you", "schedule", Tone.Warning);

    public static State Veto { get; } = new("Veto", "block", Tone.Bad);

    public static State Waiting { get; } = new("Waiting", "schedule", Tone.Neutral);

    public static State Void { get; } = new("Void", "history", Tone.Neutral);

    // gate
    public static State Pass { get; } = new("Pass", "check", Tone.Good);

    public static State OpenFinding { get; } = new("Open finding", "bug_report", Tone.Warning);

    public static State Fail { get; } = new("Fail", "close", Tone.Bad);

    public static State NotRun { get; } = new("Not run", "remove", Tone.Neutral);
}
