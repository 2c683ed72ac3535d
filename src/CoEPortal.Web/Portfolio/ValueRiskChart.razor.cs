using System.Globalization;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Portfolio;

/// <summary>Use cases as bubbles, value upwards and risk to the right, or as a table. Its title is what it shows.</summary>
public sealed partial class ValueRiskChart : ComponentBase
{
    private const int MostLabels = 12;
    private const int Left = 40;
    private const int Top = 8;
    private const int PlotWidth = 560;
    private const int Width = Left + PlotWidth + 20;

    private static readonly int[] Ticks = [0, 25, 50, 75, 100];

    private bool _asTable;

    [Parameter, EditorRequired]
    public IReadOnlyList<Bubble> Bubbles { get; set; } = [];

    /// <summary>How many there are in all, when only the last changed are shown.</summary>
    [Parameter]
    public int Of { get; set; }

    /// <summary>Height of the plot, in the units of its 620 units of width.</summary>
    [Parameter]
    public int PlotHeight { get; set; } = 200;

    /// <summary>Columns within <c>cols</c>, as of a <see cref="Card"/>.</summary>
    [Parameter]
    public string? Class { get; set; }

    private int Height => Top + PlotHeight + 32;

    private string Finding
    {
        get
        {
            var now = Bubbles.Count(b => b is { Value: >= 50, Risk: < 50 });
            return now == 0
                ? $"None of {InWords.Count(Bubbles.Count, "use case")} is worth doing at low risk"
                : $"{InWords.Number(now)} of {InWords.Count(Bubbles.Count, "use case")} {(now == 1 ? "is" : "are")} worth doing now: high value, low risk";
        }
    }

    private static string NameOf(Bubble bubble) => bubble.Title.Length > 0 ? bubble.Title : "Untitled";

    private static string Words(Bubble bubble) =>
        $"{bubble.Key} {NameOf(bubble)}: value {bubble.Value}, risk {bubble.Risk}, {Stages.Name(bubble.Stage).ToLowerInvariant()}, {InWords.Money(bubble.Cost, "USD")} in 30 days";

    private static string Quadrant(Bubble bubble) => (bubble.Value >= 50, bubble.Risk >= 50) switch
    {
        (true, false) => "Do now",
        (true, true) => "Do with care",
        (false, false) => "Only if cheap",
        _ => "Stop or rethink",
    };

    private static double X(int risk) => Left + risk * PlotWidth / 100.0;

    private double Y(int value) => Top + PlotHeight - value * PlotHeight / 100.0;

    // The area says the cost, so the radius is its root; what costs nothing stays large enough to be hit.
    private double Radius(Bubble bubble)
    {
        var most = (double)Bubbles.Max(b => b.Cost);
        return most <= 0 ? 5 : 5 + 9 * Math.Sqrt((double)bubble.Cost / most);
    }

    private static string F(double length) => length.ToString("0.#", CultureInfo.InvariantCulture);
}
