using System.Text.RegularExpressions;

namespace CoEPortal.Governance.Notifications;

/// <summary>Whether a title is words only. What could be a key, an address or the number of a person or account stays inside.</summary>
internal static partial class PlainTitle
{
    public static bool Is(string title) => !Suspicious().IsMatch(title);

    // An @ or a scheme; a beginning that keys have; six digits with nothing but spaces or dashes between; sixteen letters and digits mixed.
    [GeneratedRegex(@"@|://|\b(sk|pk|ghp|gho|xox[bp]|coe|AKIA|AIza|eyJ)[-_A-Za-z0-9]*[-_]?[A-Za-z0-9]{8,}|(\d[ -]?){6,}|\b(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}\b")]
    private static partial Regex Suspicious();
}
