using System.Text;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// Finds the service that a list of applications or bookings means by a name: its own, a company's form or a plan behind it, or one
/// of its domains in it. A short name must stand nearly alone, since Gamma is also a holding and Cursor also a shop.
/// </summary>
internal sealed class ToolNames
{
    private const int Telling = 6;

    /// <summary>What stands behind a name without making it another.</summary>
    private static readonly HashSet<string> Plain =
    [
        "ab", "ag", "ai", "app", "as", "business", "bv", "co", "com", "corp", "desktop", "edu", "enterprise", "gmbh", "inc", "individual", "io", "lab", "labs", "limited", "llc", "ltd", "membership",
        "monthly", "oidc", "oy", "plus", "premium", "pro", "sa", "saml", "sas", "sso", "subscr", "subscription", "team", "teams", "web", "yearly",
    ];

    private readonly Dictionary<string, AiService> _names = new(StringComparer.Ordinal);
    private readonly int _mostWords;

    public ToolNames(ServiceCatalogue catalogue)
    {
        foreach (var service in catalogue.Services)
        {
            _names.TryAdd(Folded(service.Name.Split(',')[0]), service);
            // A vendor with one service is known by it; of several the one that bears its name.
            _names.TryAdd(Folded(service.Id), service);
        }

        foreach (var vendor in catalogue.Services.GroupBy(s => Folded(s.Vendor), StringComparer.Ordinal).Where(v => v.Count() == 1))
        {
            _names.TryAdd(vendor.Key, vendor.Single());
        }

        _mostWords = _names.Keys.Max(n => n.Count(c => c == ' ') + 1);
    }

    /// <param name="text">E.g. <c>OPENAI *CHATGPT SUBSCR</c>, or <c>Otter.ai - for meetings</c>.</param>
    /// <param name="domain">Whose domain a word is.</param>
    public AiService? Of(string text, Func<string, AiService?> domain)
    {
        foreach (var word in text.Split([' ', '/', '*', ',', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Contains('.', StringComparison.Ordinal)))
        {
            if (domain(word.TrimEnd('.')) is { } byDomain)
            {
                return byDomain;
            }
        }

        // What a card is charged by stands behind a star: the last is the most telling.
        return text.Split('*').Reverse().Append(text).Select(part => Folded(part)).Select(Named).FirstOrDefault(s => s is not null);
    }

    private AiService? Named(string text)
    {
        var words = text.Split(' ');
        for (var count = Math.Min(words.Length, _mostWords); count >= 1; count--)
        {
            var name = string.Join(' ', words[..count]);
            if (_names.TryGetValue(name, out var service) && (count > 1 || name.Length >= Telling || words[1..].TakeWhile(w => w != "for").All(Plain.Contains)))
            {
                return service;
            }
        }

        return null;
    }

    private static string Folded(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                folded.Append(char.ToLowerInvariant(letter));
            }
            else if (folded.Length > 0 && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        return folded.ToString().TrimEnd();
    }
}
