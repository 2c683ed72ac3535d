using CoEPortal.Governance.StageGates;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.UseCases;

internal static class StageGateWords
{
    public static State Of(StageGateState state) => state switch
    {
        StageGateState.Open => new("Not answered yet", "edit_note", Tone.Info),
        StageGateState.Waits => new("Waits for a decision", "schedule", Tone.Warning),
        StageGateState.Passed => new("Passed", "check", Tone.Good),
        StageGateState.NotPassed => new("Not passed", "undo", Tone.Warning),
        StageGateState.Killed => new("Killed", "block", Tone.Bad),
        StageGateState.NotAsked => new("Not asked", "remove", Tone.Neutral),
        _ => new("Not reached", "remove", Tone.Neutral),
    };

    public static StageGateState StateOf(StageGateOutcome? outcome) => outcome switch
    {
        StageGateOutcome.Passed => StageGateState.Passed,
        StageGateOutcome.NotPassed => StageGateState.NotPassed,
        StageGateOutcome.Killed => StageGateState.Killed,
        _ => StageGateState.Waits,
    };
}
