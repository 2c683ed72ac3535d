using System.Text;
using CoEPortal.Governance.Access;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CoEPortal.Governance.Cards;

/// <summary>A published card as Markdown with YAML in front, as Hugging Face writes them. What we do not understand is kept.</summary>
public static class CardMarkdown
{
    public const int LargestFile = 512 * 1024;

    private const int MostDepth = 20;

    /// <summary>A card that was read, with what the file itself says it is called.</summary>
    public sealed record Read(string Title, CardContent Content);

    /// <exception cref="RuleViolationException">The file is no Markdown card; says why and where.</exception>
    public static Read Parse(ReadOnlySpan<byte> file, CardTemplate template, CardKind kind)
    {
        Refuse.If(file.Length > LargestFile, "file-too-large", $"A card has at most {LargestFile / 1024} KB.");
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(file).TrimStart('\uFEFF').ReplaceLineEndings("\n");
        }
        catch (DecoderFallbackException)
        {
            throw new RuleViolationException("not-text", "This is not a text in UTF-8. Send the Markdown of the card.");
        }

        Refuse.If(text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')), "not-text", "This is not a text: it holds control characters. Send the Markdown of the card.");
        var (frontMatter, licence, body) = FrontMatterOf(text);
        var (title, sections, foreign) = SectionsOf(body, template, kind);
        Refuse.If(sections.Count == 0 && foreign.Count == 0, "no-sections", "No section was found: a card has headings such as “## Uses”.");
        return new Read(title, new CardContent { FrontMatter = frontMatter, Licence = licence, Sections = sections, Foreign = foreign }.Checked(template, kind));
    }

    public static string Write(Card card, CardContent content, CardTemplate template)
    {
        var markdown = new StringBuilder();
        var front = content.FrontMatter.Length > 0 ? content.FrontMatter.TrimEnd('\n') : $"license: {Quoted(content.Licence)}";
        markdown.Append("---\n").Append(front).Append("\n---\n\n# ").Append(card.Name).Append(card.ModelVersion.Length > 0 ? " " + card.ModelVersion : "").Append("\n\n");
        foreach (var section in template.Of(card.Kind).Where(s => content.Section(s.Id).Length > 0))
        {
            markdown.Append("## ").Append(section.Title).Append("\n\n").Append(content.Section(section.Id).Trim('\n')).Append("\n\n");
        }

        foreach (var foreign in content.Foreign)
        {
            markdown.Append("## ").Append(foreign.Heading).Append("\n\n").Append(foreign.Text.Trim('\n')).Append("\n\n");
        }

        return markdown.ToString().TrimEnd('\n') + "\n";
    }

    private static (string Raw, string Licence, string Body) FrontMatterOf(string text)
    {
        if (!text.StartsWith("---\n", StringComparison.Ordinal))
        {
            return ("", "", text);
        }

        var end = text.IndexOf("\n---\n", 3, StringComparison.Ordinal);
        Refuse.If(end < 0, "front-matter-open", "Line 1: the YAML in front has no end. Close it with a line of three dashes.");
        var raw = end > 4 ? text[4..end] : "";
        Refuse.If(raw.Length > CardContent.FrontMatterLength, "front-matter-too-long", $"The YAML in front has at most {CardContent.FrontMatterLength:N0} characters.");
        try
        {
            DemandPlain(raw);
            var stream = new YamlStream();
            stream.Load(new StringReader(raw));
            Refuse.If(stream.Documents.Count > 1 || stream.Documents is [{ RootNode: not YamlMappingNode }], "front-matter-unusable", "The YAML in front is no list of names and values.");
            var licence = stream.Documents is [{ RootNode: YamlMappingNode root }]
                && root.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: "license" }).Value is YamlScalarNode { Value: { Length: <= 100 } name } ? name : "";
            return (raw, licence, text[(end + 5)..]);
        }
        catch (YamlException error)
        {
            throw new RuleViolationException("front-matter-unusable", $"Line {error.Start.Line + 1}: the YAML in front cannot be read. {error.InnerException?.Message ?? error.Message}");
        }
    }

    // Deep nesting overflows the reader's stack, and a few lines of aliases stand for billions of values.
    private static void DemandPlain(string yaml)
    {
        var (parser, depth) = (new Parser(new StringReader(yaml)), 0);
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            Refuse.If(depth > MostDepth, "front-matter-unusable", $"Line {parser.Current.Start.Line + 1}: the YAML in front is nested too deeply.");
            Refuse.If(parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false }, "front-matter-unusable", $"Line {parser.Current.Start.Line + 1}: anchors and aliases are not read. Write it out.");
        }
    }

    private static (string Title, Dictionary<string, string> Sections, List<ForeignSection> Foreign) SectionsOf(string body, CardTemplate template, CardKind kind)
    {
        var (title, sections, foreign) = ("", new Dictionary<string, string>(), new List<ForeignSection>());
        var (text, section, heading, level, fenced) = (new StringBuilder(), (CardSection?)null, "", 0, false);
        foreach (var line in body.Split('\n'))
        {
            fenced ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            var marks = fenced ? 0 : line.TakeWhile(c => c == '#').Count();
            if (marks is 0 or > 6 || line.Length <= marks || line[marks] != ' ')
            {
                text.Append(line).Append('\n');
                continue;
            }

            var name = line[marks..].Trim().TrimEnd('#').Trim();
            var found = template.Find(kind, name);
            if (found is null && marks == 1 && title.Length == 0)
            {
                title = name.Length > Card.NameLength ? name[..Card.NameLength] : name;
                Keep();
                (section, heading, level) = (null, "Introduction", 1);
            }
            else if (found is null && level > 0 && marks > level)
            {
                // Below a section it belongs to, whatever it is called.
                text.Append(line).Append('\n');
            }
            else
            {
                Keep();
                (section, heading, level) = (found, name.Length > 200 ? name[..200] : name, marks);
            }
        }

        Keep();
        return (title, sections, foreign);

        void Keep()
        {
            var said = text.ToString().Trim('\n', ' ');
            text.Clear();
            if (said.Length == 0)
            {
                return;
            }

            if (section is not null)
            {
                sections[section.Id] = sections.TryGetValue(section.Id, out var before) ? $"{before}\n\n{said}" : said;
            }
            else
            {
                foreign.Add(new ForeignSection(heading.Length > 0 ? heading : "Introduction", said));
            }
        }
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
