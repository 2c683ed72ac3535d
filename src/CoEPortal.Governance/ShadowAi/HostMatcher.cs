using System.Globalization;
using System.Text;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What a host is.</summary>
/// <param name="Service">Null when it is none that is known.</param>
/// <param name="Imitates">The service whose name it imitates; it is then not that service.</param>
public readonly record struct HostMatch(AiService? Service, AiService? Imitates);

/// <summary>Finds the service that a host belongs to, or the one that it wants to be taken for.</summary>
public sealed class HostMatcher
{
    /// <summary>Letters that look like those of our alphabet, as they are used in look-alike domains (Unicode TR 39), and digits for letters.</summary>
    private static readonly Dictionary<char, char> LookAlike = Pairs("аaеeоoрpсcуyхxіiјjѕsԁdɡgһhӏlԛqԝwкkмmтtвbнhαaοoρpνvιiκkτtυu0o1l5sıi");

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    private readonly Dictionary<string, AiService> _domains;
    private readonly Dictionary<string, AiService> _skeletons;
    private readonly int _mostLabels;
    private readonly ToolNames _names;

    public HostMatcher(ServiceCatalogue catalogue)
    {
        _domains = catalogue.Services.SelectMany(s => s.Domains.Select(d => (Domain: d, Service: s))).ToDictionary(d => d.Domain, d => d.Service, StringComparer.Ordinal);
        _skeletons = _domains.GroupBy(d => Skeleton(d.Key), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Value, StringComparer.Ordinal);
        _mostLabels = _domains.Keys.Max(d => d.Count(c => c == '.') + 1);
        _names = new ToolNames(catalogue);
    }

    /// <summary>The service that a list of applications or bookings means by a name; null when it is none that is known.</summary>
    public AiService? Named(string tool) => _names.Of(tool, word => Match(word).Service);

    /// <param name="host">As the log has it, in any case, with or without the dot at the end.</param>
    public HostMatch Match(string host)
    {
        var name = host.ToLowerInvariant().TrimEnd('.');
        var labels = name.Split('.');
        foreach (var end in Ends(labels))
        {
            if (_domains.TryGetValue(end, out var service))
            {
                return new(service, null);
            }
        }

        return new(null, Imitated(name));
    }

    private AiService? Imitated(string name)
    {
        var labels = Readable(name).Split('.');
        foreach (var end in Ends(labels))
        {
            if (_skeletons.TryGetValue(Skeleton(end), out var service))
            {
                return service;
            }
        }

        // A known domain in front of somebody else's: chatgpt.com.example.net.
        for (var from = 0; from < labels.Length - 1; from++)
        {
            for (var to = from + 2; to < labels.Length && to - from <= _mostLabels; to++)
            {
                if (_domains.TryGetValue(string.Join('.', labels[from..to]), out var service))
                {
                    return service;
                }
            }
        }

        return null;
    }

    /// <summary>The longest first: the most specific wins.</summary>
    private IEnumerable<string> Ends(string[] labels)
    {
        for (var count = Math.Min(labels.Length, _mostLabels); count >= 2; count--)
        {
            yield return string.Join('.', labels[^count..]);
        }
    }

    /// <summary>Without the disguise of international domains.</summary>
    private static string Readable(string name)
    {
        try
        {
            return name.Contains("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(name) : name;
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    private static string Skeleton(string name)
    {
        var skeleton = new StringBuilder(name.Length);
        foreach (var letter in name.Normalize(NormalizationForm.FormKD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark))
        {
            skeleton.Append(LookAlike.GetValueOrDefault(letter, letter));
        }

        return skeleton.Replace("rn", "m").Replace("vv", "w").ToString();
    }

    private static Dictionary<char, char> Pairs(string pairs) => pairs.Chunk(2).ToDictionary(p => p[0], p => p[1]);
}
