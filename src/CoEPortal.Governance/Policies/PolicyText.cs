using System.Globalization;
using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Policies;

public enum PolicyBlockKind { Heading, Paragraph, Item }

/// <summary>A piece of a policy. Its text is shown as text: markup in it has no effect.</summary>
public sealed record PolicyBlock(PolicyBlockKind Kind, string Text);

/// <summary>A policy as it comes in a file: four lines in front, then one page of Markdown, of which headings, lists and paragraphs are understood.</summary>
public sealed partial record PolicyText(string Policy, int Number, string Title, DateOnly EffectiveOn, string Text)
{
    public const int LongestText = 12_000;
    public const int TitleLength = 200;

    /// <exception cref="InvalidDataException">It is no policy; says why.</exception>
    public static PolicyText Read(string file)
    {
        var lines = file.ReplaceLineEndings("\n").Split('\n');
        var end = Array.IndexOf(lines, "---", 1);
        Demand(lines[0] == "---" && end is > 0 and < 12, "It begins with policy, version, title and effectiveOn between two lines of ---.");
        var front = new Dictionary<string, string>();
        foreach (var line in lines[1..end].Where(l => !string.IsNullOrWhiteSpace(l)))
        {
            var parts = line.Split(':', 2);
            Demand(parts.Length == 2 && front.TryAdd(parts[0].Trim(), parts[1].Trim().Trim('"')), $"'{line}' is no line of the form 'title: …', or is there twice.");
        }

        Demand(front.Keys.Order().SequenceEqual(["effectiveOn", "policy", "title", "version"]), "policy, version, title and effectiveOn are needed, and nothing else.");
        Demand(int.TryParse(front["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var number), "version is a whole number.");
        Demand(DateOnly.TryParseExact(front["effectiveOn"], "yyyy-MM-dd", out var effectiveOn), "effectiveOn is a day, e.g. 2026-12-01.");
        try
        {
            return new PolicyText(front["policy"], number, front["title"], effectiveOn, string.Join('\n', lines[(end + 1)..])).Checked();
        }
        catch (RuleViolationException refused)
        {
            throw new InvalidDataException(refused.Message, refused);
        }
    }

    /// <summary>Headings, list items and paragraphs, in order.</summary>
    public static IReadOnlyList<PolicyBlock> Blocks(string text)
    {
        var blocks = new List<PolicyBlock>();
        var open = false;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0)
            {
                open = false;
            }
            else if (line.TrimStart('#') is var heading && heading.Length < line.Length && heading.StartsWith(' '))
            {
                blocks.Add(new(PolicyBlockKind.Heading, heading.Trim()));
                open = false;
            }
            else if (line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("* ", StringComparison.Ordinal))
            {
                blocks.Add(new(PolicyBlockKind.Item, line[2..].Trim()));
                open = true;
            }
            else if (open)
            {
                blocks[^1] = blocks[^1] with { Text = $"{blocks[^1].Text} {line}" };
            }
            else
            {
                blocks.Add(new(PolicyBlockKind.Paragraph, line));
                open = true;
            }
        }

        return blocks;
    }

    internal PolicyText Checked()
    {
        Refuse.If(!Name().IsMatch(Policy), "policy-unusable", "A policy has a short name of small letters and dashes, e.g. acceptable-use.");
        Refuse.If(Number is < 1 or > 10_000, "version-unusable", "Versions are numbered from 1.");
        Refuse.If(Title.Trim().Length is 0 or > TitleLength || Title.Any(char.IsControl), "name-required", $"Name the policy in 1 to {TitleLength} characters.");
        var text = Text.ReplaceLineEndings("\n").Trim();
        Refuse.If(text.Length == 0, "text-required", "Write what the policy asks.");
        Refuse.If(text.Length > LongestText, "text-too-long", $"A policy is one page: at most {LongestText:N0} characters.");
        Refuse.If(text.Contains('\0', StringComparison.Ordinal), "not-text", "A text holds what is no character.");
        return this with { Title = Title.Trim(), Text = text };
    }

    private static void Demand(bool holds, string why)
    {
        if (!holds)
        {
            throw new InvalidDataException(why);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{1,59}$")]
    private static partial Regex Name();
}
