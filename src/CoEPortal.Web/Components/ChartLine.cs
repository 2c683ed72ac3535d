using Radzen.Blazor;

namespace CoEPortal.Web.Components;

/// <summary>A point of a line; the time is that of the axis.</summary>
public sealed record ChartPoint(DateTime At, decimal Value);

/// <summary>One line of a chart: told apart by its dash, not by colour alone.</summary>
/// <param name="Name">In the legend and as a column of the table.</param>
/// <param name="Stroke">A token, e.g. <c>var(--c1)</c>.</param>
/// <param name="Points">Oldest first.</param>
/// <param name="Dash">How it is drawn.</param>
public sealed record ChartLine(string Name, string Stroke, IReadOnlyList<ChartPoint> Points, LineType Dash = LineType.Solid)
{
    /// <summary>As SVG writes it, for the legend.</summary>
    public string DashArray => Dash switch
    {
        LineType.Dashed => "6 3",
        LineType.Dotted => "2 3",
        _ => "none",
    };
}
