using System.Collections.Immutable;

namespace CoEPortal.Workflows.Drawing;

/// <summary>The way of a connection through the gaps between columns and the corridors between rows.</summary>
/// <param name="FirstGap">The gap in which it turns off; null for a straight line.</param>
/// <param name="Corridor">Null when it runs on along its target's row, which is free there.</param>
/// <param name="LastGap">The gap before the target when it did not turn in to the target's row at once.</param>
internal sealed record Route(Connection Connection, string? Label, bool IsBackward, Track? FirstGap, Track? Corridor, Track? LastGap);

/// <summary>Chooses the way of every connection and counts what runs where.</summary>
internal sealed class Router
{
    /// <summary>Mean advance of a letter at 10 px.</summary>
    private const double LabelLetter = 5.5;

    private readonly WorkflowDefinition _definition;
    private readonly IReadOnlyDictionary<string, Cell> _cells;
    private readonly Dictionary<int, List<int>> _occupied;
    private readonly Dictionary<int, ChannelLoad> _gaps = [];
    private readonly Dictionary<int, ChannelLoad> _corridors = [];

    public Router(WorkflowDefinition definition, IReadOnlyDictionary<string, Cell> cells)
    {
        _definition = definition;
        _cells = cells;
        _occupied = cells.Values.GroupBy(c => c.Row).ToDictionary(r => r.Key, r => r.Select(c => c.Column).Order().ToList());
        Routes =
        [
            .. definition.Root.Connections
                .Where(c => cells.ContainsKey(c.Source) && cells.ContainsKey(c.Target))
                .Select(Find),
        ];
    }

    public ImmutableArray<Route> Routes { get; }

    public IReadOnlyDictionary<int, ChannelLoad> Gaps => _gaps;

    public IReadOnlyDictionary<int, ChannelLoad> Corridors => _corridors;

    private Route Find(Connection connection)
    {
        var (source, target) = (_definition.FindActivity(connection.Source)!, _definition.FindActivity(connection.Target)!);
        var (from, to) = (_cells[source.Id], _cells[target.Id]);
        var isFork = source.Type is ActivityTypes.FlowFork;
        var label = LabelOf(source, connection.SourcePort, target);
        var route = new Route(connection, label, _definition.Graph.IsReachable(source.Id) && _definition.Graph.IsBackward(connection), null, null, null);
        var labelWidth = label is null ? 0 : label.Length * LabelLetter + 6;
        var isRight = to.Column > from.Column;
        if (isRight && from.Row == to.Row && IsFree(to.Row, from.Column, to.Column) && !(isFork || source.Type is ActivityTypes.FlowDecision or ActivityTypes.FlowSwitch))
        {
            return route;
        }

        var reach = Math.Abs(to.Row - from.Row);
        var first = Pass(_gaps, new Track(from.Column, isFork ? source.Id : target.Id, isFork), reach, isFork ? 0 : labelWidth, isFork ? labelWidth : 0);
        route = route with { FirstGap = first };
        if (isRight && IsFree(to.Row, from.Column, to.Column))
        {
            return route;
        }

        // Below its row when the target is below, above it when the target is above; loops pass below.
        var corridor = !isRight ? from.Row : to.Row > from.Row ? to.Row - 1 : to.Row;
        return route with
        {
            Corridor = Pass(_corridors, new Track(corridor, isFork ? source.Id : target.Id, isFork), 0),
            LastGap = Pass(_gaps, new Track(to.Column - 1, target.Id, IsOfSource: false), Math.Abs(to.Row - corridor)),
        };
    }

    private static Track Pass(Dictionary<int, ChannelLoad> channels, Track track, int reach, double labelsBefore = 0, double labelsAfter = 0)
    {
        if (!channels.TryGetValue(track.Channel, out var load))
        {
            channels[track.Channel] = load = new ChannelLoad();
        }

        load.Reach[track] = Math.Max(reach, load.Reach.GetValueOrDefault(track));
        load.LabelsBefore = Math.Max(load.LabelsBefore, labelsBefore);
        load.LabelsAfter = Math.Max(load.LabelsAfter, labelsAfter);
        return track;
    }

    /// <summary>Nothing stands in the row between the two columns.</summary>
    private bool IsFree(int row, int fromColumn, int toColumn)
    {
        if (!_occupied.TryGetValue(row, out var columns))
        {
            return true;
        }

        var next = columns.BinarySearch(fromColumn + 1);
        next = next < 0 ? ~next : next;
        return next >= columns.Count || columns[next] >= toColumn;
    }

    /// <summary>The branch "Legal" that leads to "Legal review" needs no label.</summary>
    private static string? LabelOf(Activity source, string port, Activity target) =>
        Words.OfPort(source, port) is { } label
        && !(source.Type is ActivityTypes.FlowFork && Caption.Title(target).Contains(label, StringComparison.OrdinalIgnoreCase))
            ? label
            : null;
}
