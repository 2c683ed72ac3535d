using System.Runtime.CompilerServices;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What was seen of one service in one department.</summary>
public sealed class ServiceUsage
{
    /// <summary>Numbers of people within one scan; nobody is named.</summary>
    private readonly HashSet<int> _people = [];

    private readonly HashSet<int> _days = [];

    // Most lines are of the day of the line before.
    private int _lastDay = -1;
    private long _firstAt = long.MaxValue;
    private long _lastAt = long.MinValue;

    public int People => _people.Count;

    public long Requests { get; private set; }

    public long BlockedRequests { get; private set; }

    /// <summary>Received by people.</summary>
    public long Bytes { get; private set; }

    public decimal Cost { get; private set; }

    public DateTimeOffset FirstSeen => _firstAt is long.MaxValue ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(_firstAt);

    public DateTimeOffset LastSeen => _lastAt is long.MinValue ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(_lastAt);

    internal IReadOnlyCollection<int> Numbers => _people;

    /// <summary>Days since 1970, UTC.</summary>
    internal IReadOnlyCollection<int> Days => _days;

    internal void Add(int person, in LogLine line)
    {
        _people.Add(person);
        AddAgain(line);
    }

    /// <summary>Of somebody whose use is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void AddAgain(in LogLine line)
    {
        var day = (int)(line.At / UsageTally.MillisecondsOfADay);
        if (day != _lastDay)
        {
            _days.Add(_lastDay = day);
        }

        Requests++;
        BlockedRequests += line.IsBlocked ? 1 : 0;
        Bytes += line.Bytes;
        if (line.Cost != 0)
        {
            Cost += line.Cost;
        }

        (_firstAt, _lastAt) = (Math.Min(_firstAt, line.At), Math.Max(_lastAt, line.At));
    }

    internal void Add(ServiceUsage other, int[] people)
    {
        _people.UnionWith(other._people.Select(p => people[p]));
        _days.UnionWith(other._days);
        (Requests, BlockedRequests, Bytes, Cost) = (Requests + other.Requests, BlockedRequests + other.BlockedRequests, Bytes + other.Bytes, Cost + other.Cost);
        (_firstAt, _lastAt) = (Math.Min(_firstAt, other._firstAt), Math.Max(_lastAt, other._lastAt));
    }
}
