using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Portfolio;

public sealed class StopAndRankTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task What_ends_for_good_runs_no_more_and_says_why_and_what_it_taught()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<BindCredential>().RunAsync(key, CredentialKind.Team, "help", "gw", Who("coe-lead"));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<StopUseCase>().RunAsync(key, "Why.", "What.", Who("submitter"))));
        Assert.Equal("reason-required", await RuleAsync(() => Get<StopUseCase>().RunAsync(key, " ", "What.", Who("coe-lead"))));
        Assert.Equal("lesson-required", await RuleAsync(() => Get<StopUseCase>().RunAsync(key, "Why.", "", Who("coe-lead"))));

        await Get<StopUseCase>().RunAsync(key, "Nobody asked it anything.", "Ask the service desk first.", Who("risk"));

        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), new VerdictRequest(null, null, null, "help", null, null), TimeSpan.Zero);
        Assert.Equal((false, Verdict.NotApproved), (verdict.Allowed, verdict.Reason));
        var told = Assert.Single((await Get<StoppedUseCases>().ForAsync(Who("auditor"))).Items);
        Assert.Equal((key, Stage.InService, "Ask the service desk first."), (told.Key, told.Before, told.Lesson));
        Assert.Empty((await Get<StoppedUseCases>().ForAsync(Who("submitter2"))).Items);
        Assert.Equal("retired", await RuleAsync(() => Get<StopUseCase>().RunAsync(key, "Again.", "No.", Who("coe-lead"))));
        Assert.Equal("UseCaseStopped", (await ActionsAsync(key))[^1]);
    }

    [Fact]
    public async Task What_is_reviewed_is_withdrawn_before_it_ends()
    {
        await GivenASubmittedAsync(ClaimsProposal);

        Assert.Equal("in-review", await RuleAsync(() => Get<StopUseCase>().RunAsync("UC-0001", "Why.", "What.", Who("coe-lead"))));
    }

    [Fact]
    public async Task The_ranking_weighs_impact_risk_and_maintainability_and_leaves_out_what_ended()
    {
        await GivenASubmittedAsync(BenefitsProposal);
        await GivenAnApprovedAsync(HelpBotProposal);
        await GivenASubmittedAsync(ClaimsProposal);
        var ranking = Get<PortfolioRanking>();

        var ranked = await ranking.ForAsync(Who("coe-lead"));

        Assert.Equal(3, ranked.Total);
        Assert.Equal(ranked.Items.Select(r => r.Score).OrderDescending(), ranked.Items.Select(r => r.Score));
        Assert.All(ranked.Items, r => Assert.Equal(
            (int)Math.Round((ranking.Weights.Impact * r.Impact + ranking.Weights.Risk * r.Safety + ranking.Weights.Maintainability * r.Maintainability) / 10, MidpointRounding.AwayFromZero), r.Score));
        Assert.Equal(ranked.Items[^1].Key, (await ranking.ForAsync(Who("coe-lead"), lowestFirst: true)).Items[0].Key);
        Assert.All(ranked.Items, r => Assert.NotNull(r.PromisedChange));
        await Get<StopUseCase>().RunAsync("UC-0002", "Why.", "What.", Who("coe-lead"));
        Assert.Equal(2, (await ranking.ForAsync(Who("coe-lead"))).Total);
        Assert.Equal(0, (await ranking.ForAsync(Who("submitter2"))).Total);
    }
}
