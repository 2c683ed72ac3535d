using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Scoring;

namespace CoEPortal.Tests.Scoring;

public sealed class TriageTests
{
    private static readonly RulesFile Rules =
        RulesFile.InForce(RulesFile.All(Path.Combine(AppContext.BaseDirectory, "templates", "rules")), new DateOnly(2026, 11, 22));

    private static readonly JsonArray RealProposals = JsonNode.Parse(
        File.ReadAllText(Path.Combine(Repository.Root, "tests/CoEPortal.Tests/Scoring/real-proposals.json")))!["cases"]!.AsArray();

    public static TheoryData<string> Names => [.. RealProposals.Select(c => c!["name"]!.GetValue<string>())];

    public static Proposal RealProposal(string name) => Proposal.FromJson(
        RealProposals.Single(c => c!["name"]!.GetValue<string>() == name)!["proposal"]!.ToJsonString());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_real_proposal_gets_the_lane_class_and_articles_written_down_before_the_rules(string name)
    {
        var expected = RealProposals.Single(c => c!["name"]!.GetValue<string>() == name)!["expected"]!;

        var assessment = Triage.Assess(RealProposal(name), Rules);

        Assert.Equal(expected["lane"]!.GetValue<string>(), JsonNamingPolicy.CamelCase.ConvertName(assessment.Lane.ToString()));
        Assert.Equal(expected["riskClass"]!.GetValue<string>(), JsonNamingPolicy.CamelCase.ConvertName(assessment.RiskClass.ToString()));
        Assert.Equal(expected["articles"]!.AsArray().Select(a => a!.GetValue<string>()), assessment.Articles);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_real_proposal_is_complete(string name) =>
        Assert.Empty(new ProposalValidator().Check(RealProposal(name), ProposalValidator.Bounds, ProposalValidator.Complete).Errors);

    [Fact]
    public void A_prohibited_practice_is_not_allowed_whatever_its_value_and_however_low_its_risk()
    {
        var harmless = RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");
        foreach (var practice in Enum.GetValues<ProhibitedPractice>())
        {
            var assessment = Triage.Assess(harmless with { Practices = [practice] }, Rules);

            Assert.Equal((Lane.NotAllowed, RiskClass.Prohibited), (assessment.Lane, assessment.RiskClass));
            Assert.StartsWith("Art. 5", assessment.Articles[0], StringComparison.Ordinal);
            Assert.Empty(assessment.Functions);
        }
    }

    [Fact]
    public void Profiling_of_people_rules_out_every_exemption_from_high_risk()
    {
        var exempt = RealProposal("Claims summarisation with retrieval") with
        {
            AnnexArea = AnnexArea.Employment,
            Exemption = Article6Exemption.PreparatoryTask,
            ExemptionReason = "It only sorts the post.",
        };

        Assert.Equal(RiskClass.Limited, Triage.Assess(exempt, Rules).RiskClass);
        Assert.Equal(RiskClass.High, Triage.Assess(exempt with { ProfilesPeople = true }, Rules).RiskClass);
    }

    [Fact]
    public void Every_area_of_Annex_III_is_high_risk_and_takes_the_full_lane_with_all_functions()
    {
        foreach (var area in Enum.GetValues<AnnexArea>().Where(a => a is not AnnexArea.None))
        {
            var assessment = Triage.Assess(
                RealProposal("Claims summarisation with retrieval") with { AnnexArea = area, Audience = Audience.Customers }, Rules);

            Assert.Equal((Lane.Full, RiskClass.High), (assessment.Lane, assessment.RiskClass));
            Assert.Equivalent(
                new[] { Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.Brand, Role.CoeLead }, assessment.Functions, strict: true);
        }
    }

    [Fact]
    public void An_open_question_never_opens_the_fast_lane()
    {
        var fast = RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");
        Proposal[] withOneOpen =
        [
            fast with { DataClass = null }, fast with { PersonalData = null }, fast with { Autonomy = null },
            fast with { Audience = null }, fast with { AnnexArea = null }, fast with { Residency = null },
        ];

        Assert.All(withOneOpen, p => Assert.NotEqual(Lane.Fast, Triage.Assess(p, Rules).Lane));
    }

    [Fact]
    public void A_proposal_one_change_away_from_the_fast_lane_is_told_which()
    {
        var almost = RealProposal("Digital Records Manager (DRM) User Assistance Chatbot") with { PersonalData = PersonalData.Ordinary };

        Assert.Equal("Remove names and other personal data before the model sees the text.", Triage.Assess(almost, Rules).OneChangeFromFast);
    }

    [Fact]
    public void Every_article_says_from_when_it_applies_and_who_says_so() =>
        Assert.All(Rules.Articles, a => Assert.True(a.EffectiveFrom.Year >= 2025 && a.Source.Length > 20));

    [Theory]
    [InlineData("  - { tier: low, when: {} }", "", "one tier must hold without a condition")]
    [InlineData("dataClass: [restricted]", "dataKlass: [restricted]", "there is no fact 'dataKlass'")]
    [InlineData("articles: [Art. 50(1)]", "articles: [Art. 50(9)]", "'Art. 50(9)' is used but not listed")]
    [InlineData("lane: fast", "lane: quick", "line ")]
    public void Rules_that_contradict_themselves_are_refused_with_the_place(string good, string bad, string reason)
    {
        var yaml = File.ReadAllText(Path.Combine(Repository.Root, "templates/rules/triage-2026.08.yaml"));

        var refusal = Assert.Throws<InvalidDataException>(() => RulesFile.Parse(yaml.Replace(good, bad, StringComparison.Ordinal), "triage-test.yaml"));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("triage-test.yaml", refusal.Message, StringComparison.Ordinal);
    }
}
