using System.Diagnostics;
using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Reports;
using CoEPortal.Web.Worker;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.Reports;

public sealed class AuditPackTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Hostile =
        "</bdi></td><script>document.title='TAKEN'</script><img src=http://127.0.0.1:1/x onerror=alert(1)><style>*{display:none}</style>"
        + "@import url(http://127.0.0.1:1/y);<!-- \u202Edesrever\u202C \u0007 שלום <meta http-equiv=refresh content=0>";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("coe-pack-");
    private readonly LogKey _logKey = LogKey.Create("test.example/audit");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
        _logKey.Dispose();
    }

    [Fact]
    public async Task The_evidence_of_a_use_case_with_a_history_agrees_with_itself()
    {
        var key = await GivenAHistoryAsync();

        var pack = await Get<AuditPackContents>().OfAsync(key);
        var bundle = EvidenceBundle.Read(pack.ToBundle("test", "").Write());

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Equal(4, bundle.Decisions.Count);
        Assert.Equal(["engaged", "released"], bundle.Switches.Select(s => s.Change));
        Assert.Equal(["security@demo", "coe-lead@demo"], bundle.Switches[1].ActorIds);
        Assert.Equal((2, 1000, 0.5m), (bundle.Usage!.Calls, bundle.Usage.InputTokens, bundle.Usage.Cost));
        Assert.Contains(bundle.Events, e => e.Action == "CredentialBound");
        Assert.Equal((await ActionsAsync(key)).Count, pack.TimelineLength);
    }

    [Fact]
    public async Task One_changed_digit_in_the_hash_of_a_decision_is_found()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            """
            alter table decision disable trigger all;
            update decision set content_hash = overlay(content_hash placing case substr(content_hash, 20, 1) when '0' then '1' else '0' end from 20)
            where function = 'Legal'
            """);

        var findings = BundleCheck.Verify((await Get<AuditPackContents>().OfAsync(key)).ToBundle("test", ""));

        Assert.Equal("decision-content", Assert.Single(findings).Rule);
    }

    [Fact]
    public async Task An_event_that_was_taken_away_is_found()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            "alter table audit.event disable trigger all; delete from audit.event where action = 'DecisionRecorded' and subject_version = 2");

        var findings = BundleCheck.Verify((await Get<AuditPackContents>().OfAsync(key)).ToBundle("test", ""));

        Assert.Equal("event-version", Assert.Single(findings).Rule);
    }

    [Fact]
    public async Task Articles_are_those_of_the_rules_that_judged_the_revision()
    {
        var key = await GivenAnApprovedAsync(BenefitsProposal);

        var pack = await Get<AuditPackContents>().OfAsync(key);

        Assert.NotEmpty(pack.Shown.Assessment.Articles);
        Assert.All(pack.Shown.Assessment.Articles, a => Assert.NotEmpty(pack.Articles[(pack.Shown.Assessment.RulesVersion, a)].Source));
    }

    [Fact]
    public async Task A_draft_has_no_report()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);

        Assert.Equal("nothing-submitted", await RuleAsync(() => Get<RequestAuditPack>().RunAsync(useCase.Key, Who("coe-lead"))));
    }

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
    public async Task The_printed_report_says_it_all_and_carries_evidence_that_verifies()
    {
        SkipWithoutBrowser();
        var key = await GivenAHistoryAsync();
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        Assert.True(await PrintAsync());
        Assert.False(await PrintAsync());

        var pdf = (await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Pdf!;
        var signature = PdfSignatureCheck.Verify(pdf);
        Assert.True(signature.Holds, signature.Refusal);
        var attached = Assert.Single(PdfEvidence.Extract(pdf));
        Assert.Equal(EvidenceBundle.FileName, attached.Name);
        var evidence = EvidenceBundle.Read(attached.Data);
        Assert.Empty(BundleCheck.Verify(evidence));
        Assert.Empty(BundleLogCheck.Verify(evidence, [PinnedKey.Parse(_logKey.Public)], out _));

        var text = await TextAsync(pdf);
        var revision = (await UseCaseAsync(key)).Revisions.Single();
        foreach (var expected in new[]
        {
            "Audit report of UC-0001", "Claims summarisation with retrieval", revision.ContentHash, signature.Signer!.CertificateFingerprint,
            ContentHash.OfBytes(attached.Data.Span).ToString(), "coe audit verify FILE", "1 Proposal", "42 to 31", "2 Score, class and articles",
            "Regulation (EU) 2024/1689", "3 Decisions", "Aisha Rahman", "Keep the logs for six months", "4 Use and budgets", "gpt-4.1", "$0.50",
            "$1,200.00", "/claims", "5 Kill switches", "Wrong sums in letters", "2 h", "6 Timeline", "went into service", "page 1 of",
        })
        {
            Assert.True(Squeezed(text).Contains(Squeezed(expected), StringComparison.Ordinal), $"Not printed: {expected}\n{text}");
        }

        Assert.DoesNotContain("contradicts itself", text, StringComparison.Ordinal);
        using var sameKey = NewKey();
        Assert.Equal(signature.Signer.CertificateFingerprint, SigningCertificate.Fingerprint(sameKey.Certificate));
    }

    [Fact]
    public async Task A_record_that_contradicts_itself_is_printed_and_says_so_on_the_cover()
    {
        SkipWithoutBrowser();
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync(
            "alter table audit.event disable trigger all; delete from audit.event where action = 'ReviewOpened'");
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        await PrintAsync();

        Assert.Contains("The record contradicts itself", await TextAsync((await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Pdf!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_words_of_people_are_printed_as_words()
    {
        var key = await GivenHostileWordsAsync();
        var pack = await Get<AuditPackContents>().OfAsync(key);

        var html = await NewHtml().OfAsync(pack, new AuditPackImprint(new Organisation { Name = Hostile }, Hostile, Clock.GetUtcNow(), "", "", [Hostile], ""));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<meta http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u202E", html, StringComparison.Ordinal);
        Assert.DoesNotContain("&#x202E;", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("&#x7;", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("[U&#x2B;202E]desrever", html, StringComparison.Ordinal);
        Assert.DoesNotContain("TAKEN", StylesOf(html), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_words_reach_paper_and_nothing_else()
    {
        SkipWithoutBrowser();
        var key = await GivenHostileWordsAsync();
        var id = await Get<RequestAuditPack>().RunAsync(key, Who("auditor"));

        await PrintAsync();

        var text = await TextAsync((await Get<AuditPackJobs>().OfAsync(id, Who("auditor"))).Pdf!);
        Assert.Contains("document.title='TAKEN'", Squeezed(text), StringComparison.Ordinal);
        Assert.Contains("6 Timeline", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signing_key_is_made_once_and_only_the_portal_can_read_it()
    {
        using var first = NewKey();
        using var second = NewKey();

        Assert.Equal(first.Certificate.Thumbprint, second.Certificate.Thumbprint);
        var file = Assert.Single(_data.GetFiles());
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps no file modes.");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public void A_certificate_that_ended_signs_nothing()
    {
        using var key = NewKey();
        Assert.NotNull(key.Certificate);

        Clock.Advance(TimeSpan.FromDays(6 * 365));

        Assert.Contains("ended on", Assert.Throws<PdfUnavailableException>(() => key.Certificate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_the_tables_of_the_schedule_once_and_the_runtime_role_works_with_them()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new QuartzSchema(Database.OwnerConnectionString).MakeAsync()));
        await new QuartzSchema(Database.OwnerConnectionString).MakeAsync();

        await using var connection = new NpgsqlConnection(Database.RuntimeConnectionString);
        await connection.OpenAsync();
        await using var write = new NpgsqlCommand(
            "insert into qrtz_locks (sched_name, lock_name) values ('portal', 'TEST'); delete from qrtz_locks; select count(*) from qrtz_execution_history", connection);
        Assert.Equal(0L, await write.ExecuteScalarAsync());
        await using var own = new NpgsqlCommand("create table qrtz_mine (x int)", connection);
        await Assert.ThrowsAsync<PostgresException>(() => own.ExecuteNonQueryAsync());
    }

    private async Task<string> GivenAHistoryAsync()
    {
        var revision = await GivenASubmittedAsync(ClaimsProposal);
        const string key = "UC-0001";
        Assert.Equal(1, revision.Number);
        while (await OpenTaskAsync(key) is { } task)
        {
            await (task.Function is Role.Legal
                ? DecideAsync(task, "legal", DecisionKind.ApproveWithConditions, "For half a year.", null, "Keep the logs for six months")
                : DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve));
        }

        await Get<BindCredential>().RunAsync(key, CredentialKind.Route, "/claims", "nginx", Who("coe-lead"));
        await Get<RecordCalls>().RunAsync([Call("a", 0.2m), Call("b", 0.3m)], key);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums in letters", "", Who("security"));
        Clock.Advance(TimeSpan.FromMinutes(30));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "The template was wrong.", Who("security"));
        Clock.Advance(TimeSpan.FromHours(1.5));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Checked on 40 letters.", Who("coe-lead"));
        return key;
    }

    /// <summary>Past the doors that refuse such words, as an older version or another program may have stored them.</summary>
    private async Task<string> GivenHostileWordsAsync()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var write = new NpgsqlCommand(
            """
            alter table use_case_revision disable trigger all;
            alter table decision disable trigger all;
            update use_case set title = left(@words, 150), business_unit = left(@words, 150);
            update use_case_revision set submitted_by_name = @words,
                proposal = proposal || jsonb_build_object('title', @words, 'problem', @words || repeat('x', 3000), 'endpoints', jsonb_build_array(@words));
            update decision set comment = @words, person_name = @words;
            """, connection);
        write.Parameters.Add(new NpgsqlParameter<string>("words", Hostile));
        await write.ExecuteNonQueryAsync();
        return key;
    }

    private ReportedCall Call(string id, decimal cost) => new()
    {
        Source = "test",
        SourceEventId = id,
        StartedAt = Clock.GetUtcNow(),
        ResponseModel = "gpt-4.1",
        InputTokens = 500,
        OutputTokens = 100,
        ReportedCost = cost,
    };

    private async Task<bool> PrintAsync(string? chromium = null)
    {
        using var pdf = new PdfPrinter(chromium ?? Setting);
        using var key = NewKey();
        return await new AuditPackPrinter(
            Get<TakeAuditPack>(), Get<AuditPackContents>(), NewHtml(), pdf, key, NewLog(), Get<Organisation>(), Clock, NullLogger<AuditPackPrinter>.Instance)
            .PrintNextAsync();
    }

    private LogForReports NewLog() => new(Get<IntegrateEvents>(), new SignCheckpoints(Get<NpgsqlDataSource>(), _logKey, [new CheckpointFile(Path.Combine(_data.FullName, "last-checkpoint"))], Clock), _logKey);

    private SigningKey NewKey() => new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Portal:DataDirectory"] = _data.FullName }).Build(),
        new Organisation(), Clock);

    private static AuditPackHtml NewHtml() => new(
        new ServiceCollection().AddLogging().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), NullLoggerFactory.Instance);

    private static string StylesOf(string html) => string.Concat(html.Split("<style").Skip(1).Select(part => part.Split("</style>")[0]));

    private static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static void SkipWithoutBrowser() =>
        Assert.SkipUnless(ChromiumBinary.Find(Setting) is not null, "There is no Chromium on this machine.");

    private static string? Setting => Environment.GetEnvironmentVariable("Portal__Chromium");

    private async Task<string> TextAsync(byte[] pdf)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "pdftotext is not installed (apt-get install poppler-utils).");
        var file = Path.Combine(_data.FullName, "report.pdf");
        await File.WriteAllBytesAsync(file, pdf);
        var start = new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 };
        using var process = Process.Start(start)!;
        return await process.StandardOutput.ReadToEndAsync();
    }
}
