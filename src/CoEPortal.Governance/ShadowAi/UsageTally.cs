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
    private const int NearHostBits = 12;
    private const int NearOriginBits = 14;

    private readonly Dictionary<byte[], Target> _hosts = new(ByteKeys.Equality);
    private readonly Dictionary<byte[], Target> _tools = new(ByteKeys.Equality);
    private readonly Dictionary<AiService, int> _numbers = [];

    private readonly NothingHosts _nothing = new();
    private readonly NearHashes<Target> _nearHosts = new(NearHostBits);
    private readonly NearHashes<Origin> _nearOrigins = new(NearOriginBits);

    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
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
                events[origin.Place.Department] = events.GetValueOrDefault(origin.Place.Department) + origin.Events;
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
        if ((line.Tool.IsEmpty ? AskedFor(line.Host) : TargetOf(_tools, line.Tool, static (m, tool) => new HostMatch(m.Named(tool), null))) is { } target)
        {
            Add(line, origin, target);
        }
    }

    private void Add(in LogLine line, Origin origin, Target target)
    {
        if (target.Service is { } service)
        {
            var usage = origin.Place.UsageOf(target.Number) ??= UsageOf(Services, (service, origin.Place.Department));
            if (origin.Uses(target.Number))
            {
                usage.AddAgain(line);
            }
            else
            {
                usage.Add(PersonOf(origin, line), line);
            }

            return;
        }

        _lookAlikesBeyond |= LookAlikes.Count >= MostLookAlikes;
        if (LookAlikes.Count < MostLookAlikes)
        {
            UsageOf(LookAlikes, (Encoding.UTF8.GetString(line.Host).ToLowerInvariant().TrimEnd('.'), target.Imitates!, origin.Place.Department)).Add(PersonOf(origin, line), line);
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
                _origins[key] = new Origin(origin.Client, PlaceOf(origin.Place.Department)) { Events = origin.Events };
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
        var department = line.Department.IsEmpty ? departments.Of(user, client) : Departments.Named(Encoding.UTF8.GetString(line.Department));
        return origin = new Origin(client, PlaceOf(department));
    }

    private Place PlaceOf(string department)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, department, out _);
        return place ??= new Place(department);
    }

    /// <returns>Null for what nobody looks for, as nearly all hosts.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Target? AskedFor(ReadOnlySpan<byte> host)
    {
        var hash = ByteKeys.HashOf(host);
        if (_nothing.Has(hash))
        {
            return null;
        }

        if (_nearHosts.Find(hash) is { } near)
        {
            return near;
        }

        var target = TargetOf(_hosts, host, static (m, host) => m.Match(host));
        if (target is null)
        {
            _nothing.Add(hash);
        }
        else
        {
            _nearHosts.Keep(hash, target);
        }

        return target;
    }

    private Target? TargetOf(Dictionary<byte[], Target> known, ReadOnlySpan<byte> text, Func<HostMatcher, string, HostMatch> match)
    {
        var found = known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!found.TryGetValue(text, out var target))
        {
            if (known.Count == MostHosts)
            {
                known.Clear();
            }

            found[text] = target = TargetOf(match(matcher, Encoding.UTF8.GetString(text)));
        }

        return target == Target.Nothing ? null : target;
    }

    private Target TargetOf(HostMatch match)
    {
        if (match == default)
        {
            return Target.Nothing;
        }

        var number = 0;
        if (match.Service is { } service && !_numbers.TryGetValue(service, out number))
        {
            _numbers[service] = number = _numbers.Count;
        }

        return new Target(match.Service, match.Imitates, number);
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

    /// <summary>What a host or the name of a tool stands for.</summary>
    /// <param name="Number">Of the service, in this tally.</param>
    private sealed record Target(AiService? Service, AiService? Imitates, int Number)
    {
        public static Target Nothing { get; } = new(null, null, 0);
    }

    /// <summary>A department, with its usages by the number of their service.</summary>
    private sealed class Place(string department)
    {
        private ServiceUsage?[] _usages = [];

        public string Department { get; } = department;

        public ref ServiceUsage? UsageOf(int service)
        {
            if (service >= _usages.Length)
            {
                Array.Resize(ref _usages, Math.Max(service + 1, 2 * _usages.Length));
            }

            return ref _usages[service];
        }
    }

    private sealed class Origin(string client, Place place)
    {
        /// <summary>A bit for each number of a service that it uses.</summary>
        private ulong[] _uses = [];

        public string Client { get; } = client;

        public Place Place { get; } = place;

        public long Events { get; set; }

        /// <summary>Its number, once it has used a service.</summary>
        public int Person { get; set; } = -1;

        /// <returns>Whether it was known to.</returns>
        public bool Uses(int service)
        {
            var (word, bit) = (service / 64, 1UL << service);
            if (word >= _uses.Length)
            {
                Array.Resize(ref _uses, word + 1);
            }

            var isKnown = (_uses[word] & bit) != 0;
            _uses[word] |= bit;
            return isKnown;
        }
    }
}
