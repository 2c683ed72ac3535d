using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Training;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.Training;

public sealed class TrainingTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Header = "course,learner,person,completed_on,edition,evidence,sha256\n";

    private static readonly CourseDraft Safety = new("Prompt safety", "What may go into a prompt.", "https://learn.example.org/1", [Role.Submitter, Role.Legal], 91);

    [Fact]
    public async Task A_file_is_tried_first_then_recorded_once_and_each_refused_row_says_why()
    {
        await GivenTheCourseAsync();
        var file = Header
            + "prompt-safety,u-1,,2026-11-20,,C-1,\n"
            + "prompt-safety,u-2,submitter@demo,2026-11-20,1,https://lms.example.org/2,sha256:" + new string('a', 64) + "\n"
            + "unknown,u-3,,2026-11-20,,C-3,\n"
            + "prompt-safety,,,2026-11-20,,C-4,\n"
            + "prompt-safety,,stranger@demo,2026-11-20,,C-5,\n"
            + "prompt-safety,u-6,,20.11.2026,,C-6,\n"
            + "prompt-safety,u-7,,2026-11-24,,C-7,\n"
            + "prompt-safety,u-8,,2026-11-20,2,C-8,\n"
            + "prompt-safety,u-9,,2026-11-20,,,\n"
            + "prompt-safety,u-10,,2026-11-20,,https://lms.example.org/10,\n"
            + "prompt-safety,u-11,,2026-11-20,,C-11,md5:1\n"
            + "prompt-safety," + new string('u', 201) + ",,2026-11-20,,C-12,\n"
            + "prompt-safety,u-13\n";

        var dry = await ImportAsync(file, isDryRun: true);
        Assert.Equal((13, 2, 0), (dry.Rows, dry.Recorded, dry.Known));
        Assert.Empty((await Get<TrainingRegister>().CompletionsAsync(null, Who("auditor"))).Items);

        var made = await ImportAsync(file);
        Assert.Equal((2, 0), (made.Recorded, made.Known));
        Assert.Equal(Enumerable.Range(4, 11), made.Refused.Select(r => r.Line));
        Assert.Equal(11, made.Refused.Select(r => r.Refusal).Distinct().Count());
        var again = await ImportAsync(file);
        Assert.Equal((0, 2), (again.Recorded, again.Known));
        Assert.Equal(["TrainingRecorded", "TrainingRecorded"], (await EntriesAsync(e => e.SubjectType == "training")).Select(e => e.Action));
    }

    [Theory]
    [InlineData("course,completed_on,evidence\n", "column-missing")]
    [InlineData("course,learner,evidence\n", "column-missing")]
    [InlineData("", "empty-file")]
    public async Task A_file_that_is_none_is_refused_whole(string file, string rule) => Assert.Equal(rule, await RuleAsync(() => ImportAsync(file)));

    [Theory]
    [InlineData("legal")]
    [InlineData("submitter")]
    [InlineData("auditor")]
    [InlineData("admin")]
    public async Task Only_a_CoE_lead_defines_courses_and_fills_the_register(string persona)
    {
        await GivenTheCourseAsync();

        Assert.Equal("not-permitted", await RuleAsync(() => Get<DefineCourse>().AddAsync("x", Safety, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<DefineCourse>().RequireAsync("prompt-safety", "UC-0001", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RecordTraining>().FromFileAsync([1], false, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RecordTraining>().OneAsync(ByHand, null, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RecordTraining>().WithdrawAsync(Guid.CreateVersion7(), "x", Who(persona))));
        if (persona != "auditor")
        {
            Assert.Equal("not-permitted", await RuleAsync(() => Get<TrainingRegister>().OverdueAsync(null, Who(persona))));
        }
    }

    [Theory]
    [InlineData("Prompt", "course-key-unusable")]
    [InlineData("a--b", "course-key-unusable")]
    [InlineData("prompt-safety", "course-known")]
    public async Task A_course_needs_a_key_of_its_own(string key, string rule)
    {
        await GivenTheCourseAsync();

        Assert.Equal(rule, await RuleAsync(() => Get<DefineCourse>().AddAsync(key, Safety, Who("coe-lead"))));
    }

    [Fact]
    public async Task A_course_that_cannot_be_taken_is_refused()
    {
        var define = Get<DefineCourse>();

        Assert.Equal("title-required", await RuleAsync(() => define.AddAsync("a", Safety with { Title = " " }, Who("coe-lead"))));
        Assert.Equal("link-unusable", await RuleAsync(() => define.AddAsync("a", Safety with { Link = "javascript:alert(1)" }, Who("coe-lead"))));
        Assert.Equal("validity-out-of-range", await RuleAsync(() => define.AddAsync("a", Safety with { ValidForDays = 0 }, Who("coe-lead"))));
        await define.AddAsync("a", Safety, Who("coe-lead"));
        Assert.Equal("edition-required", await RuleAsync(() => define.ChangeAsync("a", Safety, false, true, null, Who("coe-lead"))));
        await define.RetireAsync("a", Who("coe-lead"));
        Assert.Equal("course-retired", await RuleAsync(() => define.ChangeAsync("a", Safety, false, false, null, Who("coe-lead"))));
        Assert.Equal(["CourseAdded", "CourseRetired"], (await EntriesAsync(e => e.SubjectType == "course")).Select(e => e.Action));
    }

    [Fact]
    public async Task Where_a_course_is_required_only_who_completed_it_passes_and_nobody_unknown()
    {
        var key = await GivenRequiredAsync();
        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\n");

        Assert.Equal((true, "", null), await AskAsync(key, "u-1"));
        foreach (var user in new[] { null, "", "u-2", "U-1", " u-1", new string('u', 300) })
        {
            Assert.Equal((false, Verdict.TrainingRequired, "prompt-safety"), await AskAsync(key, user));
        }

        await Get<DefineCourse>().NoLongerRequireAsync("prompt-safety", key, Who("coe-lead"));
        Assert.True((await AskAsync(key, null)).Allowed);
        Assert.Equal(["CourseRequired", "CourseNoLongerRequired"], (await ActionsAsync(key)).TakeLast(2));
    }

    [Fact]
    public async Task Of_two_courses_both_are_required_and_a_stop_is_said_first()
    {
        var key = await GivenRequiredAsync();
        await Get<DefineCourse>().AddAsync("zebra", Safety with { Title = "Second" }, Who("coe-lead"));
        await Get<DefineCourse>().RequireAsync("zebra", key, Who("coe-lead"));
        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\n");

        Assert.Equal((false, Verdict.TrainingRequired, "zebra"), await AskAsync(key, "u-1"));
        Assert.Equal("already-required", await RuleAsync(() => Get<DefineCourse>().RequireAsync("zebra", key, Who("coe-lead"))));
        Assert.Equal("course-required", await RuleAsync(() => Get<DefineCourse>().RetireAsync("zebra", Who("coe-lead"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<DefineCourse>().RequireAsync("zebra", "UC-9999", Who("coe-lead")));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Leak.", "", Who("security"));
        Assert.Equal((false, Verdict.KillManual, null), await AskAsync(key, "u-1"));
    }

    [Fact]
    public async Task Training_that_ends_that_is_withdrawn_or_that_a_new_edition_overtakes_lets_nobody_through()
    {
        var key = await GivenRequiredAsync();
        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\nprompt-safety,u-2,,2026-08-25,,C-2,\n");
        await Get<SweepTraining>().RunAsync();
        Assert.True((await AskAsync(key, "u-2")).Allowed);

        // 25 August and 91 days are 24 November: it counts through that day in Berlin.
        Clock.Advance(TimeSpan.FromHours(37));
        await Get<SweepTraining>().RunAsync();
        Assert.True((await AskAsync(key, "u-2")).Allowed);
        Clock.Advance(TimeSpan.FromHours(1));
        var before = await Get<EnforcementSnapshots>().GenerationAsync();
        await Get<SweepTraining>().RunAsync();
        Assert.False((await AskAsync(key, "u-2")).Allowed);
        Assert.Equal(before + 1, await Get<EnforcementSnapshots>().GenerationAsync());

        var first = (await Get<TrainingRegister>().CompletionsAsync("prompt-safety", Who("privacy"))).Items[0];
        await Get<RecordTraining>().WithdrawAsync(first.Id, "Not them.", Who("coe-lead"));
        Assert.False((await AskAsync(key, "u-1")).Allowed);
        Assert.Equal("already-withdrawn", await RuleAsync(() => Get<RecordTraining>().WithdrawAsync(first.Id, "Again.", Who("coe-lead"))));
        Assert.Equal("TrainingWithdrawn", (await EntriesAsync(e => e.SubjectKey == first.Id.ToString())).Single().Action);

        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\n");
        Assert.True((await AskAsync(key, "u-1")).Allowed);
        await Get<DefineCourse>().ChangeAsync("prompt-safety", Safety, true, false, null, Who("coe-lead"));
        Assert.True((await AskAsync(key, "u-1")).Allowed);
        await Get<DefineCourse>().ChangeAsync("prompt-safety", Safety, true, true, null, Who("coe-lead"));
        Assert.False((await AskAsync(key, "u-1")).Allowed);
    }

    [Fact]
    public async Task A_gateway_that_does_not_know_the_word_denies_and_one_that_does_finds_who_is_trained()
    {
        var key = await GivenRequiredAsync();
        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\nprompt-safety,ü-2,,2026-11-20,,C-2,\n");

        var document = SnapshotDocument.Of(await Get<EnforcementSnapshots>().LoadAsync(), new Organisation(), SnapshotSigner.None, Clock.GetUtcNow());
        var json = JsonNode.Parse(document.Body)!;
        var useCase = json["use_cases"]!.AsArray().Single(u => (string?)u!["use_case"] == key)!;
        Assert.Equal(("training", "prompt-safety"), ((string?)useCase["state"], (string?)useCase["courses"]![0]));
        Assert.Contains($"use_case\t{key}\ttraining\tapproved\t", Encoding.UTF8.GetString(document.Lines), StringComparison.Ordinal);
        var learners = Convert.FromBase64String((string)json["courses"]![0]!["learners"]!).Chunk(16).Select(Convert.ToHexString).ToList();
        var salt = Convert.FromHexString((string)json["learner_salt"]!);
        Assert.Equal(2, learners.Count);
        Assert.All(new[] { "u-1", "ü-2" }, id => Assert.Contains(Convert.ToHexString(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(id)).AsSpan(0, 16)), learners));

        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, new Engagement(SwitchMode.Degrade, "Drift.", "") { FallbackModel = (await UseCaseAsync(key)).Revisions[^1].Proposal.Endpoints[0] }, Who("security"));
        json = JsonNode.Parse(SnapshotDocument.Of(await Get<EnforcementSnapshots>().LoadAsync(), new Organisation(), SnapshotSigner.None, Clock.GetUtcNow()).Body)!;
        Assert.Equal("stop", (string?)json["use_cases"]!.AsArray().Single(u => (string?)u!["use_case"] == key)!["state"]);
    }

    [Fact]
    public async Task A_node_without_the_database_still_knows_who_is_trained()
    {
        var key = await GivenRequiredAsync();
        await ImportAsync(Header + "prompt-safety,u-1,,2026-11-20,,C-1,\n");
        var folder = Directory.CreateTempSubdirectory();
        var memory = new NodeMemory(Path.Combine(folder.FullName, "node.json"), Clock, NullLogger<NodeMemory>.Instance);
        memory.Keep(await Get<EnforcementSnapshots>().LoadAsync());

        var recalled = memory.Recall()!.Value.Snapshot;
        folder.Delete(recursive: true);

        Assert.True(Verdict.Of(recalled, Request(key, "u-1"), TimeSpan.Zero).Allowed);
        Assert.Equal(Verdict.TrainingRequired, Verdict.Of(recalled, Request(key, "u-2"), TimeSpan.Zero).Reason);
    }

    [Fact]
    public async Task The_id_of_an_end_user_stands_nowhere()
    {
        await GivenTheCourseAsync();
        await ImportAsync(Header + "prompt-safety,very-own-id-4711,,2026-11-20,,C-1,\n");
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select (select count(*) from training_completion t where t::text like '%4711%') + (select count(*) from audit.event e where e::text like '%4711%')", connection);

        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Everybody_sees_what_is_for_their_roles_and_the_late_are_listed_and_reminded_once_of_each_state()
    {
        await GivenTheCourseAsync();
        await ImportAsync(Header + "prompt-safety,,submitter@demo,2026-11-20,,C-1,\nprompt-safety,,legal@demo,2026-08-30,,C-2,\n");

        Assert.Equal([Standing.Valid], (await Get<TrainingRegister>().MineAsync(Who("submitter"))).Select(m => m.Standing.On(Get<TrainingRegister>().Today)));
        Assert.Empty(await Get<TrainingRegister>().MineAsync(Who("risk")));
        var late = await Get<TrainingRegister>().OverdueAsync(null, Who("auditor"));
        Assert.Equal([("submitter2@demo", Standing.Never), ("legal2@demo", Standing.Never), ("legal@demo", Standing.EndsSoon)], late.Items.Select(l => (l.PersonId, l.On(Get<TrainingRegister>().Today))));

        Assert.Equal(3, await Get<SweepTraining>().RunAsync());
        Assert.Equal(0, await Get<SweepTraining>().RunAsync());
        Clock.Advance(TimeSpan.FromDays(1));
        await Get<SweepTraining>().RunAsync();
        Assert.Equal(3, await TrainingNoticesAsync());
        Clock.Advance(TimeSpan.FromDays(10));
        await Get<SweepTraining>().RunAsync();
        Assert.Equal(4, await TrainingNoticesAsync());
    }

    [Fact]
    public async Task A_learning_system_sends_so_many_at_once_and_is_named_in_the_log()
    {
        await GivenTheCourseAsync();
        var row = new ToldCompletion(1, "prompt-safety", "u-1", "", "2026-11-20", "", "C-1", "");

        Assert.Equal("rows-out-of-range", await RuleAsync(() => Get<RecordTraining>().FromLmsAsync([], false, "lms")));
        Assert.Equal("rows-out-of-range", await RuleAsync(() => Get<RecordTraining>().FromLmsAsync([.. Enumerable.Repeat(row, 1001)], false, "lms")));
        Assert.Equal(1, (await Get<RecordTraining>().FromLmsAsync([row, row], false, "lms")).Recorded);
        Assert.Equal("lms", (await EntriesAsync(e => e.SubjectType == "training")).Single().ActorName);
    }

    [Fact]
    public async Task One_is_recorded_by_hand_with_its_certificate_which_is_fetched_as_it_was_given()
    {
        var key = await GivenRequiredAsync();

        await Get<RecordTraining>().OneAsync(ByHand, Certificate, Who("coe-lead"));

        Assert.True((await AskAsync(key, "u-1")).Allowed);
        Assert.Equal([Standing.Valid], (await Get<TrainingRegister>().MineAsync(Who("submitter"))).Select(m => m.Standing.On(Get<TrainingRegister>().Today)));
        var row = Assert.Single((await Get<TrainingRegister>().CompletionsAsync(null, Who("auditor"))).Items);
        Assert.Equal((TrainingSource.Form, "certificate.pdf", Certificate.Hash, "application/pdf"), (row.Source, row.Evidence, row.EvidenceHash, row.FileType));
        Assert.Equal(Certificate.Content, (await Get<TrainingRegister>().CertificateAsync(row.Id, Who("auditor"))).Content);
        Assert.Equal("not-permitted", await RuleAsync(() => Get<TrainingRegister>().CertificateAsync(row.Id, Who("submitter2"))));
        Assert.Contains(Certificate.Hash, (await EntriesAsync(e => e.SubjectType == "training")).Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_by_hand_that_is_known_or_says_too_little_keeps_nothing()
    {
        await GivenTheCourseAsync();
        Task<string> RuleOf(CompletionDraft draft, UploadedFile? file = null) => RuleAsync(() => Get<RecordTraining>().OneAsync(draft, file, Who("coe-lead")));

        Assert.Equal("completion-refused", await RuleOf(ByHand with { Course = "unknown" }, Certificate));
        Assert.Equal("completion-refused", await RuleOf(ByHand with { Person = "", Learner = " " }, Certificate));
        Assert.Equal("completion-refused", await RuleOf(ByHand with { CompletedOn = new(2026, 11, 30) }, Certificate));
        Assert.Equal("completion-refused", await RuleOf(ByHand));
        Assert.Empty((await Get<TrainingRegister>().CompletionsAsync(null, Who("auditor"))).Items);

        await Get<RecordTraining>().OneAsync(ByHand with { Evidence = "C-1" }, null, Who("coe-lead"));
        Assert.Equal("completion-known", await RuleOf(ByHand, Certificate));
        Assert.Null(Assert.Single((await Get<TrainingRegister>().CompletionsAsync(null, Who("auditor"))).Items).FileType);
        await Assert.ThrowsAsync<NotFoundException>(() => Get<TrainingRegister>().CertificateAsync(Guid.CreateVersion7(), Who("auditor")));
    }

    [Fact]
    public async Task A_certificate_is_neither_changed_nor_lost()
    {
        await GivenTheCourseAsync();
        await Get<RecordTraining>().OneAsync(ByHand, Certificate, Who("coe-lead"));
        await Get<RecordTraining>().OneAsync(ByHand with { Learner = "u-2", Evidence = "C-2" }, null, Who("coe-lead"));
        async Task<string?> BrokenAsync(string sql) => (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName;

        Assert.Equal("only_added_to", await BrokenAsync("update training_certificate set content = 'x'"));
        Assert.Equal("a_certificate_stays", await BrokenAsync("delete from training_certificate"));
        Assert.Equal(
            "a_certificate_is_what_its_completion_says",
            await BrokenAsync("insert into training_certificate (completion_id, content) select id, 'x' from training_completion where file_type is null"));
    }

    private static CompletionDraft ByHand => new("prompt-safety", "submitter@demo", "u-1", new(2026, 11, 20), "");

    private static UploadedFile Certificate { get; } = UploadedFile.Read("certificate.pdf", "%PDF-1.7 of a course"u8.ToArray());

    private async Task<int> TrainingNoticesAsync()
    {
        await using var db = await DbAsync();
        return await db.Notifications.CountAsync(n => n.Kind == "training-due");
    }

    private Task GivenTheCourseAsync() => Get<DefineCourse>().AddAsync("prompt-safety", Safety, Who("coe-lead"));

    private async Task<string> GivenRequiredAsync()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await GivenTheCourseAsync();
        await Get<DefineCourse>().RequireAsync("prompt-safety", key, Who("coe-lead"));
        return key;
    }

    private Task<TrainingOutcome> ImportAsync(string file, bool isDryRun = false) => Get<RecordTraining>().FromFileAsync(Encoding.UTF8.GetBytes(file), isDryRun, Who("coe-lead"));

    private async Task<(bool Allowed, string Reason, string? Course)> AskAsync(string key, string? user)
    {
        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), Request(key, user), TimeSpan.Zero);
        return (verdict.Allowed, verdict.Reason, verdict.Course);
    }

    private static VerdictRequest Request(string key, string? user) => new(key, null, null, null, null, null) { User = user };
}
