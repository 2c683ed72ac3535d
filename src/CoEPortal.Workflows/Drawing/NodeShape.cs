using System.Collections.Immutable;

namespace CoEPortal.Workflows.Drawing;

/// <summary>The size of a node and where its connections leave it.</summary>
internal sealed class NodeShape
{
    /// <summary>Mean advance of a letter at 12 px; the drawing does not know the font.</summary>
    private const double Letter = 6.6;

    private const double Line = 15;
    private const double Padding = 8;
    private const int MaxLines = 3;
    private const double PortPitch = 16;
    private const double MaxHeight = 480;

    private readonly Dictionary<string, double> _offsets = new(StringComparer.Ordinal);

    public NodeShape(WorkflowDefinition definition, Activity activity, IReadOnlyDictionary<string, Cell> cells)
    {
        Activity = activity;
        Kind = Caption.KindOf(activity);
        IsSmall = Caption.IsPlumbing(activity);
        Title = Caption.Title(activity);
        Outcome = Kind is NodeKind.End ? Caption.Outcome(definition, activity) : null;
        Subtitle = Outcome is null ? Caption.Subtitle(activity) : Words.InSentence(Outcome);
        Width = WidthOf();
        TitleLines = IsSmall ? [] : [.. Words.Wrap(Title, (int)((Width - 2 * Padding) / Letter), MaxLines)];
        var text = IsSmall ? 22 : Math.Max(40, 2 * Padding + Line * (TitleLines.Length + (Subtitle is null ? 0 : 1)));
        Height = Math.Max(text, PlacePorts(definition, cells));
    }

    public Activity Activity { get; }

    public NodeKind Kind { get; }

    public bool IsSmall { get; }

    public string Title { get; }

    public ImmutableArray<string> TitleLines { get; }

    public string? Subtitle { get; }

    public string? Outcome { get; }

    public double Width { get; }

    public double Height { get; }

    /// <summary>Distance from the middle at which connections of this port leave on the right.</summary>
    public double OffsetOf(string port) => _offsets.GetValueOrDefault(port);

    private double WidthOf() => Kind switch
    {
        _ when IsSmall => 22,
        NodeKind.Start => 64,
        NodeKind.Task => Math.Clamp((Subtitle?.Length ?? 0) * 5.8 + 2 * Padding, 132, 200),
        NodeKind.Fork => 96,
        NodeKind.Join or NodeKind.End or NodeKind.Decision => 112,
        _ => 128,
    };

    /// <summary>Ways of a decision leave one below the other, the upper ones towards the upper targets.</summary>
    /// <returns>The height they take.</returns>
    private double PlacePorts(WorkflowDefinition definition, IReadOnlyDictionary<string, Cell> cells)
    {
        if (Kind is not NodeKind.Decision)
        {
            return 0;
        }

        var here = cells[Activity.Id].Row;
        var ports = definition.Graph.Outbound(Activity.Id)
            .GroupBy(c => c.SourcePort, c => cells[c.Target].Row, StringComparer.Ordinal)
            .OrderBy(p => p.Min())
            .Select(p => (Port: p.Key, IsStraight: p.Min() == here))
            .ToList();
        var straight = ports.FindIndex(p => p.IsStraight);
        var middle = straight >= 0 ? straight : (ports.Count - 1) / 2.0;
        var outermost = Math.Max(middle, ports.Count - 1 - middle);
        var pitch = Math.Min(PortPitch, outermost > 0 ? (MaxHeight - PortPitch) / 2 / outermost : PortPitch);
        foreach (var (index, port) in ports.Index())
        {
            _offsets[port.Port] = (index - middle) * pitch;
        }

        return 2 * outermost * pitch + PortPitch;
    }
}
