using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Scoring;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Patterns;

public sealed class PatternFitTests
{
    private static readonly RulesFile Rules = RulesFile.InForce(RulesFile.All(Path.Combine(AppContext.BaseDirectory, "templates", "rules")), new DateOnly(2026, 11, 23));

    private static readonly PatternContent Pattern = new()
    {
        Title = "Answers from manuals",
        Models = ["gpt-4o-mini"],
        DataClasses = [DataClass.Internal],
        Residencies = [Residency.EuOnly],
        DataSources = ["Tool documentation"],
    };

    private static Proposal Help => TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");

    [Theory]
    [InlineData("a model of its own")]
    [InlineData("no model")]
    [InlineData("another source")]
    [InlineData("data that the pattern is not for")]
    [InlineData("another place")]
    public void What_differs_in_one_fact_takes_the_standard_lane_and_is_told_which(string what)
    {
        var (proposal, said) = what switch
        {
            "a model of its own" => (Help with { Endpoints = ["gpt-4o-mini", "home-made"] }, "Models: home-made is not among those approved."),
            "no model" => (Help with { Endpoints = [] }, "Models: no approved model is named."),
            "another source" => (Help with { DataSources = ["Tickets"] }, "Sources: Tickets is not among those approved."),
            "data that the pattern is not for" => (Help with { DataClass = DataClass.Public }, "Data: public, but it is for internal data."),
            _ => (Help with { Residency = Residency.EuAndUk }, "Kept in: the EU and the UK, but it is for the EU."),
        };

        var judged = Triage.Assess(proposal, Rules, [new("PAT-0009", 3, "sha256:x", Pattern)]);

        Assert.Equal((Lane.Standard, null, $"It is nearly PAT-0009 {Pattern.Title}. {said}"), (judged.Lane, judged.ClearedAs, judged.OneChangeFromFast));
    }
}
