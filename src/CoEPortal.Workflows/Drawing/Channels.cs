namespace CoEPortal.Workflows.Drawing;

/// <summary>A line's place in a channel. Lines with the same key run on one another, because they mean the same.</summary>
/// <param name="Channel">The column or row the channel follows; -1 for the one before all.</param>
/// <param name="IsOfSource">All branches of a fork share one line; otherwise all ways to a target do.</param>
internal readonly record struct Track(int Channel, string Key, bool IsOfSource);

/// <summary>What has to pass through one channel.</summary>
internal sealed class ChannelLoad
{
    /// <summary>By track: how far its lines go. Those that go far turn off first, so that the others need not cross them.</summary>
    public Dictionary<Track, int> Reach { get; } = [];

    /// <summary>Room for labels before and after the lines.</summary>
    public double LabelsBefore { get; set; }

    public double LabelsAfter { get; set; }
}

/// <summary>The spaces between columns, or between rows, with the lines that run along them.</summary>
internal sealed class Channels
{
    private const double Arrow = 12;
    private const double MaxLines = 240;

    private readonly double[] _width;
    private readonly Dictionary<Track, double> _places = [];

    public Channels(IReadOnlyDictionary<int, ChannelLoad> loads, int count, double least, double pitch)
    {
        _width = new double[count + 1];
        for (var channel = -1; channel < count; channel++)
        {
            if (loads.GetValueOrDefault(channel) is not { } load)
            {
                // Before the first and after the last nothing needs room unless a line passes there.
                _width[channel + 1] = channel >= 0 && channel < count - 1 ? least : 0;
                continue;
            }

            var step = Math.Min(pitch, MaxLines / Math.Max(1, load.Reach.Count));
            var start = load.LabelsBefore + pitch;
            var tracks = load.Reach.OrderByDescending(t => t.Value).ThenBy(t => t.Key.Key, StringComparer.Ordinal);
            foreach (var (index, track) in tracks.Index())
            {
                _places[track.Key] = start + index * step;
            }

            _width[channel + 1] = Math.Max(least, start + (load.Reach.Count - 1) * step + Math.Max(Arrow, load.LabelsAfter + Arrow));
        }
    }

    public double WidthAfter(int index) => _width[index + 1];

    public double PlaceOf(Track track) => _places[track];

    /// <summary>Where each column or row begins.</summary>
    public double[] Accumulate(double margin, double[] sizes)
    {
        var starts = new double[sizes.Length];
        var place = margin + _width[0];
        for (var i = 0; i < sizes.Length; i++)
        {
            starts[i] = place;
            place += sizes[i] + _width[i + 1];
        }

        return starts;
    }
}
