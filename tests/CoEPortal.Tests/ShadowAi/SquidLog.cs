using System.Globalization;
using System.Text;
using CoEPortal.Governance.ShadowAi;

namespace CoEPortal.Tests.ShadowAi;

/// <summary>What the log that was made says of one service or look-alike in one department.</summary>
internal sealed class KnownUsage
{
    public HashSet<int> People { get; } = [];

    public long Requests { get; set; }

    public long Blocked { get; set; }

    public long Bytes { get; set; }

    public long FirstAt { get; set; } = long.MaxValue;

    public long LastAt { get; set; }
}

/// <summary>
/// Makes logs of Squid, the same for the same seed, and keeps the answer: mostly noise, some AI services by whole domains and
/// below them, look-alikes, refusals, people without a name, and lines that nobody can read.
/// </summary>
internal sealed class SquidLog(IReadOnlyList<AiService> services, int seed = 7)
{
    public const int People = 2000;

    private const int NamelessPeople = 50;
    private const long Began = 1_790_000_000_000;

    private static readonly string[] Units = ["Claims", "Underwriting", "Finance", "Human Resources", "IT", "Legal", "Marketing", "Sales"];

    /// <summary>Each looks like a service and is none: letters of another alphabet, digits for letters, a known name before another's.</summary>
    public static readonly (string Host, string Imitates)[] LookAlikes =
    [
        ("xn--hatgpt-hrf.com", "chatgpt"), ("chatgpt.com.secure-login.example", "chatgpt"), ("c1aude.ai", "claude"), ("deep1.com", "deepl"), ("grammar1y.com", "grammarly"),
    ];

    private static readonly string[] Noise =
        ["intranet.nordhaven.example", "www.wikipedia.org", "update.vendor.example", "mail.nordhaven.example", "news.example.net", "openair.example", "myclaude.ai.example.org", "deeply.example.com", "notchatgpt.com"];

    private readonly Random _random = new(seed);

    public Dictionary<(string Service, string Department), KnownUsage> Services { get; } = [];

    public Dictionary<(string Host, string Imitates), KnownUsage> Imitations { get; } = [];

    public long Unreadable { get; private set; }

    public static IEnumerable<string> Departments => [
        .. Enumerable.Range(0, People).Select(p => $"{UserOf(p)},{DepartmentOf(p)}"), "10.99.0.0/16,Finance", "10.0.0.0/8,Guests"];

    /// <summary>At least this many bytes, in whole lines.</summary>
    /// <returns>How many lines.</returns>
    public long Write(Stream file, long bytes)
    {
        var (written, lines, line) = (0L, 0L, new StringBuilder(256));
        while (written < bytes)
        {
            line.Clear();
            WriteLine(line, Began + lines * 37);
            line.Append('\n');
            var encoded = Encoding.UTF8.GetBytes(line.ToString());
            file.Write(encoded);
            written += encoded.Length;
            lines++;
        }

        return lines;
    }

    private void WriteLine(StringBuilder line, long at)
    {
        var kind = _random.Next(1000);
        if (kind == 0)
        {
            Unreadable++;
            line.Append(_random.Next(3) switch { 0 => "cache.log: assertion failed", 1 => "not-a-time 12 10.0.0.1 TCP_MISS/200 100 GET http://chatgpt.com/ - -", _ => "1790000000.000 \ufffd\ufffd 10.0.0.1" });
            return;
        }

        var person = _random.Next(People + NamelessPeople);
        var (user, client) = person < People ? (UserOf(person), $"10.{person / 250}.{person % 250}.9") : ("-", $"10.99.0.{person - People}");
        var (bytes, isBlocked) = (_random.Next(200, 90_000), _random.Next(25) == 0);
        string host;
        if (kind < 60)
        {
            var service = services[_random.Next(services.Count)];
            host = (_random.Next(3) == 0 ? "cdn-7." : "") + service.Domains[_random.Next(service.Domains.Count)];
            host = _random.Next(10) == 0 ? host.ToUpperInvariant() : host;
            Note(Services, (service.Id, person < People ? DepartmentOf(person) : "Finance"), person, at, bytes, isBlocked);
        }
        else if (kind < 64)
        {
            var imitation = LookAlikes[_random.Next(LookAlikes.Length)];
            host = imitation.Host;
            Note(Imitations, imitation, person, at, bytes, isBlocked);
        }
        else
        {
            host = kind < 600 ? Noise[_random.Next(Noise.Length)] : string.Create(CultureInfo.InvariantCulture, $"h{_random.Next(50_000)}.example.com");
        }

        var (method, url) = _random.Next(4) == 0 ? ("GET", $"http://{host}/a/b?c={_random.Next(1000)}") : ("CONNECT", $"{host}:443");
        line.Append(CultureInfo.InvariantCulture, $"{at / 1000}.{at % 1000:000} {_random.Next(99_999),6} {client} {(isBlocked ? "TCP_DENIED/403" : "TCP_TUNNEL/200")} {bytes} {method} {url} {user} HIER_DIRECT/203.0.113.9 -");
    }

    private static void Note<TKey>(Dictionary<TKey, KnownUsage> usages, TKey key, int person, long at, long bytes, bool isBlocked)
        where TKey : notnull
    {
        var usage = usages.TryGetValue(key, out var known) ? known : usages[key] = new KnownUsage();
        usage.People.Add(person);
        (usage.Requests, usage.Bytes, usage.Blocked) = (usage.Requests + 1, usage.Bytes + bytes, usage.Blocked + (isBlocked ? 1 : 0));
        (usage.FirstAt, usage.LastAt) = (Math.Min(usage.FirstAt, at), Math.Max(usage.LastAt, at));
    }

    private static string UserOf(int person) => string.Create(CultureInfo.InvariantCulture, $"u{person:0000}");

    private static string DepartmentOf(int person) => Units[person % Units.Length];
}
