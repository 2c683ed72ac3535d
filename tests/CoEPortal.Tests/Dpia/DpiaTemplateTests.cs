using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Tests.Dpia;

/// <summary>The questions of an assessment as a file, what an intake answers of them, and when the law asks for more.</summary>
public sealed class DpiaTemplateTests
{
    private static readonly string Yaml = File.ReadAllText(Path.Combine(Repository.Root, "templates", "dpia", "dpia-2026.11.yaml"));

    [Fact]
    public void The_template_that_ships_is_good_and_has_nine_criteria()
    {
        Assert.Null(VersionedFile.Read<DpiaTemplate>(Yaml, "x", out var template));
        Assert.Equal(9, template!.Criteria.Count);
        Assert.DoesNotContain(template.StepsFor(fria: false), s => s.Id == "fria");
        Assert.Equal(6, template.StepsFor(fria: true).Single(s => s.Id == "fria").Fields.Count);
    }

    [Theory]
    [InlineData("from: residency", "from: weather", "no fact 'weather'")]
    [InlineData("id: rights,", "id: retention,", "an id of its own")]
    [InlineData("  - { id: matched-data, title: Matches or combines sets of data }\n", "", "nine of WP 248")]
    [InlineData("article: GDPR 35(7)(b)", "article: GDPR 35", "Article 35(7)(b)")]
    [InlineData("reviewWithinDays: 365", "reviewWithinDays: 0", "1 to 1,100")]
    public void A_template_that_contradicts_itself_is_refused_with_line_and_reason(string was, string becomes, string reason)
    {
        var refused = VersionedFile.Read<DpiaTemplate>(Yaml.Replace(was, becomes, StringComparison.Ordinal), "x", out _);

        Assert.NotNull(refused);
        Assert.True(refused.Line > 0);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AnnexArea.Creditworthiness, false, true)]
    [InlineData(AnnexArea.InsurancePricing, false, true)]
    [InlineData(AnnexArea.Employment, false, false)]
    [InlineData(AnnexArea.Employment, true, true)]
    [InlineData(AnnexArea.CriticalInfrastructure, true, false)]
    [InlineData(AnnexArea.None, true, false)]
    public void Article_27_asks_by_area_and_by_who_deploys(AnnexArea area, bool isPublicService, bool asks) =>
        Assert.Equal(asks, DpiaFacts.AsksForFria(new Proposal { AnnexArea = area }, isPublicService));

    [Fact]
    public void What_Article_6_exempts_needs_no_fundamental_rights_part_unless_it_profiles()
    {
        var exempt = new Proposal { AnnexArea = AnnexArea.Creditworthiness, Exemption = Article6Exemption.NarrowTask };

        Assert.False(DpiaFacts.AsksForFria(exempt, false));
        Assert.True(DpiaFacts.AsksForFria(exempt with { ProfilesPeople = true }, false));
    }

    [Theory]
    [InlineData(Likelihood.Remote, Harm.Significant, RiskLevel.Low)]
    [InlineData(Likelihood.Possible, Harm.Significant, RiskLevel.Medium)]
    [InlineData(Likelihood.Remote, Harm.Severe, RiskLevel.Medium)]
    [InlineData(Likelihood.Possible, Harm.Severe, RiskLevel.High)]
    [InlineData(Likelihood.Probable, Harm.Severe, RiskLevel.High)]
    public void A_risk_is_as_high_as_likelihood_and_harm_make_it(Likelihood likelihood, Harm harm, RiskLevel level) =>
        Assert.Equal(level, new DpiaRisk { Likelihood = likelihood, Harm = harm }.Level);
}
