using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Tests.Gates;

/// <summary>The rules of gates as a file: read, refused with its line, and kept when a later one is broken.</summary>
public sealed class GateRulesTests
{
    private const string Good = """
        version: "1"
        effectiveOn: 2026-01-01
        suites:
          - id: golden-set
            title: Golden set
            minimumExamples: 10
            goodForDays: 30
            metrics:
              - { id: accuracy, title: Accuracy, atLeast: 0.9 }
        requirements:
          - { lane: full, components: [prompt], suites: [golden-set] }
        findings:
          holdOpen: [critical]
          daysToFix: { critical: 7, high: 14, medium: 30, low: 90 }
        """;

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_rules_that_ship_are_good()
    {
        var files = new VersionedFiles<GateRules>(Path.Combine(Repository.Root, "templates", "gates"), GateRules.Files, new Organisation());

        Assert.Empty(files.Refused);
        Assert.Equal(["golden-set", "safety", "cost"], files.InForce(Now).RequiredFor(Lane.Full, Component.Prompt, []).Select(s => s.Id));
        Assert.Empty(files.InForce(Now).RequiredFor(Lane.Fast, Component.Prompt, []));
    }

    [Theory]
    [InlineData("suites: [golden-set]", "suites: [golden-sets]", 11, "required but not described")]
    [InlineData("atLeast: 0.9", "atLeast: 0.9, atMost: 0.95", 9, "either atLeast or atMost")]
    [InlineData("goodForDays: 30", "goodForDays: 0", 4, "goodForDays of at least 1")]
    [InlineData("goodForDays: 30", "goodForDay: 30", 7, "goodForDay")]
    [InlineData("lane: full", "lane: none", 11, "None")]
    [InlineData("title: Golden set", "title: &a Golden set", 5, "Anchors")]
    [InlineData(", low: 90", "", 14, "low finding")]
    [InlineData("version: \"1\"", "version: \"\"", 1, "version and effectiveOn")]
    [InlineData("title: Golden set", "title: Golden set\n    title: Twice", 6, "")]
    public void A_file_that_contradicts_itself_is_refused_with_line_and_reason(string was, string becomes, long line, string reason)
    {
        var refused = VersionedFile.Read<GateRules>(Good.Replace(was, becomes, StringComparison.Ordinal), "gates-x.yaml", out _);

        Assert.NotNull(refused);
        Assert.Equal(line, refused.Line);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_good_version_stays_in_force_beside_a_broken_one()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "gates-1.yaml"), Good);
            File.WriteAllText(Path.Combine(folder.FullName, "gates-2.yaml"), Good.Replace("version: \"1\"", "version: \"2\"", StringComparison.Ordinal).Replace("[golden-set]", "[nothing]", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder.FullName, "gates-3.yaml"), new string('#', 300_000));
            File.WriteAllText(Path.Combine(folder.FullName, "gates-4.yaml"), Good);
            var files = new VersionedFiles<GateRules>(folder.FullName, GateRules.Files, new Organisation());

            Assert.Equal("1", files.InForce(Now).Version);
            Assert.Equal(["gates-2.yaml", "gates-3.yaml", "gates-4.yaml"], files.Refused.Select(r => r.File));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Without_any_good_file_there_are_no_rules_and_so_no_promotion()
    {
        var files = new VersionedFiles<GateRules>(Path.Combine(Repository.Root, "no-such-folder"), GateRules.Files, new Organisation());

        Assert.Throws<InvalidDataException>(() => files.InForce(Now));
    }
}
