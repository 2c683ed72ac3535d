using System.Globalization;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Portfolio;

/// <summary>Use cases as bubbles, value upwards and risk to the right, or as a table. Its title is what it shows.</summary>
public sealed partial class ValueRiskChart : ComponentBase
{
    private const int MostLabels = 40;
    private const double LabelWidth = 54;
    private const double LabelHeight = 14;

    /// <summary>Room for the name of a quadrant in its corner.</summary>
    private const double CornerWidth = 100;
    private const double CornerHeight = 22;

    private static readonly (string Colour, string Name)[] Colours = [("running", "In service"), ("cleared", "Approved"), ("asked", "In review"), ("planned", "Draft, or changes asked"), ("ended", "Declined or ended")];

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

    private static string Colour(Stage stage) => stage switch
    {
        Stage.InService => "running",
        Stage.Approved => "cleared",
        Stage.InReview => "asked",
        Stage.Declined or Stage.NotAllowed or Stage.Retired => "ended",
        _ => "planned",
    };

    /// <summary>Names where there is room: above, below, right or left of the bubble, over no other name and no other bubble. The largest choose first; whoever finds no room is named by the table and by pointing.</summary>
    private List<(Bubble Bubble, double X, double Y, string Anchor)> Labels()
    {
        var circles = Bubbles.Select(b => (Bubble: b, X: X(b.Risk), Y: Y(b.Value), R: Radius(b))).ToList();
        var labels = new List<(Bubble, double, double, string)>();
        var (right, bottom) = (Left + PlotWidth - CornerWidth, Top + PlotHeight - CornerHeight);
        List<(double Left, double Top, double Width, double Height)> taken =
            [(Left, Top, CornerWidth, CornerHeight), (right, Top, CornerWidth, CornerHeight), (Left, bottom, CornerWidth, CornerHeight), (right, bottom, CornerWidth, CornerHeight)];
        foreach (var (bubble, x, y, r) in circles.OrderByDescending(c => c.Bubble.Cost).ThenBy(c => c.Bubble.Key).Take(MostLabels))
        {
            (double X, double Y, string Anchor, double Left)[] places =
            [
                (x, y - r - 3, "middle", x - LabelWidth / 2), (x, y + r + LabelHeight - 1, "middle", x - LabelWidth / 2),
                (x + r + 3, y + 4, "start", x + r + 3), (x - r - 3, y + 4, "end", x - r - 3 - LabelWidth),
            ];
            var at = Array.FindIndex(places, p => p.Left >= Left && p.Left + LabelWidth <= Left + PlotWidth && p.Y - LabelHeight >= Top && p.Y <= Top + PlotHeight
                && taken.TrueForAll(t => p.Left >= t.Left + t.Width || t.Left >= p.Left + LabelWidth || p.Y - LabelHeight >= t.Top + t.Height || t.Top >= p.Y)
                && circles.TrueForAll(c => c.Bubble == bubble || !Touches(c.X, c.Y, c.R, p.Left, p.Y - LabelHeight)));
            if (at >= 0)
            {
                labels.Add((bubble, places[at].X, places[at].Y, places[at].Anchor));
                taken.Add((places[at].Left, places[at].Y - LabelHeight, LabelWidth, LabelHeight));
            }
        }

        return labels;
    }

    private static bool Touches(double x, double y, double r, double left, double top)
    {
        var (dx, dy) = (x - Math.Clamp(x, left, left + LabelWidth), y - Math.Clamp(y, top, top + LabelHeight));
        return dx * dx + dy * dy < r * r;
    }

    private static string F(double length) => length.ToString("0.#", CultureInfo.InvariantCulture);
}
