namespace CoEPortal.Workflows.Drawing;

/// <summary>A place in the grid; no two activities share one.</summary>
internal readonly record struct Cell(int Column, int Row);

/// <summary>
/// Puts every activity into a cell. The designer's pixels become columns and rows, which keeps the author's arrangement
/// and drops the empty space between.
/// </summary>
internal static class Grid
{
    /// <summary>Places this close together were meant to be in line; a good part of a node of Elsa's designer.</summary>
    private const double SameColumn = 40;

    private const double SameRow = 20;

    public static IReadOnlyDictionary<string, Cell> Of(WorkflowDefinition definition)
    {
        var places = definition.Root.Activities.Select(a => (a.Id, a.Position)).ToList();
        return (places.TrueForAll(p => p.Position is not null) ? Authored(places!, SameColumn, SameRow) ?? Authored(places!, 0, 0) : null)
            ?? Layers.Of(definition);
    }

    /// <returns>Null when two activities would lie on each other.</returns>
    private static Dictionary<string, Cell>? Authored(
        List<(string Id, DesignerPosition Position)> places, double sameColumn, double sameRow)
    {
        var columns = InLine(places.Select(p => p.Position.X), sameColumn);
        var rows = InLine(places.Select(p => p.Position.Y), sameRow);
        var cells = places.ToDictionary(p => p.Id, p => new Cell(columns[p.Position.X], rows[p.Position.Y]), StringComparer.Ordinal);
        return cells.Values.Distinct().Count() == cells.Count ? cells : null;
    }

    private static Dictionary<double, int> InLine(IEnumerable<double> values, double tolerance)
    {
        var lines = new Dictionary<double, int>();
        var (line, first) = (-1, double.NegativeInfinity);
        foreach (var value in values.Distinct().Order())
        {
            if (line < 0 || value - first > tolerance)
            {
                (line, first) = (line + 1, value);
            }

            lines[value] = line;
        }

        return lines;
    }
}
