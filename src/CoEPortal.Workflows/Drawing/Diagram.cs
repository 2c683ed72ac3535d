using System.Collections.Immutable;
using CoEPortal.Workflows.Drawing;

namespace CoEPortal.Workflows;

/// <summary>
/// A workflow laid out for drawing: plain numbers in pixels, origin at the top left, for a page to turn into SVG.
/// The author's arrangement is kept where every activity has a place of its own; otherwise the workflow is laid out in
/// layers from left to right. The same definition always gives the same diagram.
/// </summary>
/// <param name="Nodes">Every activity, in reading order.</param>
/// <param name="Edges">Every connection between two existing activities, in file order.</param>
public sealed record Diagram(double Width, double Height, ImmutableArray<DiagramNode> Nodes, ImmutableArray<DiagramEdge> Edges)
{
    public static Diagram Of(WorkflowDefinition definition) => new DiagramLayout(definition).Draw();
}

/// <summary>The shape of a node.</summary>
public enum NodeKind
{
    Start,
    End,
    Task,
    Event,
    Decision,
    Fork,
    Join,
    Step,
}

/// <param name="TitleLines">The title broken to the width of the node at 12 px; of small nodes empty.</param>
/// <param name="Subtitle">The function and its deadline, the outcome of an End, how a join waits; null when there is nothing to add.</param>
/// <param name="IsSmall">Plumbing such as SetVariable: drawn as a dot, its title only a tooltip.</param>
/// <param name="Outcome">On an End: the outcome every run that arrives here has; null when the file does not fix it.</param>
public sealed record DiagramNode(
    string ActivityId,
    string Type,
    NodeKind Kind,
    double X,
    double Y,
    double Width,
    double Height,
    string Title,
    ImmutableArray<string> TitleLines,
    string? Subtitle,
    bool IsSmall,
    string? Outcome);

/// <param name="Label">What the way says, for example "changes requested"; null for an only way.</param>
/// <param name="Points">Corners of an orthogonal line, from the source to the tip of the arrow.</param>
/// <param name="LabelAt">Left end of the label's base line.</param>
/// <param name="IsBackward">A loop: drawn against the reading direction.</param>
public sealed record DiagramEdge(
    string Source,
    string SourcePort,
    string Target,
    string? Label,
    ImmutableArray<DiagramPoint> Points,
    DiagramPoint LabelAt,
    bool IsBackward);

public readonly record struct DiagramPoint(double X, double Y);
