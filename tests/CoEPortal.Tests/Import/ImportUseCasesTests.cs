using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reliability;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Import;

/// <summary>The inventory of the US agencies of 2024, and small ones where a rule is easier to see.</summary>
public sealed class ImportUseCasesTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly string Federal = Path.Combine(Repository.Root, "../shared/data/federal-ai-inventory-2024-sample.csv");

    [Fact]
    public async Task Every_row_of_the_federal_inventory_is_imported_or_refused_with_a_reason_and_twice_changes_nothing()
    {
        Assert.SkipUnless(File.Exists(Federal), "The inventory is not here.");
        var content = await File.ReadAllBytesAsync(Federal);

        var dry = await ImportAsync(content, isDryRun: true);
        Assert.Equal(0, await UseCasesAsync());
        var made = await ImportAsync(content);

        Assert.Equal((771, "Windows-1252"), (made.Rows.Count, made.Encoding));
        Assert.Equal((made.Imported, made.Refused, made.Flagged), (dry.Imported, dry.Refused, dry.Flagged));
        Assert.Equal(771, made.Imported + made.Refused);
        Assert.All(made.Rows, r => Assert.True(r.Key is not null ^ r.Reason is { Length: > 0 }));
        Assert.Equal(made.Imported, await UseCasesAsync());
        Assert.Equal(771, (await Get<ImportHistory>().RunAsync(made.Run, ImportRowsShown.All, Who("auditor"))).Rows.Total);

        var imported = made.Rows.Where(r => r.Key is not null).ToList();
        Assert.Equal(imported.Count(r => r.Impact is not Impact.Neither), imported.Count(r => r.Lane is Lane.Full));
        Assert.True(imported.Count(r => r.Impact is Impact.Rights or Impact.Safety or Impact.Both) >= 120);
        Assert.DoesNotContain(imported, r => r.Lane is Lane.Fast);
        Assert.True(imported.Count(r => r.Impact is Impact.Undecided) >= 20);
        Assert.Equal([Stage.Draft, Stage.Registered, Stage.Retired], imported.Select(r => r.Stage!.Value).Distinct().Order());
        Assert.All(imported, r => Assert.Equal(r.Phase is Phase.Production or null ? Stage.Registered : r.Phase is Phase.Retired ? Stage.Retired : Stage.Draft, r.Stage));

        var again = await ImportAsync(content);
        Assert.Equal((0, made.Imported, made.Refused), (again.Imported, again.Unchanged, again.Refused));
        Assert.Equal(made.Imported, await UseCasesAsync());
        Assert.Equal(made.Imported, await EventsAsync("UseCaseRegistered"));
        Assert.Equal(2, await EventsAsync("InventoryImported"));

        var found = await Get<UseCaseList>().ForAsync(Who("coe-lead"), new UseCaseFilter(Search: "veterans", Stage: Stage.Registered));
        Assert.True(found.Total > 10);
        var origin = await Get<ImportHistory>().OriginOfAsync(found.Items[0].Key, Who("legal"));
        Assert.Contains(origin!.Answers, a => a.Question == "Agency" && a.Answer == "Department of Veterans Affairs");
    }

    [Fact]
    public async Task A_file_three_times_as_long_is_imported_whole_and_changes_nothing_the_second_time()
    {
        Assert.SkipUnless(FullRun.IsOn, "The long file is for --full; ./coe bench portfolio says how fast it is.");
        var rows = string.Concat(Enumerable.Range(0, 2400).Select(i => $"Case {i} of {i % 97} kinds {i * 7919:x8},Unit {i % 40},{new string('w', 900)},Live\n"));

        Assert.Equal(2400, (await ImportSmallAsync(rows)).Imported);
        Assert.Equal(2400, (await ImportSmallAsync(rows)).Unchanged);
        Assert.Equal(2400, await UseCasesAsync());
    }

    [Fact]
    public async Task Two_rows_that_say_the_same_are_two_use_cases_and_the_second_is_flagged()
    {
        var made = await ImportSmallAsync("Letters,Claims,w,Live\nLetters,Claims,w,Live\n");

        Assert.Equal((2, 1), (made.Imported, made.Flagged));
        Assert.Equal("UC-0001", made.Rows[1].DuplicateOf);
        Assert.Equal(1, (await ImportSmallAsync("Letters,Claims,w,Live\nLetters,Claims,w,Live\nLetters,Claims,w,Live\n")).Imported);
    }

    [Fact]
    public async Task Two_imports_of_one_file_at_once_make_its_use_cases_once()
    {
        const string Rows = "A,Claims,w,Live\nB,Claims,w,Live\n";

        var both = await Task.WhenAll(ImportSmallAsync(Rows), ImportSmallAsync(Rows));

        Assert.Equal(2, both.Sum(o => o.Imported));
        Assert.Equal(2, await UseCasesAsync());
    }

    [Theory]
    [InlineData("submitter")]
    [InlineData("legal")]
    [InlineData("auditor")]
    [InlineData("admin")]
    public async Task Only_a_CoE_lead_imports(string persona)
    {
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ImportUseCases>().RunAsync("a"u8.ToArray(), ImportMappings.Given(Small), true, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ImportMappings>().SaveAsync(ImportMappings.Given(Small).Mapping, Who(persona))));
    }

    [Fact]
    public async Task What_runs_already_is_registered_not_approved_and_denied_until_a_dated_grace()
    {
        await ImportSmallAsync("Letters,Claims,w,Live\nIdeas,Claims,w,New\n");
        Assert.Equal(Stage.Registered, (await UseCaseAsync("UC-0001")).Stage);
        Assert.Equal("not-approved", await RuleAsync(() => BindAsync("UC-0002")));
        await BindAsync("UC-0001");
        Assert.Equal((false, Verdict.NotApproved), await AskAsync());

        Assert.Equal("not-permitted", await RuleAsync(() => GraceAsync("risk", 30)));
        Assert.Equal("grace-too-long", await RuleAsync(() => GraceAsync("coe-lead", 400)));
        Assert.Equal("grace-too-long", await RuleAsync(() => GraceAsync("coe-lead", -1)));
        await GraceAsync("coe-lead", 30);
        Assert.True((await AskAsync()).Allowed);
        Assert.Equal(0, await Get<EndGraces>().RunAsync());

        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await Get<EndGraces>().RunAsync());
        Assert.Equal((false, Verdict.NotApproved), await AskAsync());
        Assert.Equal(["UseCaseRegistered", "CredentialBound", "GraceGranted", "GraceEnded"], await ActionsAsync("UC-0001"));
        Assert.Equal("not-registered", await RuleAsync(() => Get<GrantGrace>().RunAsync("UC-0002", new DateOnly(2027, 1, 20), "Because.", Who("coe-lead"))));
    }

    [Fact]
    public async Task A_grace_can_be_taken_back_and_its_use_case_be_stopped()
    {
        await ImportSmallAsync("Letters,Claims,w,Live\n");
        await BindAsync("UC-0001");
        await GraceAsync("coe-lead", 30);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, "UC-0001", SwitchMode.Stop, "It leaks.", "", Who("risk"));
        Assert.Equal((false, Verdict.KillManual), await AskAsync());

        await Get<GrantGrace>().EndAsync("UC-0001", Who("coe-lead2"));
        Assert.Equal("no-grace", await RuleAsync(() => Get<GrantGrace>().EndAsync("UC-0001", Who("coe-lead"))));
    }

    [Fact]
    public async Task A_mapping_is_saved_under_a_name_and_used_by_it()
    {
        await Get<ImportMappings>().SaveAsync(ImportMappings.Given(Small).Mapping, Who("coe-lead"));
        var saved = await Get<ImportMappings>().NamedAsync("small", Who("auditor"));

        Assert.Equal(1, (await Get<ImportUseCases>().RunAsync(Bytes("A,Claims,w,Live\n"), saved, false, Who("coe-lead"))).Imported);
        Assert.Equal("mapping-is-a-template", await RuleAsync(() => Get<ImportMappings>().SaveAsync(saved.Mapping with { Name = "us-federal-2024" }, Who("coe-lead"))));
        Assert.Contains(await Get<ImportMappings>().AllAsync(Who("coe-lead")), m => m is { Name: "small", IsTemplate: false });
    }

    private const string Small = """
        name: small
        fields:
          title: { column: Name }
          businessUnit: { column: Unit }
          problem: { column: Why }
          phase: { column: State, words: { production: [Live], idea: [New] } }
        """;

    private static byte[] Bytes(string rows) => Encoding.UTF8.GetBytes("Name,Unit,Why,State\n" + rows);

    private Task<ImportOutcome> ImportSmallAsync(string rows) => Get<ImportUseCases>().RunAsync(Bytes(rows), ImportMappings.Given(Small), false, Who("coe-lead"));

    private async Task<ImportOutcome> ImportAsync(byte[] content, bool isDryRun = false) =>
        await Get<ImportUseCases>().RunAsync(content, await Get<ImportMappings>().NamedAsync("us-federal-2024", Who("coe-lead")), isDryRun, Who("coe-lead"));

    private Task BindAsync(string key) => Get<BindCredential>().RunAsync(key, CredentialKind.Team, "letters", "gw", Who("coe-lead"));

    private Task GraceAsync(string persona, int days) => Get<GrantGrace>().RunAsync(
        "UC-0001", Get<Organisation>().DayOf(Clock.GetUtcNow()).AddDays(days), "It has run since 2022.", Who(persona));

    private async Task<(bool Allowed, string Reason)> AskAsync()
    {
        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), new VerdictRequest(null, null, null, "letters", null, null), TimeSpan.Zero);
        return (verdict.Allowed, verdict.Reason);
    }

    private async Task<int> UseCasesAsync()
    {
        await using var db = await DbAsync();
        return await db.UseCases.CountAsync();
    }

    private async Task<int> EventsAsync(string action)
    {
        await using var db = await DbAsync();
        return await db.AuditEvents.CountAsync(e => e.Action == action);
    }
}
