using System.Collections.Immutable;

namespace CoEPortal.Workflows.Drawing;

/// <summary>
/// Columns as wide as their widest node, rows as high as their highest, gaps as wide as the lines that pass through
/// them need. Vertical parts of lines run only in gaps between columns, horizontal ones in free cells or between rows,
/// so that no line crosses a node.
/// </summary>
internal sealed class DiagramLayout
{
    private const double Margin = 16;

    private readonly ImmutableArray<NodeShape> _shapes;
    private readonly Dictionary<string, NodeShape> _shapeOf;
    private readonly IReadOnlyDictionary<string, Cell> _cells;
    private readonly ImmutableArray<Route> _routes;
    private readonly Channels _gaps;
    private readonly Channels _corridors;
    private readonly double[] _left;
    private readonly double[] _columnWidth;
    private readonly double[] _top;
    private readonly double[] _rowHeight;

    public DiagramLayout(WorkflowDefinition definition)
    {
        _cells = Grid.Of(definition);
        _shapes = [.. ReadingOrder.Of(definition).Select(a => new NodeShape(definition, a, _cells))];
        _shapeOf = _shapes.ToDictionary(s => s.Activity.Id, StringComparer.Ordinal);
        var (columns, rows) = (_cells.Values.Select(c => c.Column + 1).DefaultIfEmpty(0).Max(), _cells.Values.Select(c => c.Row + 1).DefaultIfEmpty(0).Max());
        (_columnWidth, _rowHeight) = (new double[columns], new double[rows]);
        foreach (var shape in _shapes)
        {
            var cell = _cells[shape.Activity.Id];
            _columnWidth[cell.Column] = Math.Max(_columnWidth[cell.Column], shape.Width);
            _rowHeight[cell.Row] = Math.Max(_rowHeight[cell.Row], shape.Height);
        }

        var router = new Router(definition, _cells);
        _routes = router.Routes;
        _gaps = new Channels(router.Gaps, columns, least: 20, pitch: 8);
        _corridors = new Channels(router.Corridors, rows, least: 24, pitch: 6);
        _left = _gaps.Accumulate(Margin, _columnWidth);
        _top = _corridors.Accumulate(Margin, _rowHeight);
    }

    public Diagram Draw() => new(
        (_left.Length > 0 ? _left[^1] + _columnWidth[^1] + _gaps.WidthAfter(_left.Length - 1) : 0) + Margin,
        (_top.Length > 0 ? _top[^1] + _rowHeight[^1] + _corridors.WidthAfter(_top.Length - 1) : 0) + Margin,
        [.. _shapes.Select(Node)],
        [.. _routes.Select(Edge)]);

    private DiagramNode Node(NodeShape shape)
    {
        var (x, y) = TopLeft(shape);
        return new DiagramNode(
            shape.Activity.Id, shape.Activity.Type, shape.Kind, x, y, shape.Width, shape.Height, shape.Title, shape.TitleLines, shape.Subtitle,
            shape.IsSmall, shape.Outcome);
    }

    private (double X, double Y) TopLeft(NodeShape shape)
    {
        var cell = _cells[shape.Activity.Id];
        return (
            _left[cell.Column] + (_columnWidth[cell.Column] - shape.Width) / 2,
            _top[cell.Row] + (_rowHeight[cell.Row] - shape.Height) / 2);
    }

    private DiagramEdge Edge(Route route)
    {
        var (source, target) = (_shapeOf[route.Connection.Source], _shapeOf[route.Connection.Target]);
        var (from, to) = (TopLeft(source), TopLeft(target));
        var exit = new DiagramPoint(from.X + source.Width, from.Y + source.Height / 2 + source.OffsetOf(route.Connection.SourcePort));
        var entry = new DiagramPoint(to.X, to.Y + target.Height / 2);
        List<DiagramPoint> points = [exit];
        if (route.FirstGap is { } first)
        {
            points.Add(new DiagramPoint(GapTrack(first), exit.Y));
            var between = route.Corridor is { } corridor ? CorridorTrack(corridor) : entry.Y;
            points.Add(new DiagramPoint(GapTrack(first), between));
            if (route.LastGap is { } last)
            {
                points.Add(new DiagramPoint(GapTrack(last), between));
                points.Add(new DiagramPoint(GapTrack(last), entry.Y));
            }
        }

        points.Add(entry);
        return new DiagramEdge(
            route.Connection.Source, route.Connection.SourcePort, route.Connection.Target, route.Label,
            Simplified(points), LabelPlace(route, exit, points), route.IsBackward);
    }

    /// <summary>A decision is labelled where its ways part, a fork where each branch has a line of its own.</summary>
    private DiagramPoint LabelPlace(Route route, DiagramPoint exit, List<DiagramPoint> points) =>
        route.FirstGap is { IsOfSource: true } first && points.Count > 2
            ? new DiagramPoint(GapTrack(first) + 4, points[2].Y - 4)
            : new DiagramPoint(exit.X + 4, exit.Y - 4);

    private double GapTrack(Track track) =>
        (track.Channel < 0 ? Margin : _left[track.Channel] + _columnWidth[track.Channel]) + _gaps.PlaceOf(track);

    private double CorridorTrack(Track track) =>
        (track.Channel < 0 ? Margin : _top[track.Channel] + _rowHeight[track.Channel]) + _corridors.PlaceOf(track);

    private static ImmutableArray<DiagramPoint> Simplified(List<DiagramPoint> points)
    {
        var kept = new List<DiagramPoint>();
        foreach (var point in points)
        {
            if (kept.Count > 0 && kept[^1] == point)
            {
                continue;
            }

            if (kept.Count > 1 && ((kept[^1].X == point.X && kept[^2].X == point.X) || (kept[^1].Y == point.Y && kept[^2].Y == point.Y)))
            {
                kept[^1] = point;
            }
            else
            {
                kept.Add(point);
            }
        }

        return [.. kept];
    }
}
