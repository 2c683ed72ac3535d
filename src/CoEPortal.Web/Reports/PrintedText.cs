using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Reports;

/// <summary>Figures, instants and names as a printed report writes them: exact, and the same wherever it is printed.</summary>
public static partial class PrintedText
{
    // Not a culture of the machine: newer tables write Sept for Sep, and a report should not change with them.
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>22 Nov 2026, 14:00:05 +01:00.</summary>
    public static string Instant(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm:ss zzz", English);

    /// <summary>22 Nov 2026.</summary>
    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", English);

    /// <summary>$12.5, with every digit that is known up to six: small costs must not read as nothing.</summary>
    public static string Exact(decimal amount, string currency) =>
        (currency == "USD" ? "$" : currency + "\u00a0") + amount.ToString(amount != 0 && Math.Abs(amount) < 0.01m ? "0.######" : "#,0.00##", English);

    /// <summary>How often an amount may be spent.</summary>
    public static string Within(KillCriterionWindow window) => window switch
    {
        KillCriterionWindow.Day => "a day",
        KillCriterionWindow.Month => "a month",
        _ => "in total",
    };

    public static string Figure(decimal figure) => figure.ToString("#,0.######", English);

    /// <summary>ApproveWithConditions: Approve with conditions.</summary>
    public static string Words(Enum value) => value is Role role ? EventInWords.Name(role) : Words(value.ToString());

    /// <summary>The same for a name that came as text.</summary>
    public static string Words(string name)
    {
        var words = WordStart().Replace(name, " ").ToLower(English);
        return words.Length == 0 ? "" : char.ToUpper(words[0], English) + words[1..];
    }

    /// <summary>
    /// Shows what would otherwise act or hide: controls, halves of characters, and marks that make the text after them run in
    /// another direction than it is written. A report must not read differently from what was signed.
    /// </summary>
    public static string Visible(string text)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            _ = (char.IsControl(c) && c is not ('\n' or '\t' or '\r')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')
                or '\u200e' or '\u200f' or '\u061c' or '\ufeff' or '\u00ad' || char.IsSurrogate(c) && !IsPaired(text, at)
                ? shown.Append(CultureInfo.InvariantCulture, $"[U+{(int)c:X4}]")
                : shown.Append(c);
        }

        return shown.ToString();
    }

    private static bool IsPaired(string text, int at) => char.IsHighSurrogate(text[at])
        ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : at > 0 && char.IsHighSurrogate(text[at - 1]);

    /// <summary>The beginning of a text, on one line, ended by an ellipsis where it was cut; never in the middle of a character.</summary>
    public static string Brief(string text, int most)
    {
        var line = new StringInfo(string.Join(' ', Visible(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return line.LengthInTextElements <= most ? line.String : line.SubstringByTextElements(0, most - 1).TrimEnd() + "…";
    }

    /// <summary>For a string in a style sheet: everything but letters, digits and spaces of ASCII as an escape, so that nothing ends the string or the element.</summary>
    public static string ForCss(string text) =>
        string.Concat(text.EnumerateRunes().Select(r => r.IsAscii && (Rune.IsLetterOrDigit(r) || r.Value == ' ') ? r.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\{r.Value:X6} ")));

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
