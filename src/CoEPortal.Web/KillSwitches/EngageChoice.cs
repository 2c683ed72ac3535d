using CoEPortal.Governance.Gates;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Web.KillSwitches;

/// <summary>How far a switch is to go, as the dialog has it so far.</summary>
public sealed record EngageChoice(SwitchMode Mode = SwitchMode.Stop, string? Fallback = null, VersionPointer? Rollback = null)
{
    /// <summary>What is still to be chosen; null when nothing is.</summary>
    public string? Missing => Mode switch
    {
        SwitchMode.Degrade when Fallback is null => "Choose the model that answers meanwhile.",
        SwitchMode.Rollback when Rollback is null => "Choose the version it goes back to.",
        _ => null,
    };

    /// <summary>What the red button does, of a target by its name.</summary>
    public string VerbOf(string what) => Mode switch
    {
        SwitchMode.Degrade => $"Let only {Fallback ?? "the fallback"} answer",
        SwitchMode.Rollback => $"Roll {what} back now",
        _ => $"Stop {what} now",
    };
}
