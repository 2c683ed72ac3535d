using System.Text;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Text of users as one line of bounded length: no line break that could start a mail header, no half of a character,
/// nothing PostgreSQL refuses to store.
/// </summary>
public static class PlainLine
{
    private const char Cut = '…';

    public static string Of(string? text, int longest)
    {
        var line = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            // The two Unicode line separators are no control characters, but break lines all the same.
            line.Append(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? " " : rune.ToString());
            if (line.Length > longest)
            {
                break;
            }
        }

        return line.Length <= longest ? line.ToString().Trim() : Shortened(line, longest);
    }

    private static string Shortened(StringBuilder line, int longest)
    {
        var end = char.IsHighSurrogate(line[longest - 2]) ? longest - 2 : longest - 1;
        return line.ToString(0, end).Trim() + Cut;
    }
}
