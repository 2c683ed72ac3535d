using System.Diagnostics;
using System.Text;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Reports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.Reports;

/// <summary>A database with things to report on, and the printer of the portal over it.</summary>
public abstract class AuditPackTest(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected const string Hostile =
        "</bdi></td></style><script>document.title='TAKEN'</script><img src=http://127.0.0.1:1/x onerror=alert(1)><style>*{display:none}</style>"
        + "@import url(http://127.0.0.1:1/y);<!-- \u202Edesrever\u202C \u0007 שלום <meta http-equiv=refresh content=0> \\\"}body{}";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("coe-pack-");

    protected LogKey LogKey { get; } = LogKey.Create("test.example/audit");

    protected string DataFolder => _data.FullName;

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _data.Delete(recursive: true);
        LogKey.Dispose();
    }

    protected async Task<TPack> PackAsync<TPack>(PackSubject subject)
        where TPack : AuditPack => Assert.IsType<TPack>(await Get<CollectAuditPack>().OfAsync(subject));

    protected Task<UseCasePack> PackAsync(string key) => PackAsync<UseCasePack>(new UseCaseSubject(key));

    /// <summary>Asks, prints, and gives the file.</summary>
    protected async Task<byte[]> PrintedAsync(PackSubject subject, Paper paper = Paper.A4, string by = "auditor")
    {
        var id = await Get<RequestAuditPack>().RunAsync(subject, paper, Who(by));
        Assert.True(await PrintAsync());
        var (status, pdf) = await Get<AuditPackJobs>().OfAsync(id, Who(by));
        Assert.True(status.State is JobState.Done, status.Failure);
        return pdf!;
    }

    protected async Task<string> GivenAHistoryAsync()
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
    protected async Task<string> GivenHostileWordsAsync(string words = Hostile)
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
        write.Parameters.Add(new NpgsqlParameter<string>("words", words));
        await write.ExecuteNonQueryAsync();
        return key;
    }

    protected ReportedCall Call(string id, decimal cost) => new()
    {
        Source = "test",
        SourceEventId = id,
        StartedAt = Clock.GetUtcNow(),
        ResponseModel = "gpt-4.1",
        InputTokens = 500,
        OutputTokens = 100,
        ReportedCost = cost,
    };

    protected async Task<bool> PrintAsync(string? chromium = null)
    {
        using var pdf = new PdfPrinter(chromium ?? Setting);
        using var key = NewKey();
        return await new AuditPackPrinter(
            Get<TakeAuditPack>(), Get<CollectAuditPack>(), NewHtml(), pdf, key, NewLog(), Get<Organisation>(), Clock, NullLogger<AuditPackPrinter>.Instance)
            .PrintNextAsync();
    }

    protected LogForReports NewLog() => new(Get<IntegrateEvents>(), new SignCheckpoints(Get<NpgsqlDataSource>(), LogKey, [new CheckpointFile(Path.Combine(_data.FullName, "last-checkpoint"))], Clock), LogKey);

    protected SigningKey NewKey() => new(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Portal:DataDirectory"] = _data.FullName }).Build(),
        new Organisation(), Clock);

    protected static AuditPackHtml NewHtml() => new(
        new ServiceCollection().AddLogging().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), NullLoggerFactory.Instance);

    protected static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    protected static void SkipWithoutBrowser() =>
        Assert.SkipUnless(ChromiumBinary.Find(Setting) is not null, "There is no Chromium on this machine.");

    protected static string? Setting => Environment.GetEnvironmentVariable("Portal__Chromium");

    protected async Task<string> TextAsync(byte[] pdf)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "pdftotext is not installed (apt-get install poppler-utils).");
        var file = Path.Combine(_data.FullName, "report.pdf");
        await File.WriteAllBytesAsync(file, pdf);
        var start = new ProcessStartInfo("/usr/bin/pdftotext", ["-layout", file, "-"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 };
        using var process = Process.Start(start)!;
        return await process.StandardOutput.ReadToEndAsync();
    }
}
