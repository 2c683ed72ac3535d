using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Evidence;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reports;

/// <summary>The whole organisation between two days.</summary>
public sealed class PeriodPackTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    private static readonly PeriodSubject November = new(new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 23));

    [Fact]
    public async Task A_period_tells_what_happened_in_it_and_nothing_else()
    {
        var key = await GivenAHistoryAsync();

        var pack = await PackAsync<PeriodPack>(November);
        var before = await PackAsync<PeriodPack>(new PeriodSubject(new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 31)));

        Assert.Equal(4, pack.Decisions.Total);
        Assert.Contains(pack.Decisions.Items, d => d.Conditions.Contains("Keep the logs for six months"));
        Assert.Equal((key, "standard", null), pack.Classes.Items.Select(c => (c.Key, c.Lane.ToLowerInvariant(), c.WasLane)).Single());
        Assert.Equal(TimeSpan.FromHours(2), Assert.Single(pack.Switches).Lasted);
        Assert.Equal((2, 0.5m), (pack.Usage!.Total.Calls, pack.Usage.Total.Cost));
        Assert.Equal(key, Assert.Single(pack.ByUseCase).Key);
        Assert.Equal((0, 0, 0), (before.Decisions.Total, before.Switches.Count, before.TimelineLength));
        Assert.Null(before.Usage);
    }

    [Fact]
    public async Task Its_days_are_those_of_the_organisation()
    {
        // 23:30 on the 23rd in Berlin, and 30 minutes later the 24th.
        Clock.Advance(TimeSpan.FromHours(13.5));
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        Clock.Advance(TimeSpan.FromHours(1));
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));

        var first = await PackAsync<PeriodPack>(new PeriodSubject(new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 23)));
        var second = await PackAsync<PeriodPack>(new PeriodSubject(new DateOnly(2026, 11, 24), new DateOnly(2026, 11, 24)));

        Assert.Contains(first.Timeline, e => e.Action == nameof(UseCaseStarted));
        Assert.DoesNotContain(first.Timeline, e => e.Action == nameof(ProposalSubmitted));
        Assert.Contains(second.Timeline, e => e.Action == nameof(ProposalSubmitted));
    }

    [Fact]
    public async Task A_switch_that_stood_engaged_when_the_period_began_is_in_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong answers", "", Who("security"));
        Clock.Advance(TimeSpan.FromDays(3));

        var pack = await PackAsync<PeriodPack>(new PeriodSubject(new DateOnly(2026, 11, 25), new DateOnly(2026, 11, 26)));

        Assert.Null(Assert.Single(pack.Switches).Released);
    }

    [Fact]
    public async Task Every_entry_between_its_first_and_its_last_is_proven_by_one_proof()
    {
        await GivenAHistoryAsync();
        await NewLog().BringUpToDateAsync(TestContext.Current.CancellationToken);

        var pack = await PackAsync<PeriodPack>(November);
        var bundle = EvidenceBundle.Read(pack.ToBundle("test", LogKey.Public).Write());
        var pin = PinnedKey.Parse(LogKey.Public);

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Empty(BundleLogCheck.Verify(bundle, [pin], out _));
        var range = bundle.Log!.Range!;
        Assert.Equal(pack.Audit.Events, range.Entries.Count);
        Assert.Equal(["range"], Refused(range with { Entries = [.. range.Entries.Skip(1)] }));
        Assert.Equal(["range"], Refused(range with { Entries = [.. range.Entries.Where((_, i) => i != 3)] }));
        Assert.Equal(["range"], Refused(range with { Entries = [.. range.Entries.Reverse()] }));
        Assert.Equal(["range"], Refused(range with { First = range.First + 1 }));
        Assert.Equal(["range"], Refused(range with { Entries = [range.Entries[0].Replace("Who", "who", StringComparison.Ordinal) + " ", .. range.Entries.Skip(1)] }));

        IEnumerable<string> Refused(BundleRange changed) =>
            BundleLogCheck.Verify(bundle with { Log = bundle.Log with { Range = changed } }, [pin], out _).Select(f => f.Rule);
    }

    [Theory]
    [InlineData("2026-11-10/2026-11-09", "period-backwards")]
    [InlineData("2026-11-10/2026-11-24", "period-in-the-future")]
    [InlineData("2025-11-10/2026-11-11", "period-too-long")]
    public async Task A_period_that_makes_no_sense_is_refused_when_it_is_asked_for(string period, string rule) =>
        Assert.Equal(rule, await RuleAsync(() => Get<RequestAuditPack>().RunAsync(PeriodSubject.Parse(period), Paper.A4, Who("auditor"))));

    [Theory]
    [InlineData("submitter")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task Who_may_not_export_gets_no_report_about_the_organisation(string persona)
    {
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(November, Paper.A4, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<CollectAuditPack>().PreviewAsync(November, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<AuditPackJobs>().ListAsync(null, Who(persona))));
    }

    [Fact]
    public async Task It_is_printed_with_page_numbers_that_are_right()
    {
        SkipWithoutBrowser();
        await GivenAHistoryAsync();

        var pdf = await PrintedAsync(November);

        Assert.True(PdfSignatureCheck.Verify(pdf).Holds);
        var file = Path.Combine(DataFolder, "period.pdf");
        await File.WriteAllBytesAsync(file, pdf, TestContext.Current.CancellationToken);
        Assert.Contains("Total document signed", await PrintedReport.AskAsync("pdfsig", "-nocert", file), StringComparison.Ordinal);
        Assert.Contains("No syntax or stream encoding errors found", await PrintedReport.AskAsync("qpdf", "--check", file), StringComparison.Ordinal);
        var pages = (await TextAsync(pdf)).Split('\f');
        var contents = pages[1];
        foreach (var (title, number) in new[] { ("Summary", 1), ("Decisions", 2), ("Kill switches", 5), ("Timeline", 8), ("How to verify", 9) })
        {
            var line = contents.Split('\n').Single(l => l.Contains(title, StringComparison.Ordinal) && l.TrimStart().StartsWith($"{number} ", StringComparison.Ordinal));
            var page = int.Parse(line.Trim().Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains($"{number} {title}", pages[page - 1], StringComparison.Ordinal);
        }

        Assert.Contains($"page 1 of {PdfPages.CountOf(pdf)}", pages[0], StringComparison.Ordinal);
    }
}
