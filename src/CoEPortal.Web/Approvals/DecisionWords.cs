using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>A decision as the bar says it before and after it is recorded.</summary>
public static class DecisionWords
{
    /// <summary>What the comment is for; null before anything was chosen.</summary>
    public static string CommentFor(DecisionKind? chosen) => chosen switch
    {
        null => "Comment (needed unless you approve)",
        DecisionKind.Approve => "Comment, if there is something to say",
        DecisionKind.ApproveWithConditions => "Comment: why these conditions",
        DecisionKind.RequestChanges => "Comment: what has to change, and why",
        _ => "Comment: why this must not go ahead",
    };

    public static string Record(DecisionKind? chosen, int conditions) => chosen switch
    {
        DecisionKind.Veto => "Record veto",
        DecisionKind.RequestChanges => "Record request",
        DecisionKind.ApproveWithConditions => $"Record with {InWords.Count(Math.Max(1, conditions), "condition")}",
        _ => "Record approval",
    };

    public static string InPast(DecisionKind kind) => kind switch
    {
        DecisionKind.Veto => "vetoed",
        DecisionKind.RequestChanges => "sent back for changes",
        DecisionKind.ApproveWithConditions => "approved with conditions",
        _ => "approved",
    };
}
