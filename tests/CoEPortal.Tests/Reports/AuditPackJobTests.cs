using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reports;

/// <summary>Printed in the background: once, by one printer, until somebody thinks again.</summary>
public sealed class AuditPackJobTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task A_second_click_gives_the_same_job_and_who_may_not_export_gets_none()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);

        var first = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        Assert.Equal(first, await Get<RequestAuditPack>().RunAsync(key, Who("auditor")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(key, Who("submitter"))));
    }

    [Fact]
    public async Task Two_printers_never_take_the_same_job()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        await Get<RequestAuditPack>().RunAsync(key, Who("legal"));

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Get<TakeAuditPack>().RunAsync()));

        Assert.Equal(2, taken.OfType<TakenAuditPack>().Select(t => t.Id).Distinct().Count());
        Assert.Equal(4, taken.Count(t => t is null));
    }

    [Fact]
    public async Task A_job_whose_node_died_is_taken_by_another_and_the_first_can_no_longer_end_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        var dead = await Get<TakeAuditPack>().RunAsync();

        Assert.Null(await Get<TakeAuditPack>().RunAsync());
        Clock.Advance(TakeAuditPack.DeadAfter + TimeSpan.FromSeconds(1));
        var alive = await Get<TakeAuditPack>().RunAsync();

        Assert.Equal(dead!.Id, alive!.Id);
        Assert.Equal("changed-meanwhile", await RuleAsync(() => dead.FinishAsync([1, 2, 3], null)));
        await alive.FinishAsync([4, 5, 6], null);
        Assert.Equal([4, 5, 6], (await Get<AuditPackJobs>().OfAsync(alive.Id, Who("auditor"))).Pdf);
        Assert.Single(await ActionsAsync(key), "AuditPackPrinted");
    }

    [Fact]
    public async Task A_job_that_stops_every_node_ends_after_three_of_them()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        for (var attempt = 0; attempt < TakeAuditPack.MostAttempts; attempt++)
        {
            Assert.NotNull(await Get<TakeAuditPack>().RunAsync());
            Clock.Advance(TakeAuditPack.DeadAfter + TimeSpan.FromSeconds(1));
        }

        Assert.Null(await Get<TakeAuditPack>().RunAsync());
        var (status, _) = await Get<AuditPackJobs>().OfAsync(id, Who("auditor"));
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("AuditPackFailed", await ActionsAsync(key));
    }

    [Fact]
    public async Task Without_a_browser_the_job_says_what_to_install()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        Assert.True(await PrintAsync("/nowhere/chromium"));

        var (status, pdf) = await Get<AuditPackJobs>().OfAsync(id, Who("auditor"));
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("apt-get install chromium", status.Failure, StringComparison.Ordinal);
        Assert.Null(pdf);
    }

    [Fact]
    public async Task Who_asked_or_a_CoE_lead_cancels_a_report_and_nobody_else()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var first = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        var second = await Get<RequestAuditPack>().RunAsync(key, Who("legal"));

        Assert.Equal("not-your-report", await RuleAsync(() => Get<CancelAuditPack>().RunAsync(first, Who("legal"))));
        await Get<CancelAuditPack>().RunAsync(first, Who("auditor"));
        await Get<CancelAuditPack>().RunAsync(second, Who("coe-lead"));

        Assert.Equal("report-ended", await RuleAsync(() => Get<CancelAuditPack>().RunAsync(first, Who("auditor"))));
        Assert.Null(await Get<TakeAuditPack>().RunAsync());
        Assert.Equal(2, (await ActionsAsync(key)).Count(a => a == "AuditPackCancelled"));
        Assert.All((await Get<AuditPackJobs>().ListAsync(null, Who("auditor"))).Items, j => Assert.Equal(JobState.Cancelled, j.State));
    }

    [Fact]
    public async Task A_printer_whose_job_was_cancelled_notices_and_can_no_longer_end_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        await using var taken = (await Get<TakeAuditPack>().RunAsync())!;
        await taken.ReportAsync(10, "Collecting");

        await Get<CancelAuditPack>().RunAsync(id, Who("auditor"));

        await taken.LostAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("changed-meanwhile", await RuleAsync(() => taken.FinishAsync([1], null)));
        Assert.Equal(JobState.Cancelled, (await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Status.State);
    }

    [Fact]
    public async Task A_report_that_is_cancelled_while_it_prints_ends_its_browser_and_leaves_no_file()
    {
        SkipWithoutBrowser();
        var key = await GivenAHistoryAsync();
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));
        var printing = PrintAsync();
        while ((await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Status.Progress < 30)
        {
            await Task.Yield();
        }

        await Get<CancelAuditPack>().RunAsync(id, Who("auditor"));

        Assert.True(await printing);
        var (status, pdf) = await Get<AuditPackJobs>().OfAsync(id, Who("auditor"));
        Assert.Equal((JobState.Cancelled, (byte[]?)null), (status.State, pdf));
        Assert.DoesNotContain("AuditPackPrinted", await ActionsAsync(key));
    }

    [Fact]
    public async Task One_person_has_ten_reports_waiting_at_most()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var today = new DateOnly(2026, 11, 23);
        for (var day = 0; day < RequestAuditPack.MostWaiting; day++)
        {
            await Get<RequestAuditPack>().RunAsync(new PeriodSubject(today.AddDays(-day), today), Paper.A4, Who("auditor"));
        }

        Assert.Equal("too-many-reports", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(new PeriodSubject(today.AddDays(-40), today), Paper.A4, Who("auditor"))));
    }

}
