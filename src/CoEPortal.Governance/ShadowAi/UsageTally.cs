using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What was seen of one service in one department.</summary>
public sealed class ServiceUsage
{
    /// <summary>Numbers of people within one scan; nobody is named.</summary>
    private readonly HashSet<int> _people = [];

    public int People => _people.Count;

    public long Requests { get; private set; }

    public long BlockedRequests { get; private set; }

    /// <summary>Received by people.</summary>
    public long Bytes { get; private set; }

    public DateTimeOffset FirstSeen { get; private set; } = DateTimeOffset.MaxValue;

    public DateTimeOffset LastSeen { get; private set; } = DateTimeOffset.MinValue;

    internal void Add(int person, long at, long bytes, bool isBlocked)
    {
        _people.Add(person);
        Requests++;
        BlockedRequests += isBlocked ? 1 : 0;
        Bytes += bytes;
        Widen(DateTimeOffset.FromUnixTimeMilliseconds(at));
    }

    internal void Add(ServiceUsage other, int[] people)
    {
        _people.UnionWith(other._people.Select(p => people[p]));
        (Requests, BlockedRequests, Bytes) = (Requests + other.Requests, BlockedRequests + other.BlockedRequests, Bytes + other.Bytes);
        Widen(other.FirstSeen);
        Widen(other.LastSeen);
    }

    private void Widen(DateTimeOffset at) =>
        (FirstSeen, LastSeen) = (at < FirstSeen ? at : FirstSeen, at > LastSeen ? at : LastSeen);
}

/// <summary>Counts what one worker of a scan sees; tallies of several are added. Its memory is bounded by people, hosts and findings, never by lines.</summary>
internal sealed class UsageTally(HostMatcher matcher, Departments departments)
{
    public const int MostPeople = 1_000_000;
    public const int MostLookAlikes = 10_000;

    private const int MostHosts = 200_000;

    private readonly Dictionary<byte[], HostMatch> _hosts = new(Bytes.Equality);
    private readonly Dictionary<byte[], int> _people = new(Bytes.Equality);
    private readonly List<byte[]> _names = [];
    private readonly List<string> _departments = [];
    private readonly HashSet<byte[]> _clients = new(Bytes.Equality);

    public Dictionary<(AiService Service, string Department), ServiceUsage> Services { get; } = [];

    /// <summary>By host, and the service that it imitates.</summary>
    public Dictionary<(string Host, AiService Imitates), ServiceUsage> LookAlikes { get; } = [];

    public int People => _names.Count;

    /// <summary>Addresses that the log knows: what the coverage of a campaign is counted by.</summary>
    public int Clients => _clients.Count;

    /// <summary>Whether more people or addresses were in it than are counted.</summary>
    public bool IsCut { get; private set; }

    public void Add(in LogLine line)
    {
        var clients = _clients.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!clients.Contains(line.Client))
        {
            IsCut |= _clients.Count == MostPeople;
            _ = _clients.Count < MostPeople && clients.Add(line.Client);
        }

        var match = MatchOf(line.Host);
        if ((match.Service ?? match.Imitates) is null)
        {
            return;
        }

        if (PersonOf(line) is not { } person)
        {
            IsCut = true;
        }
        else if (match.Service is { } service)
        {
            UsageOf(Services, (service, _departments[person])).Add(person, line.At, line.Bytes, line.IsBlocked);
        }
        else if (LookAlikes.Count < MostLookAlikes)
        {
            UsageOf(LookAlikes, (Encoding.UTF8.GetString(line.Host).ToLowerInvariant().TrimEnd('.'), match.Imitates!)).Add(person, line.At, line.Bytes, line.IsBlocked);
        }
    }

    public void Add(UsageTally other)
    {
        _clients.UnionWith(other._clients);
        IsCut |= other.IsCut;
        var people = other._names.Select((name, i) => NumberOf(name, other._departments[i])).ToArray();
        foreach (var (key, usage) in other.Services)
        {
            UsageOf(Services, key).Add(usage, people);
        }

        foreach (var (key, usage) in other.LookAlikes)
        {
            UsageOf(LookAlikes, key).Add(usage, people);
        }
    }

    private HostMatch MatchOf(ReadOnlySpan<byte> host)
    {
        var known = _hosts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (known.TryGetValue(host, out var match))
        {
            return match;
        }

        if (_hosts.Count == MostHosts)
        {
            _hosts.Clear();
        }

        match = matcher.Match(Encoding.UTF8.GetString(host));
        known[host] = match;
        return match;
    }

    /// <summary>Who signed in to the proxy, or the address when nobody did.</summary>
    private int? PersonOf(in LogLine line)
    {
        var name = line.User.IsEmpty ? line.Client : line.User;
        return _people.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var number) ? number
            : _names.Count == MostPeople ? null
            : NumberOf(name.ToArray(), departments.Of(Encoding.UTF8.GetString(line.User), Encoding.UTF8.GetString(line.Client)));
    }

    private int NumberOf(byte[] name, string department)
    {
        if (!_people.TryGetValue(name, out var number))
        {
            number = _people[name] = _names.Count;
            _names.Add(name);
            _departments.Add(department);
        }

        return number;
    }

    private static ServiceUsage UsageOf<TKey>(Dictionary<TKey, ServiceUsage> usages, TKey key)
        where TKey : notnull
    {
        if (!usages.TryGetValue(key, out var usage))
        {
            usage = usages[key] = new ServiceUsage();
        }

        return usage;
    }

    /// <summary>Bytes as keys that are looked up without being copied.</summary>
    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Bytes Equality { get; } = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());
    }
}
