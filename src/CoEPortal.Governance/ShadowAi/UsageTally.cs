using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Counts what one worker of a scan sees; tallies of several are added. Its memory is bounded by people, hosts and findings, never by lines.</summary>
internal sealed class UsageTally(HostMatcher matcher, Departments departments)
{
    public const int MostPeople = 1_000_000;
    public const int MostLookAlikes = 10_000;
    public const long MillisecondsOfADay = 24 * 60 * 60 * 1000;

    private const int MostHosts = 200_000;
    private const int LongestKey = 3 * (LineReader.LongestWho + 1);
    private const int UsualKey = 96;
    private const int NearHostBits = 14;
    private const int NearOriginBits = 16;

    private readonly Dictionary<byte[], HostMatch> _hosts = new(ByteKeys.Equality);

    private readonly NothingHosts _nothing = new();
    private readonly NearHashes<HostMatch> _nearHosts = new(NearHostBits);
    private readonly NearHashes<Origin> _nearOrigins = new(NearOriginBits);

    private readonly Dictionary<byte[], HostMatch> _tools = new(ByteKeys.Equality);
    private readonly Dictionary<byte[], Origin> _origins = new(ByteKeys.Equality);
    private readonly Dictionary<byte[], int> _people = new(ByteKeys.Equality);
    private readonly List<(byte[] Name, bool IsAddress)> _names = [];

    public Dictionary<(AiService Service, string Department), ServiceUsage> Services { get; } = [];

    /// <summary>By host, and the service that it imitates.</summary>
    public Dictionary<(string Host, AiService Imitates, string Department), ServiceUsage> LookAlikes { get; } = [];

    public int People => _names.Count;

    /// <summary>Addresses that the log knows: what the coverage of a campaign is counted by.</summary>
    public int Clients => _origins.Values.Select(o => o.Client).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Requests of each department, to any host: what the log covers.</summary>
    public IReadOnlyDictionary<string, long> Events
    {
        get
        {
            var events = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var origin in _origins.Values)
            {
                events[origin.Department] = events.GetValueOrDefault(origin.Department) + origin.Events;
            }

            if (_beyond > 0)
            {
                events[Departments.Unknown] = events.GetValueOrDefault(Departments.Unknown) + _beyond;
            }

            return events;
        }
    }

    private long _beyond;

    /// <summary>Whether more people or addresses were in it than are counted.</summary>
    public bool IsCut => _beyond > 0 || _lookAlikesBeyond;

    private bool _lookAlikesBeyond;

    /// <summary>As the log has it, and whether it is an address that nobody signed in from.</summary>
    public (string Name, bool IsAddress) NameOf(int person) => (Encoding.UTF8.GetString(_names[person].Name), _names[person].IsAddress);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in LogLine line)
    {
        if (OriginOf(line) is not { } origin)
        {
            _beyond++;
            return;
        }

        origin.Events++;
        var match = line.Tool.IsEmpty ? MatchOf(line.Host) : MatchOf(_tools, line.Tool, static (m, tool) => new HostMatch(m.Named(tool), null));
        if (match.Service is { } service)
        {
            if (origin.KnownUseOf(service) is { } known)
            {
                known.AddAgain(line);
                return;
            }

            var usage = UsageOf(Services, (service, origin.Department));
            usage.Add(PersonOf(origin, line), line);
            origin.Uses(service, usage);
        }
        else if (match.Imitates is { } imitated)
        {
            _lookAlikesBeyond |= LookAlikes.Count >= MostLookAlikes;
            if (LookAlikes.Count < MostLookAlikes)
            {
                UsageOf(LookAlikes, (Encoding.UTF8.GetString(line.Host).ToLowerInvariant().TrimEnd('.'), imitated, origin.Department)).Add(PersonOf(origin, line), line);
            }
        }
    }

    public void Add(UsageTally other)
    {
        _beyond += other._beyond;
        _lookAlikesBeyond |= other._lookAlikesBeyond;
        foreach (var (key, origin) in other._origins)
        {
            if (_origins.TryGetValue(key, out var mine))
            {
                mine.Events += origin.Events;
            }
            else if (_origins.Count < MostPeople)
            {
                _origins[key] = new Origin(origin.Client, origin.Department) { Events = origin.Events };
            }
            else
            {
                _beyond += origin.Events;
            }
        }

        var people = other._names.Select(n => NumberOf(n.Name, n.IsAddress)).ToArray();
        foreach (var (key, usage) in other.Services)
        {
            UsageOf(Services, key).Add(usage, people);
        }

        foreach (var (key, usage) in other.LookAlikes)
        {
            UsageOf(LookAlikes, key).Add(usage, people);
        }
    }

    /// <summary>Who asks from where; looked up once for each line, so that whatever is known of them is found with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Origin? OriginOf(in LogLine line)
    {
        var hash = ByteKeys.HashOf(line.User, line.Client, line.Department);
        return _nearOrigins.Find(hash) ?? _nearOrigins.Keep(hash, FarOriginOf(line));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Origin? FarOriginOf(in LogLine line)
    {
        // Rarely one is longer; a buffer is cleared at each line, so that it is small.
        var needed = line.User.Length + line.Client.Length + line.Department.Length + 2;
        Span<byte> key = needed <= UsualKey ? stackalloc byte[UsualKey] : new byte[LongestKey];
        line.User.CopyTo(key);
        key[line.User.Length] = 0;
        line.Client.CopyTo(key[(line.User.Length + 1)..]);
        var length = line.User.Length + 1 + line.Client.Length;
        key[length] = 0;
        line.Department.CopyTo(key[(length + 1)..]);
        key = key[..(length + 1 + line.Department.Length)];
        ref var origin = ref CollectionsMarshal.GetValueRefOrAddDefault(_origins.GetAlternateLookup<ReadOnlySpan<byte>>(), key, out var isKnown);
        if (isKnown)
        {
            return origin;
        }

        if (_origins.Count > MostPeople)
        {
            _origins.Remove(key.ToArray());
            return null;
        }

        var (user, client) = (Encoding.UTF8.GetString(line.User), Encoding.UTF8.GetString(line.Client));
        return origin = new Origin(client, line.Department.IsEmpty ? departments.Of(user, client) : Departments.Named(Encoding.UTF8.GetString(line.Department)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private HostMatch MatchOf(ReadOnlySpan<byte> host)
    {
        var hash = ByteKeys.HashOf(host);
        if (_nothing.Has(hash))
        {
            return default;
        }

        var near = _nearHosts.Find(hash);
        if (near != default)
        {
            return near;
        }

        var match = MatchOf(_hosts, host, static (m, host) => m.Match(host));
        if (match == default)
        {
            _nothing.Add(hash);
        }
        else
        {
            _nearHosts.Keep(hash, match);
        }

        return match;
    }

    private HostMatch MatchOf(Dictionary<byte[], HostMatch> known, ReadOnlySpan<byte> text, Func<HostMatcher, string, HostMatch> match)
    {
        var found = known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (found.TryGetValue(text, out var before))
        {
            return before;
        }

        if (known.Count == MostHosts)
        {
            known.Clear();
        }

        return found[text] = match(matcher, Encoding.UTF8.GetString(text));
    }

    /// <summary>Who signed in to the proxy, or the address when nobody did.</summary>
    private int PersonOf(Origin origin, in LogLine line)
    {
        if (origin.Person < 0)
        {
            origin.Person = NumberOf((line.User.IsEmpty ? line.Client : line.User).ToArray(), line.User.IsEmpty);
        }

        return origin.Person;
    }

    private int NumberOf(byte[] name, bool isAddress)
    {
        if (!_people.TryGetValue(name, out var number))
        {
            number = _people[name] = _names.Count;
            _names.Add((name, isAddress));
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

    private sealed class Origin(string client, string department)
    {
        private const int MostUses = 16;

        /// <summary>Services of which it is counted already: a person uses few, so they are looked through one by one.</summary>
        private (AiService Service, ServiceUsage Usage)[] _uses = [];

        public string Client { get; } = client;

        public string Department { get; } = department;

        public long Events { get; set; }

        /// <summary>Its number, once it has used a service.</summary>
        public int Person { get; set; } = -1;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public ServiceUsage? KnownUseOf(AiService service)
        {
            foreach (var (used, usage) in _uses)
            {
                if (ReferenceEquals(used, service))
                {
                    return usage;
                }
            }

            return null;
        }

        public void Uses(AiService service, ServiceUsage usage)
        {
            if (_uses.Length < MostUses)
            {
                _uses = [.. _uses, (service, usage)];
            }
        }
    }
}
