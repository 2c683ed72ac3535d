using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reports;

/// <summary>Every use case that a filter finds.</summary>
public sealed class PortfolioPackTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task A_portfolio_has_every_use_case_that_was_submitted_and_no_draft()
    {
        var key = await GivenAHistoryAsync();
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal);

        var pack = await PackAsync<PortfolioPack>(new PortfolioSubject(null, null, null));

        Assert.Equal([key, other], pack.UseCases.Select(u => u.UseCase.Key));
        Assert.Equal((2, 0.5m, 1), (pack.UseCases[0].Calls, pack.UseCases[0].Cost, pack.UseCases[0].OpenConditions));
        Assert.Equal(4, pack.UseCases[0].Round!.Decisions.Count);
        Assert.NotNull(pack.UseCases[0].Budget);
        Assert.Equal(0.5m, pack.UseCases[0].Spent);
    }

    [Fact]
    public async Task It_can_be_of_one_unit_stage_or_lane()
    {
        await GivenAHistoryAsync();
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        var unit = (await UseCaseAsync(other)).BusinessUnit;

        Assert.Equal([other], (await PackAsync<PortfolioPack>(new PortfolioSubject(null, null, Lane.Fast))).UseCases.Select(u => u.UseCase.Key));
        Assert.Equal([other], (await PackAsync<PortfolioPack>(new PortfolioSubject(unit, Stage.Approved, null))).UseCases.Select(u => u.UseCase.Key));
        Assert.Equal("portfolio-empty", await RuleAsync(() => Get<CollectAuditPack>().OfAsync(new PortfolioSubject("Nobody", null, null))));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("R&D; lane=Full; unit=x", Stage.InService, Lane.Fast)]
    public void A_filter_is_read_again_as_it_was_written(string? unit, Stage? stage, Lane? lane)
    {
        var filter = new PortfolioSubject(unit, stage, lane);

        Assert.Equal(filter, PackSubject.Of(PackKind.Portfolio, filter.Key));
    }

    [Fact]
    public async Task Its_evidence_has_each_use_case_and_proves_their_events()
    {
        await GivenAHistoryAsync();
        await NewLog().BringUpToDateAsync(TestContext.Current.CancellationToken);

        var bundle = EvidenceBundle.Read((await PackAsync<PortfolioPack>(new PortfolioSubject(null, null, null))).ToBundle("test", LogKey.Public).Write());

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Empty(BundleLogCheck.Verify(bundle, [PinnedKey.Parse(LogKey.Public)], out _));
        Assert.Equal(("UC-0001", true, "standard"), bundle.Portfolio!.Select(p => (p.Key, p.IsInForce, p.Lane)).Single());
        Assert.Contains(bundle.Events, e => e.Action == nameof(UseCaseApproved));
    }

    [Theory]
    [InlineData(Paper.A4, "594.")]
    [InlineData(Paper.Letter, "612")]
    public async Task It_is_printed_on_the_paper_that_was_chosen(Paper paper, string width)
    {
        SkipWithoutBrowser();
        await GivenAHistoryAsync();

        var pdf = await PrintedAsync(new PortfolioSubject(null, null, null), paper);

        Assert.Contains($"/MediaBox [0 0 {width}", System.Text.Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
        Assert.Contains("3.1 UC-0001 Claims summarisation", await TextAsync(pdf), StringComparison.Ordinal);
    }
}
