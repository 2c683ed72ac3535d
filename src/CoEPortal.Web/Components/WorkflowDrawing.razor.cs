using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Components;

/// <summary>
/// A workflow as it is laid out by <see cref="Diagram"/>, and with a view where an instance of it is. Made on the server,
/// so that it prints without a script. Each state differs by sign and line as well as by colour.
/// </summary>
public sealed partial class WorkflowDrawing : ComponentBase
{
    private static readonly Dictionary<string, ActivityCaption> None = [];

    private Diagram _diagram = default!;
    private WorkflowDefinition? _drawn;
    private IReadOnlyList<DiagramEdge> _edges = [];

    [Parameter, EditorRequired]
    public WorkflowDefinition Definition { get; set; } = default!;

    /// <summary>Null: the definition as such.</summary>
    [Parameter]
    public InstanceView? View { get; set; }

    /// <summary>By activity: who holds it, since when.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, ActivityCaption> Captions { get; set; } = None;

    protected override void OnParametersSet()
    {
        if (_drawn != Definition)
        {
            (_diagram, _drawn) = (Diagram.Of(Definition), Definition);
        }

        // What was taken lies on top where lines share their way.
        _edges = View is null ? _diagram.Edges : [.. _diagram.Edges.OrderBy(View.IsFollowed)];
    }

    private string WayCss(DiagramEdge edge) =>
        $"{(edge.IsBackward ? "back" : null)} {(View is null ? null : View.IsFollowed(edge) ? "followed" : "open")}".Trim();

    private static string Line(DiagramEdge edge) => "M" + string.Join('L', edge.Points.Select(p => $"{F(p.X)} {F(p.Y)}"));

    private static string Tip(DiagramEdge edge)
    {
        var (from, to) = (edge.Points[^2], edge.Points[^1]);
        var (dx, dy) = (Math.Sign(to.X - from.X), Math.Sign(to.Y - from.Y));
        return $"M{F(to.X)} {F(to.Y)}l{F(-7 * dx - 3.5 * dy)} {F(-7 * dy - 3.5 * dx)}l{F(7 * dy)} {F(7 * dx)}z";
    }

    private static string F(double length) => DiagramWords.F(length);
}
