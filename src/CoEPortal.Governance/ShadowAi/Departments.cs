using System.Net;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Which department a user or an address belongs to.</summary>
public sealed class Departments
{
    public const string Unknown = "unknown";

    public const int MostLines = 1_000_000;

    public const int LongestName = 100;

    private readonly Dictionary<string, string> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(IPNetwork Network, string Department)> _networks = [];

    public static Departments None { get; } = new([]);

    private Departments(IEnumerable<(string Key, string Department)> entries)
    {
        foreach (var (key, department) in entries)
        {
            if (IPNetwork.TryParse(key, out var network))
            {
                _networks.Add((network, department));
            }
            else
            {
                _users[key] = department;
            }
        }

        // The narrowest first.
        _networks.Sort((a, b) => b.Network.PrefixLength.CompareTo(a.Network.PrefixLength));
    }

    /// <summary>Lines of <c>user or network,department</c>, e.g. <c>j.weber,Claims</c> or <c>10.4.0.0/16,Claims</c>; lines that begin with # say nothing.</summary>
    /// <exception cref="InvalidDataException">Says which line cannot be read.</exception>
    public static Departments Parse(IEnumerable<string> lines, string name) => new(lines.Take(MostLines).Index()
        .Where(l => l.Item.Trim() is { Length: > 0 } text && text[0] != '#')
        .Select(l => l.Item.Split([',', ';', '\t'], 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } key, { Length: > 0 and <= LongestName } department]
            ? (key, department)
            : throw new InvalidDataException($"{name}, line {l.Index + 1}: write a user or a network, a comma and a department.")));

    /// <summary>As a log writes it itself.</summary>
    public static string Named(string department) => department.Trim() is { Length: > 0 and <= LongestName } name && !name.Any(char.IsControl) ? name : Unknown;

    /// <param name="user">Empty when nobody signed in.</param>
    public string Of(string user, string client)
    {
        if (user.Length > 0 && _users.TryGetValue(user, out var department) || _users.TryGetValue(client, out department))
        {
            return department;
        }

        return IPAddress.TryParse(client, out var address) && _networks.Find(n => n.Network.Contains(address)) is { Department: not null } found ? found.Department : Unknown;
    }
}
