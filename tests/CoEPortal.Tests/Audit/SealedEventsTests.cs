using System.Data.Common;
using System.Text.Json.Nodes;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reliability;
using CoEPortal.Web.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoEPortal.Tests.Audit;

/// <summary>Names and words of people are in the log, and go with their key, while every proof holds.</summary>
public sealed class SealedEventsTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    private const string Words = "The vendor Quillfeather signed.";
    private const string Demand = "Tell Oysterbank first.";

    [Fact]
    public async Task Names_and_words_stand_nowhere_in_the_log_and_everybody_who_may_read_it_reads_them()
    {
        await GivenADecisionAsync();

        Assert.Equal(0, await ScalarAsync<long>($"select count(*) from audit.event e where e::text like '%Quillfeather%' or e::text like '%Oysterbank%' or e::text like '%{Who("legal").Name}%'"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from audit.event where actor_id not like '%@rule' and actor_name <> ''"));
        var entry = await DecisionAsync();
        Assert.Equal((Who("legal").Name, Words), (entry.ActorName, (string?)entry.Details["comment"]));
        Assert.Equal(Demand, (string?)entry.Details["conditions"]![0]);
        Assert.Empty(entry.Erased);
        var shown = (await Get<Timeline>().OfAsync("UC-0001", Who("legal"))).Items.Single(e => e.Action == nameof(DecisionRecorded));
        Assert.Equal((entry.ActorName, entry.Body), (shown.ActorName, shown.Body));
        Assert.Equal(entry.Body, Assert.Single((await Get<AuditExplorer>().SearchAsync(new AuditFilter(Text: Who("legal").Name), Who("auditor"))).Items).Entry.Body);
    }

    [Fact]
    public async Task What_a_rule_says_stays_readable_and_has_no_key()
    {
        await GivenADecisionAsync();
        var byRule = await EntriesAsync(e => e.ActorId.EndsWith("@rule"));

        Assert.All(byRule, e => Assert.NotEqual(OpenEntries.ErasedPerson, e.ActorName));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from audit.event where actor_id like '%@rule' and actor_name = ''"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from privacy.person_key where person_id like '%@rule'"));
    }

    [Fact]
    public async Task Who_is_erased_is_named_nowhere_and_the_log_still_verifies()
    {
        await GivenADecisionAsync();
        var before = await CheckAsync();

        await EraseAsync("legal");

        var entry = await DecisionAsync();
        Assert.Equal((OpenEntries.ErasedPerson, OpenEntries.ErasedText), (entry.ActorName, (string?)entry.Details["comment"]));
        Assert.Equal(OpenEntries.ErasedText, (string?)entry.Details["conditions"]![0]);
        var after = await CheckAsync([.. Published]);
        Assert.True(after.Holds);
        Assert.Equal(before.Size, after.Size);
        Assert.All((await EntriesAsync(e => e.ActorId == "submitter@demo")), e => Assert.Equal(Who("submitter").Name, e.ActorName));
    }

    [Fact]
    public async Task A_condition_of_who_is_erased_is_gone_from_what_others_said_that_they_saw()
    {
        await GivenADecisionAsync();
        await DecideAsync((await OpenTaskAsync("UC-0001", Role.Security))!, "security", DecisionKind.Approve);
        Assert.Equal(Demand, (string?)(await DecisionAsync("security@demo")).Details["seenConditions"]![0]);

        await EraseAsync("legal");

        var entry = await DecisionAsync("security@demo");
        Assert.Equal((Who("security").Name, OpenEntries.ErasedText), (entry.ActorName, (string?)entry.Details["seenConditions"]![0]));
    }

    [Fact]
    public async Task The_name_of_another_person_goes_with_that_person()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var task = (await OpenTaskAsync("UC-0001", Role.Legal))!;
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"));
        await Get<ClaimTask>().ReleaseAsync(task.Id, Who("coe-lead"));
        Assert.Equal(Who("legal").Name, (string?)(await EntriesAsync(e => e.Action == nameof(ReviewTaskReleased)))[0].Details["releasedFrom"]);

        await EraseAsync("legal");

        var entry = (await EntriesAsync(e => e.Action == nameof(ReviewTaskReleased)))[0];
        Assert.Equal((Who("coe-lead").Name, OpenEntries.ErasedPerson), (entry.ActorName, (string?)entry.Details["releasedFrom"]));
    }

    [Fact]
    public async Task Nothing_is_ever_sealed_again_for_who_is_erased()
    {
        await GivenADecisionAsync();
        await EraseAsync("security");
        await DecideAsync((await OpenTaskAsync("UC-0001", Role.Security))!, "security", DecisionKind.Approve, Words);

        Assert.Equal(0, await ScalarAsync<long>("select count(*) from audit.event where sealed like '%security@demo%' and action = 'DecisionRecorded'"));
        Assert.Equal((OpenEntries.ErasedPerson, OpenEntries.ErasedText), ((await DecisionAsync("security@demo")).ActorName, (string?)(await DecisionAsync("security@demo")).Details["comment"]));
        Assert.Equal("P0001", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update privacy.person_key set wrapped_key = decode(repeat('00', 60), 'hex'), destroyed_at = null where person_id = 'security@demo'"))).SqlState);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<int>("delete from privacy.person_key where person_id = 'security@demo' returning 1"))).SqlState);
    }

    [Theory]
    [InlineData("update privacy.person_key set wrapped_key = null, destroyed_at = now() returning 1")]
    [InlineData("insert into privacy.person_key (person_id, destroyed_at) values ('brand@demo', now()) returning 1")]
    public async Task The_account_of_the_portal_can_destroy_no_key_by_itself(string sql) =>
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<int>(sql))).SqlState);

    [Fact]
    public async Task Another_node_forgets_a_key_within_a_minute()
    {
        await GivenADecisionAsync();
        await using var other = Node.Start(Database.RuntimeConnectionString, Clock);
        Assert.Equal(Words, await CommentAsync());
        await EraseAsync("legal");

        Clock.Advance(PersonKeys.LongestKept);

        Assert.Equal(OpenEntries.ErasedText, await CommentAsync());

        async Task<string?> CommentAsync() => (string?)(await other.Get<Timeline>().OfAsync("UC-0001", Who("legal")))
            .Items.Single(e => e.Action == nameof(DecisionRecorded)).Details["comment"];
    }

    [Fact]
    public async Task A_key_that_was_rolled_back_seals_nothing_later()
    {
        await using (var db = await DbAsync())
        {
            await using var rolledBack = await db.Database.BeginTransactionAsync();
            // The second reads what the first made and has not committed.
            foreach (var name in new[] { "first", "second" })
            {
                db.Add(MachineToken.Issue(name, [MachineToken.EnforcementRead], null, TimeSpan.FromDays(1), Who("legal"), Clock.GetUtcNow()).Token);
                await db.SaveChangesAsync();
            }
        }

        Assert.Equal(0, await ScalarAsync<long>("select count(*) from privacy.person_key"));
        await GivenADecisionAsync();
        await using var fresh = Node.Start(Database.RuntimeConnectionString, Clock);
        Assert.Equal(Words, (string?)(await fresh.Get<Timeline>().OfAsync("UC-0001", Who("legal"))).Items.Single(e => e.Action == nameof(DecisionRecorded)).Details["comment"]);
    }

    [Fact]
    public async Task People_who_act_for_the_first_time_at_once_on_two_nodes_have_one_key()
    {
        await using var other = Node.Start(Database.RuntimeConnectionString, Clock);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? Get<EngageKillSwitch>() : other.Get<EngageKillSwitch>())
            .RunAsync(SwitchScope.Model, $"model-{i}", SwitchMode.Stop, Words, "", Who("security"))));

        Assert.All(await EntriesAsync(e => e.Action == nameof(KillSwitchEngaged)), e => Assert.Equal((Who("security").Name, Words), (e.ActorName, (string?)e.Details["reason"])));
    }

    [Fact]
    public async Task The_database_is_asked_for_a_key_once_a_minute_and_for_a_page_once()
    {
        await GivenADecisionAsync();
        var asked = new KeyQuestions();
        await using var node = Node.Start(Database.RuntimeConnectionString, Clock, options => options.AddInterceptors(asked));
        await StopAsync("gpt-4o");
        Assert.Equal(1, asked.Count);

        await StopAsync("gpt-5");
        await StopAsync("gpt-6");
        Assert.Equal(1, asked.Count);
        Assert.True((await node.Get<AuditExplorer>().SearchAsync(new AuditFilter(), Who("auditor"))).Items.Count > 5);
        Assert.Equal(2, asked.Count);
        await node.Get<AuditExplorer>().SearchAsync(new AuditFilter(), Who("auditor"));
        Assert.Equal(2, asked.Count);

        Task StopAsync(string model) => node.Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, model, SwitchMode.Stop, Words, "", Who("legal"));
    }

    [Fact]
    public async Task Entries_from_before_and_sealed_ones_verify_side_by_side()
    {
        await AsOwnerAsync("alter table audit.event drop constraint every_event_is_sealed_from_now_on");
        await AsOwnerAsync(
            """
            insert into audit.event (event_id, subject_type, subject_key, subject_version, use_case_key, occurred_at, actor_id, actor_name, action, body, sealed)
            values ('00000000-0000-0000-0000-000000000001', 'use-case', 'UC-0000', 1, 'UC-0000', now(), 'mara@demo', 'Mara Lindqvist', 'UseCaseStarted', '{"key":"UC-0000"}', null)
            """);
        await GivenADecisionAsync();

        Assert.True((await CheckAsync()).Holds);
        Assert.Equal("Mara Lindqvist", (await EntriesAsync(e => e.ActorId == "mara@demo"))[0].ActorName);
        var export = System.Text.Encoding.UTF8.GetString(await ExportAsync());
        Assert.Contains("\"format\":1", export, StringComparison.Ordinal);
        Assert.Contains("\"format\":2", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_text_that_somebody_damaged_spoils_no_page_and_is_found()
    {
        LeavesTheDatabaseSound = false;
        await GivenADecisionAsync();
        await AsOwnerAsync("alter table audit.event disable trigger all; update audit.event set sealed = replace(sealed, '@demo\":\"', '@demo\":\"AAAA') where action = 'DecisionRecorded'");

        var entry = await DecisionAsync();
        Assert.Equal((OpenEntries.Unreadable, OpenEntries.Unreadable), (entry.ActorName, (string?)entry.Details["comment"]));
        Assert.Equal("entry-changed", (await CheckAsync()).Findings.First(f => f.IsFault).Rule);
        await AsOwnerAsync("update audit.event set sealed = 'x', body = '{}' where action = 'DecisionRecorded'");
        Assert.Equal(OpenEntries.ErasedPerson, (await DecisionAsync()).ActorName);
    }

    [Fact]
    public async Task A_node_starts_only_with_the_key_that_the_database_is_used_with()
    {
        var folder = Directory.CreateTempSubdirectory("coe-key-").FullName;
        var file = Path.Combine(folder, "personal-data.key");
        await StartAsync(folder);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await StartAsync(folder);
        await StartAsync("/nowhere", await File.ReadAllTextAsync(file));

        await File.WriteAllTextAsync(file, PersonalDataKey.Create().ToBase64());
        Assert.Contains("with another key", await RefusalAsync(folder), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "too short");
        Assert.Contains("holds no key", await RefusalAsync(folder), StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains("a key that is not here", await RefusalAsync(folder), StringComparison.Ordinal);
        Assert.False(File.Exists(file));

        async Task StartAsync(string data, string? key = null)
        {
            var settings = new ConfigurationBuilder().AddInMemoryCollection(
                new Dictionary<string, string?> { ["Portal:DataDirectory"] = data, ["Portal:PersonalDataKey"] = key }).Build();
            await using var services = new ServiceCollection().AddSingleton(_ => PersonalDataKeyCheck.Read(settings)).BuildServiceProvider();
            await new PersonalDataKeyCheck(Get<ClaimPersonalDataKey>(), settings, services).StartAsync(default);
        }

        async Task<string> RefusalAsync(string data) => (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(data))).Message;
    }

    /// <summary>Who forgot would show nobody's name.</summary>
    [Fact]
    public void Whoever_reads_entries_of_the_log_opens_them() => Assert.All(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "CoEPortal.Governance"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && Path.GetFileName(f) is not "Timeline.cs")
            .Where(f => File.ReadAllText(f) is var source && (source.Contains("AsStored", StringComparison.Ordinal) || source.Contains("new TimelineEntry(", StringComparison.Ordinal))),
        f => Assert.Contains("open.RunAsync(", File.ReadAllText(f), StringComparison.Ordinal));

    [Fact]
    public async Task A_database_is_used_with_one_key_of_personal_data_only()
    {
        var claim = Get<ClaimPersonalDataKey>();
        Assert.False(await claim.IsClaimedAsync());

        Assert.True(await claim.RunAsync(PersonalDataKey));
        Assert.True(await claim.RunAsync(PersonalDataKey));
        Assert.True(await claim.IsClaimedAsync());
        Assert.False(await claim.RunAsync(PersonalDataKey.Create()));
    }

    [Fact]
    public async Task A_report_opens_its_events_for_who_has_nothing_but_the_report()
    {
        var bundle = await GivenABundleAsync();

        Assert.Empty(BundleLogCheck.Verify(bundle, [Pin], out _));
        var decision = bundle.Events.Single(e => e.Action == nameof(DecisionRecorded));
        Assert.Equal((Who("legal").Name, Words), (decision.ActorName, (string?)decision.Body!["comment"]));
        Assert.Contains(bundle.Log!.Openings![decision.EventId.ToString()].Keys, person => person == "legal@demo");
    }

    [Fact]
    public async Task A_report_made_after_an_erasure_says_nothing_of_the_person_and_one_from_before_still_holds()
    {
        var before = await GivenABundleAsync();
        await EraseAsync("legal");
        var after = await BundleAsync();

        Assert.Empty(BundleLogCheck.Verify(before, [Pin], out _));
        Assert.Empty(BundleLogCheck.Verify(after, [Pin], out _));
        var decision = after.Events.Single(e => e.Action == nameof(DecisionRecorded));
        Assert.Equal(("", null), (decision.ActorName, (string?)decision.Body!["comment"]));
        Assert.DoesNotContain(after.Log!.Openings!.Values.SelectMany(o => o.Keys), person => person == "legal@demo");
        Assert.DoesNotContain(Who("legal").Name, string.Join('\n', after.Events.Select(e => $"{e.ActorName} {e.Body}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_without_keys_holds_as_well()
    {
        var bundle = await GivenABundleAsync();
        var closed = bundle with
        {
            Log = bundle.Log! with { Openings = null },
            Events = [.. bundle.Events.Select(e => JsonNode.Parse(bundle.Log.Entries.Single(l => l.Data.Contains(e.EventId.ToString(), StringComparison.Ordinal)).Data)! is var leaf
                ? e with { ActorName = (string?)leaf["actorName"], Body = JsonNode.Parse((string)leaf["body"]!)!.AsObject() } : e)],
        };

        Assert.Empty(BundleLogCheck.Verify(EvidenceBundle.Read(closed.Write()), [Pin], out _));
    }

    [Fact]
    public async Task A_name_or_a_word_told_otherwise_and_a_key_that_opens_nothing_are_found()
    {
        var bundle = await GivenABundleAsync();
        var at = bundle.Events.Select((e, i) => (e, i)).Single(e => e.e.Action == nameof(DecisionRecorded)).i;
        var told = bundle.Events[at];
        var openings = bundle.Log!.Openings!;
        var key = openings[told.EventId.ToString()]["legal@demo"];
        var worded = told.Body!.DeepClone().AsObject();
        worded["comment"] = "Never.";

        Assert.Equal(["event-differs"], Rules(With(told with { ActorName = "Somebody Else" })));
        Assert.Equal(["event-differs"], Rules(With(told with { Body = worded })));
        Assert.Contains("opening-wrong", Rules(Keys(told.EventId.ToString(), "legal@demo", Convert.ToBase64String(new byte[32]))));
        Assert.Contains("opening-wrong", Rules(Keys(told.EventId.ToString(), "brand@demo", key)));
        Assert.Contains("opening-wrong", Rules(Keys(Guid.Empty.ToString(), "legal@demo", key)));
        Assert.Contains("opening-wrong", Rules(Keys(bundle.Events[0].EventId.ToString(), "legal@demo", key)));
        Assert.Equal(["unknown-schema"], BundleCheck.Verify(bundle with { Schema = "coeportal/evidence-bundle/3" }).Select(f => f.Rule));

        EvidenceBundle With(BundleEvent other) => bundle with { Events = [.. bundle.Events.Select((e, i) => i == at ? other : e)] };

        EvidenceBundle Keys(string id, string person, string other) => bundle with
        {
            Log = bundle.Log with
            {
                Openings = new Dictionary<string, IReadOnlyDictionary<string, string>>(openings) { [id] = new Dictionary<string, string> { [person] = other } },
            },
        };

        IEnumerable<string> Rules(EvidenceBundle changed) => BundleLogCheck.Verify(EvidenceBundle.Read(changed.Write()), [Pin], out _).Select(f => f.Rule);
    }

    private sealed class KeyQuestions : DbCommandInterceptor
    {
        public int Count { get; private set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Count += command.CommandText.Contains("person_key", StringComparison.Ordinal) ? 1 : 0;
            return ValueTask.FromResult(result);
        }
    }

    private async Task GivenADecisionAsync()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await DecideAsync((await OpenTaskAsync("UC-0001", Role.Legal))!, "legal", DecisionKind.ApproveWithConditions, Words, null, Demand);
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();
    }

    private async Task<TimelineEntry> DecisionAsync(string person = "legal@demo") =>
        Assert.Single(await EntriesAsync(e => e.Action == nameof(DecisionRecorded) && e.ActorId == person));

    /// <summary>Only the key: what else an erasure does is tested with it.</summary>
    private async Task EraseAsync(string persona)
    {
        await AsOwnerAsync(
            $"""
            insert into privacy.person_key (person_id, destroyed_at) values ('{Who(persona).Id}', now())
            on conflict (person_id) do update set wrapped_key = null, destroyed_at = now(), transaction_id = pg_current_xact_id()
            """);
        Get<PersonKeys>().Forget(Who(persona).Id);
    }

    private async Task<EvidenceBundle> GivenABundleAsync()
    {
        await GivenADecisionAsync();
        return await BundleAsync();
    }

    private async Task<EvidenceBundle> BundleAsync() =>
        EvidenceBundle.Read((await Get<CollectAuditPack>().OfAsync(new UseCaseSubject("UC-0001"))).ToBundle("test", Key.Public).Write());
}
