using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;

namespace CoEPortal.Governance.KillSwitches;

public enum SwitchMode
{
    Stop,

    /// <summary>Only the named fallback model answers.</summary>
    Degrade,

    /// <summary>A prompt or an index goes back to a version that was approved before.</summary>
    Rollback,
}

/// <summary>What somebody wants who engages a switch.</summary>
/// <param name="Mode">How far it goes.</param>
/// <param name="Reason">For the audit log and for those who release it; at most 1,000 characters.</param>
/// <param name="Message">What people who used it are told, e.g. what to do instead.</param>
/// <param name="Evidence">What shows that it was right: words or a link.</param>
/// <param name="FallbackModel">The model that answers meanwhile; with <see cref="SwitchMode.Degrade"/> only.</param>
/// <param name="Rollback">Where a prompt or an index goes back to; with <see cref="SwitchMode.Rollback"/> only.</param>
public sealed record Engagement(
    SwitchMode Mode, string Reason, string Message = "", string Evidence = "", string? FallbackModel = null, VersionPointer? Rollback = null)
{
    public const int LongestText = 1000;

    /// <summary>The same without spaces around it, if it says all it has to.</summary>
    internal Engagement Checked()
    {
        Refuse.If(string.IsNullOrWhiteSpace(Reason), "reason-required", "Say why, so that those who release it know what to look for.");
        Refuse.If(Reason.Length > LongestText || Message.Length > LongestText || Evidence.Length > LongestText,
            "reason-too-long", $"Write at most {LongestText:N0} characters.");
        var fallback = FallbackModel?.Trim();
        Refuse.If(Mode is SwitchMode.Degrade && fallback is null or "", "fallback-required", "Name the model that answers meanwhile, or stop instead.");
        Refuse.If(fallback?.Length > 200 || fallback?.Any(c => c is < '!' or > '~') == true, "fallback-unusable", "Name the fallback model in at most 200 printable characters without spaces.");
        Refuse.If(Mode is SwitchMode.Rollback && Rollback is null, "version-required", "Name the prompt or index and the approved version it goes back to, or stop instead.");
        Refuse.If(Mode is SwitchMode.Rollback && Rollback!.Component is Component.Model, "rollback-of-a-model", "A model does not go back: degrade to the fallback model instead.");
        return this with
        {
            Reason = Reason.Trim(),
            Message = Message.Trim(),
            Evidence = Evidence.Trim(),
            FallbackModel = Mode is SwitchMode.Degrade ? fallback : null,
            Rollback = Mode is SwitchMode.Rollback ? Rollback : null,
        };
    }
}
