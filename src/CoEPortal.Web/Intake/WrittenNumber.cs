using System.Globalization;
using System.Text.RegularExpressions;

namespace CoEPortal.Web.Intake;

/// <summary>A number as people write it: 4000, 4,000 or 2.1. What is none stays on the page as text.</summary>
internal static partial class WrittenNumber
{
    public static string Of(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? "";

    /// <returns>Whether it can be read; nothing written is no number and no mistake.</returns>
    public static bool TryRead(string text, out decimal? number)
    {
        number = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        if (Form().IsMatch(text.Trim())
            && decimal.TryParse(Groups().Replace(text.Trim(), ""), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var read))
        {
            number = read;
            return true;
        }

        return false;
    }

    public static bool TryReadWhole(string text, out int? number)
    {
        var isNumber = TryRead(text, out var read);
        number = read is >= int.MinValue and <= int.MaxValue && read == decimal.Truncate(read.Value) ? (int)read.Value : null;
        return isNumber && (read is null || number is not null);
    }

    [GeneratedRegex(@"^-?(\d{1,3}([, \u00A0\u202F]\d{3})+|\d+)(\.\d+)?\z")]
    private static partial Regex Form();

    [GeneratedRegex(@"[, \u00A0\u202F]")]
    private static partial Regex Groups();
}
