using System.Text;

namespace CoEPortal.Governance.Import;

/// <summary>Text as people typed it into spreadsheets over the years, made comparable.</summary>
internal static class InventoryText
{
    /// <summary>One kind of line end, and nothing that only steers a terminal or turns the reading direction.</summary>
    public static string Clean(string text)
    {
        text = text.ReplaceLineEndings("\n");
        return text.Any(IsUnwanted) ? string.Concat(text.Select(c => IsUnwanted(c) ? ' ' : c)).Trim() : text.Trim();

        static bool IsUnwanted(char c) => char.IsControl(c) && c is not ('\n' or '\t') || c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\ufeff';
    }

    /// <summary>For comparing answers and column names: case, spaces, curly quotes and dashes make no difference, and neither does a full stop at the end.</summary>
    public static string Folded(string text)
    {
        var folded = new StringBuilder(text.Length);
        var space = false;
        foreach (var letter in text)
        {
            if (char.IsWhiteSpace(letter) || char.IsControl(letter))
            {
                space = folded.Length > 0;
                continue;
            }

            if (space)
            {
                folded.Append(' ');
                space = false;
            }

            folded.Append(letter switch
            {
                '\u2018' or '\u2019' or '\u00b4' => '\'',
                '\u201c' or '\u201d' => '"',
                '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212' => '-',
                _ => char.ToLowerInvariant(letter),
            });
        }

        return folded.ToString().TrimEnd('.', ' ');
    }

    public static string Cut(string text, int length) => text.Length <= length ? text : char.IsHighSurrogate(text[length - 2]) ? text[..(length - 2)] + "…" : text[..(length - 1)] + "…";
}
