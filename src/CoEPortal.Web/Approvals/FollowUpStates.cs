using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>How far a condition is, as a badge.</summary>
public static class FollowUpStates
{
    public static State Of(FollowUpRow row) => row.FollowUp.State switch
    {
        FollowUpState.Pending => new("After approval", "schedule", Tone.Neutral),
        FollowUpState.Void => States.Void,
        FollowUpState.Met => new("Met", "check", Tone.Good),
        FollowUpState.Reported => new("Reported", "rule", Tone.Info),
        _ when row.IsOverdue => new("Overdue", "alarm", Tone.Bad),
        _ => new("Open", "schedule", Tone.Warning),
    };
}
