namespace CoEPortal.Workflows.Drawing;

/// <summary>
/// Lays out a workflow nobody has drawn, after Sugiyama, Tagawa and Toda (1981): columns by the longest way from the
/// start, the order inside a column by the mean place of the neighbours. Linear in connections for each sweep.
/// </summary>
internal sealed class Layers
{
    private const int Sweeps = 6;

    private readonly FlowGraph _graph;
    private readonly List<string> _order;
    private readonly Dictionary<string, int> _column = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _row = new(StringComparer.Ordinal);
    private readonly List<List<string>> _layers = [];

    private Layers(WorkflowDefinition definition)
    {
        _graph = definition.Graph;
        _order = [.. ReadingOrder.Of(definition).Select(a => a.Id)];
        foreach (var id in _order.Where(_graph.IsReachable))
        {
            var column = _graph.ForwardInbound(id).Select(c => _column[c.Source] + 1).DefaultIfEmpty(0).Max();
            _column[id] = column;
            if (column == _layers.Count)
            {
                _layers.Add([]);
            }

            _row[id] = _layers[column].Count;
            _layers[column].Add(id);
        }
    }

    public static IReadOnlyDictionary<string, Cell> Of(WorkflowDefinition definition) => new Layers(definition).Place();

    private Dictionary<string, Cell> Place()
    {
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            // The last sweep goes forward: what follows then lies beside what leads to it.
            var forward = sweep % 2 == 1;
            foreach (var layer in forward ? _layers : Enumerable.Reverse(_layers))
            {
                Arrange(layer, forward);
            }
        }

        var top = _row.Values.DefaultIfEmpty(0).Min();
        var cells = _column.ToDictionary(p => p.Key, p => new Cell(p.Value, _row[p.Key] - top), StringComparer.Ordinal);
        PutUnreachableBelow(cells);
        return cells;
    }

    private void Arrange(List<string> layer, bool forward)
    {
        var wanted = layer.ToDictionary(id => id, id => MeanRow(id, forward), StringComparer.Ordinal);
        layer.Sort((a, b) => (wanted[a], _row[a]).CompareTo((wanted[b], _row[b])));
        var next = int.MinValue;
        var shift = 0.0;
        foreach (var id in layer)
        {
            next = Math.Max(next, (int)Math.Round(wanted[id]));
            _row[id] = next++;
            shift += wanted[id] - _row[id];
        }

        // Pushing apart only ever pushes down; the whole column moves back to where it wants to be.
        var back = (int)Math.Round(shift / layer.Count);
        foreach (var id in layer)
        {
            _row[id] += back;
        }
    }

    private double MeanRow(string id, bool forward) => (forward
            ? _graph.ForwardInbound(id).Select(c => c.Source)
            : _graph.Outbound(id).Where(c => !_graph.IsBackward(c)).Select(c => c.Target))
        .Select(n => (double)_row[n])
        .DefaultIfEmpty(_row[id])
        .Average();

    private void PutUnreachableBelow(Dictionary<string, Cell> cells)
    {
        var columns = Math.Max(1, _layers.Count);
        var below = cells.Values.Select(c => c.Row + 1).DefaultIfEmpty(0).Max();
        foreach (var (index, id) in _order.Where(id => !_column.ContainsKey(id)).Index())
        {
            cells[id] = new Cell(index % columns, below + index / columns);
        }
    }
}
