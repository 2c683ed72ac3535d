namespace CoEPortal.Governance.KillCriteria;

/// <summary>The sum of the minutes of a window that moves forward: each minute is added once and taken out once.</summary>
internal sealed class SlidingWindow(TimeSpan length)
{
    private readonly Queue<(DateTime Minute, WindowFigures Figures)> _minutes = new();
    private readonly SortedDictionary<int, long> _latency = [];
    private WindowFigures _sum = WindowFigures.None;

    /// <returns>The window that ends with this minute; good until the next one is added.</returns>
    public WindowFigures Add(DateTime minute, WindowFigures figures)
    {
        while (_minutes.TryPeek(out var first) && first.Minute <= minute - length)
        {
            Count(_minutes.Dequeue().Figures, -1);
        }

        _minutes.Enqueue((minute, figures));
        Count(figures, 1);
        return _sum with { Latency = _latency };
    }

    private void Count(WindowFigures f, int sign)
    {
        _sum = new WindowFigures(
            _sum.Calls + sign * f.Calls, _sum.Failed + sign * f.Failed, _sum.Unmetered + sign * f.Unmetered, _sum.Priced + sign * f.Priced, _sum.Cost + sign * f.Cost)
        {
            Guarded = _sum.Guarded + sign * f.Guarded,
            Tasks = _sum.Tasks + sign * f.Tasks,
            TaskCost = _sum.TaskCost + sign * f.TaskCost,
            Opinions = _sum.Opinions + sign * f.Opinions,
            NegativeOpinions = _sum.NegativeOpinions + sign * f.NegativeOpinions,
        };
        foreach (var (bucket, calls) in f.Latency)
        {
            if ((_latency[bucket] = _latency.GetValueOrDefault(bucket) + sign * calls) == 0)
            {
                _latency.Remove(bucket);
            }
        }
    }
}
