using System.Text;

namespace CoEPortal.Workflows.Drawing;

/// <summary>Names of the file in words people read.</summary>
internal static class Words
{
    /// <summary><c>setChangesRequested</c> becomes "Set changes requested", <c>CoeLead</c> becomes "CoE lead".</summary>
    public static string Of(string name)
    {
        var words = Split(name).Select(w => w is "coe" ? "CoE" : w).ToList();
        if (words.Count == 0)
        {
            return name;
        }

        words[0] = char.ToUpperInvariant(words[0][0]) + words[0][1..];
        return string.Join(' ', words);
    }

    /// <summary>The same inside a sentence.</summary>
    public static string InSentence(string name)
    {
        var words = Of(name);
        return words.Length > 1 && char.IsLower(words[1]) ? char.ToLowerInvariant(words[0]) + words[1..] : words;
    }

    /// <summary>What a port says about the way taken; null for the only way there is.</summary>
    public static string? OfPort(Activity source, string port) => (source.Type, port) switch
    {
        (ActivityTypes.FlowDecision, "True") => "yes",
        (ActivityTypes.FlowDecision, "False") => "no",
        (ActivityTypes.FlowSwitch, "Default") => "otherwise",
        (_, "Done") => null,
        (ActivityTypes.FlowSwitch, _) => InSentence(port),
        _ => Of(port),
    };

    public static string WorkingDays(int days) => days == 1 ? "1 working day" : $"{days} working days";

    /// <summary>"a, b and c".</summary>
    public static string List(IReadOnlyList<string> items, string last = "and") => items.Count switch
    {
        0 => "",
        1 => items[0],
        _ => $"{string.Join(", ", items.Take(items.Count - 1))} {last} {items[^1]}",
    };

    /// <summary>Breaks at blanks; a last line that is not the end of the text ends in an ellipsis.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width, int maxLines)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => Shorten(w, width)))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        lines.Add(line);
        return lines.Count <= maxLines ? lines : [.. lines.Take(maxLines - 1), Shorten(lines[maxLines - 1] + " …", width)];
    }

    private static string Shorten(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private static List<string> Split(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord = char.IsUpper(name[i]) && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord || !char.IsLetterOrDigit(name[i]))
            {
                Flush();
            }

            if (char.IsLetterOrDigit(name[i]))
            {
                word.Append(name[i]);
            }
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0)
            {
                var text = word.ToString();
                // An abbreviation stays as it is written.
                words.Add(text.Length > 1 && text.All(char.IsUpper) ? text : text.ToLowerInvariant());
                word.Clear();
            }
        }
    }
}
