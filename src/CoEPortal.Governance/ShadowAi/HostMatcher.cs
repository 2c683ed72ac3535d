using System.Buffers;
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

    private static readonly SearchValues<char> Disguises = SearchValues.Create([.. LookAlike.Keys]);

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
        var name = host.ToLowerInvariant().AsSpan().TrimEnd('.');
        return EndingIn(_domains, name) is { } service ? new(service, null) : new(null, Imitated(name));
    }

    private AiService? Imitated(ReadOnlySpan<char> name)
    {
        var readable = Readable(name);
        // Each label has a skeleton of its own, so the skeleton of an end is the end of the skeleton.
        if (EndingIn(_skeletons, Skeleton(readable)) is { } disguised)
        {
            return disguised;
        }

        // A known domain in front of somebody else's: chatgpt.com.example.net.
        var domains = _domains.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var rest = readable.AsSpan(); rest.IndexOf('.') is >= 0 and var first; rest = rest[(first + 1)..])
        {
            var (end, labels) = (first, 1);
            while (labels < _mostLabels && rest[(end + 1)..].IndexOf('.') is >= 0 and var next)
            {
                (end, labels) = (end + 1 + next, labels + 1);
                if (domains.TryGetValue(rest[..end], out var service))
                {
                    return service;
                }
            }
        }

        return null;
    }

    /// <summary>The longest end of whole labels that is known: the most specific wins.</summary>
    private AiService? EndingIn(Dictionary<string, AiService> known, ReadOnlySpan<char> name)
    {
        var ends = known.GetAlternateLookup<ReadOnlySpan<char>>();
        var (found, from) = ((AiService?)null, name.Length);
        for (var labels = 1; labels <= _mostLabels && from >= 0; labels++)
        {
            from = name[..from].LastIndexOf('.');
            if (labels >= 2 && ends.TryGetValue(name[(from + 1)..], out var service))
            {
                found = service;
            }
        }

        return found;
    }

    /// <summary>Without the disguise of international domains.</summary>
    private static string Readable(ReadOnlySpan<char> name)
    {
        var text = name.ToString();
        try
        {
            return text.Contains("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(text) : text;
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    private static string Skeleton(string name)
    {
        var plain = Ascii.IsValid(name) ? name
            : string.Concat(name.Normalize(NormalizationForm.FormKD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark));
        var alike = plain.AsSpan().IndexOfAny(Disguises) < 0 ? plain : string.Concat(plain.Select(c => LookAlike.GetValueOrDefault(c, c)));
        return alike.Replace("rn", "m", StringComparison.Ordinal).Replace("vv", "w", StringComparison.Ordinal);
    }

    private static Dictionary<char, char> Pairs(string pairs) => pairs.Chunk(2).ToDictionary(p => p[0], p => p[1]);
}
