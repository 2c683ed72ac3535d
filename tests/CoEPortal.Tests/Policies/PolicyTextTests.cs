using CoEPortal.Governance.Policies;

namespace CoEPortal.Tests.Policies;

public sealed class PolicyTextTests
{
    [Fact]
    public void Headings_lists_and_paragraphs_are_understood_and_everything_else_is_text() => Assert.Equal(
        [
            new(PolicyBlockKind.Heading, "May"), new(PolicyBlockKind.Item, "one that goes on"), new(PolicyBlockKind.Item, "<b>two</b>"), new(PolicyBlockKind.Paragraph, "[x](javascript:alert(1)) and so on"),
            new(PolicyBlockKind.Paragraph, "#tag"),
        ],
        PolicyText.Blocks("## May\n\n- one that\n  goes on\n* <b>two</b>\n\n[x](javascript:alert(1))\nand so on\n\n#tag"));

    [Fact]
    public void The_policies_that_ship_are_one_page_each()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "templates", "policies"), "*.md").Where(f => Path.GetFileName(f) != "README.md").ToList();

        Assert.Equal(3, files.Count);
        Assert.All(files, f => Assert.True(PolicyText.Read(File.ReadAllText(f)).Text.Length is > 300 and < 3000));
    }

    [Theory]
    [InlineData("no front")]
    [InlineData("---\npolicy: a-b\nversion: 1\ntitle: T\n---\nx")]
    [InlineData("---\npolicy: a-b\nversion: one\ntitle: T\neffectiveOn: 2026-01-01\n---\nx")]
    [InlineData("---\npolicy: a-b\nversion: 1\ntitle: T\neffectiveOn: soon\n---\nx")]
    [InlineData("---\npolicy: a-b\npolicy: a-c\nversion: 1\ntitle: T\neffectiveOn: 2026-01-01\n---\nx")]
    [InlineData("---\npolicy: a-b\nversion: 1\ntitle: T\neffectiveOn: 2026-01-01\nowner: me\n---\nx")]
    [InlineData("---\npolicy: ../../a\nversion: 1\ntitle: T\neffectiveOn: 2026-01-01\n---\nx")]
    [InlineData("---\npolicy: a-b\nversion: 1\ntitle: T\neffectiveOn: 2026-01-01\n---\n")]
    public void What_is_no_policy_is_refused(string file) => Assert.Throws<InvalidDataException>(() => PolicyText.Read(file));
}
