using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Tests.Cards;

/// <summary>Published Markdown cards: read, kept whole where we do not understand them, and refused when they are none.</summary>
public sealed class CardMarkdownTests
{
    private const string Published = """
        ---
        license: apache-2.0
        language:
        - en
        model-index:
        - name: letters-7b
          results: []
        x-unknown: { a: [1, 2] }
        ---

        # letters-7b

        Writes letters. <script>alert(1)</script>

        ## Uses

        For letters.

        ### Direct Use

        Drafts.

        ### Out-of-Scope Use

        No contracts.

        ## Bias, Risks, and Limitations

        Knows little of Danish.

        ### Something of their own

        Kept below.

        ## Carbon accounting

        ```python
        # not a heading
        ```

        ## Training Details

        [More Information Needed]
        """;

    private static readonly CardTemplate Template =
        new VersionedFiles<CardTemplate>(Path.Combine(Repository.Root, "templates", "cards"), CardTemplate.Files, new Organisation()).InForce(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_published_card_is_read_and_what_is_not_understood_is_kept()
    {
        var read = Read(Published);

        Assert.Equal(("letters-7b", "apache-2.0"), (read.Title, read.Content.Licence));
        Assert.Equal("For letters.\n\nDrafts.", read.Content.Section("intended-use"));
        Assert.Equal("No contracts.", read.Content.Section("out-of-scope"));
        Assert.Contains("### Something of their own\n\nKept below.", read.Content.Section("ethical-considerations"), StringComparison.Ordinal);
        Assert.Equal(["Introduction", "Carbon accounting"], read.Content.Foreign.Select(f => f.Heading));
        Assert.Contains("<script>", read.Content.Foreign[0].Text, StringComparison.Ordinal);
        Assert.Contains("x-unknown: { a: [1, 2] }", read.Content.FrontMatter, StringComparison.Ordinal);
        Assert.True(string.IsNullOrEmpty(read.Content.Section("caveats")));
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_change_nothing() =>
        Assert.Equal(
            Read(Published).Content.HashOf("CARD-1", CardKind.Model, "a", "1"),
            CardMarkdown.Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Published.ReplaceLineEndings("\r\n"))], Template, CardKind.Model).Content.HashOf("CARD-1", CardKind.Model, "a", "1"));

    [Theory]
    [InlineData("---\nlicense: x\n# T", "front-matter-open")]
    [InlineData("---\n[1, 2]\n---\n# T\n\n## Uses\nx", "front-matter-unusable")]
    [InlineData("---\na: &x [1]\nb: *x\n---\n# T\n\n## Uses\nx", "front-matter-unusable")]
    [InlineData("---\na: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n---\n## Uses\nx", "front-matter-unusable")]
    [InlineData("---\na: \"\n---\n## Uses\nx", "front-matter-unusable")]
    [InlineData("", "no-sections")]
    [InlineData("## Uses\n\u0007", "not-text")]
    public void What_is_no_card_is_refused_with_a_reason(string file, string rule) =>
        Assert.Equal(rule, Assert.Throws<RuleViolationException>(() => Read(file)).Rule);

    [Fact]
    public void A_file_that_is_too_large_or_no_text_is_refused()
    {
        Assert.Equal("file-too-large", Assert.Throws<RuleViolationException>(() => Read(new string('a', CardMarkdown.LargestFile + 1))).Rule);
        Assert.Equal("not-text", Assert.Throws<RuleViolationException>(() => CardMarkdown.Parse([0x25, 0x50, 0x44, 0x46, 0xFF, 0xFE], Template, CardKind.Model)).Rule);
        Assert.Equal("section-too-long", Assert.Throws<RuleViolationException>(() => Read("## Uses\n" + new string('a', CardContent.SectionLength + 1))).Rule);
    }

    [Fact]
    public void The_templates_that_ship_are_good_and_one_that_contradicts_itself_is_refused_with_its_line()
    {
        var yaml = File.ReadAllText(Path.Combine(Repository.Root, "templates", "cards", "cards-2026.11.yaml"));
        Assert.Null(VersionedFile.Read<CardTemplate>(yaml, "x", out _));

        var refused = VersionedFile.Read<CardTemplate>(yaml.Replace("headings: [factors]", "headings: [metrics]", StringComparison.Ordinal), "x", out _);
        Assert.NotNull(refused);
        Assert.Contains("mean one section only", refused.Reason, StringComparison.Ordinal);
        Assert.True(refused.Line > 0);
    }

    internal static CardMarkdown.Read Read(string text) => CardMarkdown.Parse(Encoding.UTF8.GetBytes(text), Template, CardKind.Model);

    internal static CardContent Complete(CardKind kind) => new() { Licence = "apache-2.0", Sections = Template.Of(kind).ToDictionary(s => s.Id, s => s.Title + " of it.") };
}
