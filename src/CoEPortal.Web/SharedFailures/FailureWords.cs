using CoEPortal.Governance.SharedFailures;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.SharedFailures;

/// <summary>Kinds and states of shared failures in words.</summary>
internal static class FailureWords
{
    public static IReadOnlyList<Choice<FailureKind>> Kinds { get; } =
    [
        new(FailureKind.Prompt, "Prompt", "What the model is told"),
        new(FailureKind.Retrieval, "Retrieval", "What it finds and reads"),
        new(FailureKind.Tool, "Tool", "What it calls"),
        new(FailureKind.Ui, "UI", "What people see"),
        new(FailureKind.Model, "Model", "What it makes of all that"),
    ];

    public static string Of(FailureKind kind) => Kinds.Single(k => k.Value == kind).Title;

    public static State Of(FailureState state) => state switch
    {
        FailureState.Waiting => new("Waits", "hourglass_top", Tone.Warning),
        FailureState.Published => new("Published", "publish", Tone.Good),
        _ => new("Withdrawn", "undo", Tone.Neutral),
    };
}
