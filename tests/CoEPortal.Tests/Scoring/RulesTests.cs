using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Scoring;

/// <summary>Rules change under people's feet only when nobody looks: what is refused, what stays, what is told before.</summary>
public sealed class RulesTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "templates", "rules");

    private static string Newest => File.ReadAllText(Path.Combine(Folder, "triage-2026.11.yaml"));

    [Theory]
    [InlineData("dataClass: [restricted]", "dataClass: [secret]", "dataClass is never 'secret'")]
    [InlineData("casesPerMonth: { min: 10000 }", "casesPerMonth: [many]", "casesPerMonth is a figure")]
    [InlineData("casesPerMonth: { min: 10000 }", "casesPerMonth: { min: 10, below: 5 }", "cannot be both at least 10 and below 5")]
    [InlineData("dataClass: [confidential] }, points: 12", "dataClass: [restricted] }, points: 12", "an earlier band has the same condition")]
    [InlineData("functions: [privacy, security, legal, coeLead]", "functions: [privacy, security, legal]", "ends with coeLead")]
    [InlineData("- lane: notAllowed", "- lane: fast", "must lead to the lane notAllowed")]
    [InlineData("- { tier: low, when: {} }", "- { tier: low, when: {} }\n  - { tier: high, when: { risk: { min: 90 } } }", "so this one never does")]
    [InlineData("  - id: residency", "  - id: audience", "'audience' is there twice")]
    [InlineData("ref: LLM10, when: {}", "ref: LLM10, when: { colour: [red] }", "there is no fact 'colour'")]
    public void What_contradicts_itself_is_refused_with_its_line(string good, string bad, string why)
    {
        var yaml = Newest;
        var at = yaml.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at > 0, good);
        var line = yaml[..at].Count(c => c == '\n') + 1;

        var refused = Assert.Throws<InvalidDataException>(() => RulesFile.Parse(yaml[..at] + bad + yaml[(at + good.Length)..], "triage-x.yaml")).Message;

        Assert.Contains(why, refused, StringComparison.Ordinal);
        var told = int.Parse(refused["triage-x.yaml, line ".Length..refused.IndexOf(':', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(told, line - 12, line + 2);
    }

    [Fact]
    public void A_broken_file_is_refused_and_the_others_judge_on()
    {
        using var files = new Files(("triage-1.yaml", Newest), ("triage-2.yaml", Newest.Replace("2026-11-20", "2026-11-21", StringComparison.Ordinal).Replace("\"2026.11\"", "\"2\"", StringComparison.Ordinal).Replace("dataClass: [restricted]", "dataClass: [secret]", StringComparison.Ordinal)), ("triage-3.yaml", Newest));

        var rules = new TriageRules(files.Folder, new Organisation());

        Assert.Equal("2026.11", rules.InForce(Clock.GetUtcNow()).Version);
        Assert.Equal(2, rules.Refused.Count);
        Assert.Contains("triage-2.yaml, line ", rules.Refused[0], StringComparison.Ordinal);
        Assert.Contains("triage-3.yaml: triage-1.yaml has the same version", rules.Refused[1], StringComparison.Ordinal);
        using var none = new Files(("triage-1.yaml", "version: 1\n"));
        Assert.Throws<InvalidDataException>(() => new TriageRules(none.Folder, new Organisation()));
    }

    [Fact]
    public async Task Rules_in_force_stay_as_they_were_when_their_file_is_edited_or_taken_away()
    {
        using (var first = new Files(("triage-1.yaml", Newest)))
        {
            await KeepAsync(first.Folder);
        }

        using var edited = new Files(("triage-1.yaml", Newest.Replace("points: 24, sentence: \"Restricted data.\"", "points: 1, sentence: \"Restricted data.\"", StringComparison.Ordinal)));
        var rules = await KeepAsync(edited.Folder);
        Assert.Contains("triage-1.yaml, line ", Assert.Single(rules.Refused), StringComparison.Ordinal);
        Assert.Equal(24, rules.InForce(Clock.GetUtcNow()).Risk[0].Bands[0].Points);

        using var replaced = new Files(("triage-9.yaml", Newest.Replace("2026-11-20", "2026-12-20", StringComparison.Ordinal).Replace("\"2026.11\"", "\"2026.12\"", StringComparison.Ordinal)));
        rules = await KeepAsync(replaced.Folder);
        Assert.Equal(("2026.11", "2026.12"), (rules.InForce(Clock.GetUtcNow()).Version, Assert.Single(rules.Coming(Clock.GetUtcNow())).Version));
    }

    [Fact]
    public async Task Before_rules_take_effect_it_is_told_which_use_cases_would_change_lane_and_none_is_changed()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await GivenASubmittedAsync(HelpBotProposal);
        var harder = RulesPreview.Given(Newest.Replace("\"2026.11\"", "\"2027.01\"", StringComparison.Ordinal).Replace("audience: [team, organisation] }, otherwise", "audience: [team] }, otherwise", StringComparison.Ordinal).Replace("personalData: [none] }, otherwise", "personalData: [special] }, otherwise", StringComparison.Ordinal));

        var preview = await Get<RulesPreview>().RunAsync(harder, Who("auditor"));

        Assert.Equal((2, 1), (preview.Judged, preview.Moves.Values.Sum()));
        Assert.Equal(("UC-0002", Lane.Fast, Lane.Standard), (preview.Changes[0].Key, preview.Changes[0].LaneBefore!.Value, preview.Changes[0].Lane));
        Assert.Equal(Lane.Fast, (await UseCaseAsync("UC-0002")).Lane);
        Assert.Equal("2026.11.23", (await UseCaseAsync("UC-0002")).Revisions.Single().Assessment.RulesVersion);
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RulesPreview>().RunAsync(harder, Who("submitter"))));
        Assert.Equal("invalid-rules", Assert.Throws<RuleViolationException>(() => RulesPreview.Given("version: 1")).Rule);
    }

    [Fact]
    public void Role_and_general_purpose_AI_ask_for_duties_apart_from_the_class()
    {
        var rules = RulesFile.Parse(Newest, "x");
        var proposal = BenefitsProposal with { Role = ActRole.Deployer, Gpai = Gpai.ProvidesWithSystemicRisk };

        var refs = Triage.Assess(proposal, rules).Controls!.Select(c => c.Ref).ToList();

        Assert.Contains("Art. 26", refs);
        Assert.Contains("Art. 53", refs);
        Assert.Contains("Art. 55", refs);
        Assert.DoesNotContain("Art. 16", refs);
        Assert.DoesNotContain("Art. 26", Triage.Assess(HelpBotProposal with { Role = ActRole.Deployer }, rules).Controls!.Select(c => c.Ref));
        Assert.Equal(refs.Count, refs.Distinct().Count());
    }

    [Theory]
    [InlineData(true, RiskClass.High)]
    [InlineData(false, RiskClass.Limited)]
    public void Profiling_overrides_every_exemption_of_Article_6_3(bool profiles, RiskClass expected) => Assert.Equal(expected, Triage.Assess(
        BenefitsProposal with { Exemption = Article6Exemption.PreparatoryTask, ExemptionReason = "It only sorts.", ProfilesPeople = profiles }, RulesFile.Parse(Newest, "x")).RiskClass);

    private async Task<TriageRules> KeepAsync(string folder)
    {
        var rules = new TriageRules(folder, Get<Organisation>());
        await new KeepRules(Get<Microsoft.EntityFrameworkCore.IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), rules, Get<Organisation>(), Clock).RunAsync();
        return rules;
    }

    private sealed class Files : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-rules-");

        public Files(params (string Name, string Text)[] files)
        {
            foreach (var (name, text) in files)
            {
                File.WriteAllText(Path.Combine(_folder.FullName, name), text);
            }
        }

        public string Folder => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
