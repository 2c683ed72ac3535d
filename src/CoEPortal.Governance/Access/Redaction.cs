using System.Text.RegularExpressions;

namespace CoEPortal.Governance.Access;

/// <summary>What must not be stored is taken out of what people write, before anything is stored or logged.</summary>
public static partial class Redaction
{
    /// <summary>People paste what they should not: keys, e-mail addresses, account and telephone numbers.</summary>
    internal static string Of(string text)
    {
        var plain = string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')).Trim();
        plain = OfKeys(plain);
        plain = Address().Replace(plain, "[e-mail]");
        plain = Account().Replace(plain, "[account]");
        return LongNumber().Replace(plain, "[number]");
    }

    /// <summary>Keys and tokens alone; takes time in proportion to the text, however hostile.</summary>
    internal static string OfKeys(string text) => Key().Replace(text, "[key]");

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{1,60}-----(?:(?:(?!-----)[A-Za-z0-9+/=\s:,.-])*-----END [A-Z0-9 ]{1,60}-----|[A-Za-z0-9+/=\s]*)|\b(?:(?:sk|pk|coe|ghp|gho|github_pat|xoxb|xoxp)[-_]|AKIA|ASIA|AIza)[-_A-Za-z0-9]{8,}|\beyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9._-]*|\b(?:Bearer|Basic) [A-Za-z0-9+/=._-]{8,}")]
    private static partial Regex Key();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")]
    private static partial Regex Address();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")]
    private static partial Regex Account();

    [GeneratedRegex(@"\+?\b[0-9](?:[ -]?[0-9]){8,}\b")]
    private static partial Regex LongNumber();
}
