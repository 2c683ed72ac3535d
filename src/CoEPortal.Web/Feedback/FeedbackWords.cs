using CoEPortal.Governance.Feedback;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Feedback;

/// <summary>Opinions, fixes and states of feedback in words.</summary>
public static class FeedbackWords
{
    public static IReadOnlyList<Choice<FeedbackFix>> Fixes { get; } =
    [
        new(FeedbackFix.Prompt, "Prompt", "What the model is told"),
        new(FeedbackFix.Retrieval, "Retrieval", "What it finds and reads"),
        new(FeedbackFix.Tool, "Tool", "What it calls"),
        new(FeedbackFix.Ui, "UI", "What people see"),
    ];

    public static string Of(FeedbackFix fix) => Fixes.Single(f => f.Value == fix).Title;

    public static State Of(Opinion opinion) => opinion switch
    {
        Opinion.Negative => new("Negative", "thumb_down", Tone.Bad),
        Opinion.Positive => new("Positive", "thumb_up", Tone.Good),
        _ => new("Neutral", "thumbs_up_down", Tone.Neutral),
    };

    public static State Of(UserFeedback feedback) => feedback.State switch
    {
        FeedbackState.New => new("To triage", "inbox", Tone.Info),
        FeedbackState.Triaged => new(Of(feedback.Fix!.Value), "label", Tone.Warning),
        _ => new("Done", "task_alt", Tone.Good),
    };
}
