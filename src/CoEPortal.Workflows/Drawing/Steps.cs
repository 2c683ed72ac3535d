using System.Collections.Immutable;
using CoEPortal.Workflows.Drawing;

namespace CoEPortal.Workflows;

/// <summary>
/// The workflow as a numbered list of sentences in reading order: everything the drawing says, for those who do not see
/// it. A task and the decision on its answer are one step.
/// </summary>
public static class Steps
{
    public static ImmutableArray<Step> Of(WorkflowDefinition definition) => new StepTelling(definition).Tell();
}

/// <param name="Number">From one; what other steps refer to.</param>
/// <param name="ActivityIds">One activity, or a task and the decision on its answer.</param>
/// <param name="Does">What happens here, as a sentence without its full stop.</param>
/// <param name="Ways">Where it goes on, in file order; empty where it ends.</param>
public sealed record Step(
    int Number, ImmutableArray<string> ActivityIds, NodeKind Kind, string Title, string Does, ImmutableArray<StepWay> Ways)
{
    /// <summary>The whole step: "Legal decides within 5 working days; approved → All have approved (step 9); otherwise → …".</summary>
    public string Sentence => $"{string.Join("; ", [Does, .. Ways.Select(w => w.ToString())])}.";
}

/// <param name="Label">When this way is taken; null when it always is.</param>
/// <param name="IsBackward">The way leads back to an earlier step.</param>
public sealed record StepWay(string? Label, string ActivityId, string Title, int Number, bool IsBackward)
{
    public override string ToString() =>
        $"{(Label is null ? "" : Label + " ")}→ {(IsBackward ? "back to " : "")}{Title} (step {Number})";
}
