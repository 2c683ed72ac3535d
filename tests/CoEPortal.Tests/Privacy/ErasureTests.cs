using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Privacy;
using CoEPortal.Tests.Approvals;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Privacy;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Privacy;

public sealed class ErasureTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task Two_people_erase_a_person_who_then_cannot_get_in_again()
    {
        var request = await AskAsync("submitter2");
        var erased = await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));

        Assert.Equal((Who("submitter2").Id.Value, 1L), (erased.PersonId, erased.Rows["person"]));
        Assert.Null(await Get<PersonDirectory>().FindAsync(Who("submitter2").Id));
        await Get<LearnEmail>().RunAsync(Who("submitter2").Id, "lucia@nordhaven.example");
        await Get<ConfirmIdentity>().RunAsync(Who("submitter2").Id, Clock.GetUtcNow());
        var record = await Get<PersonRecords>().OfAsync(Who("submitter2").Id, Who("auditor"));
        Assert.Equal((OpenEntries.ErasedPerson, null, false), (record.Person.Name, record.Person.Email, record.Person.IsActive));
        Assert.Equal(Clock.GetUtcNow(), record.ErasedAt);
        var row = (await Get<ErasureRequests>().PageAsync(Who("auditor"))).Items.Single();
        Assert.Equal((ErasureState.Erased, OpenEntries.ErasedPerson, "Tomás Ferreira", "Mara Lindqvist"), (row.Erasure.State, row.Person, row.AskedBy, row.ClosedBy));
        Assert.Equal(erased.Rows, row.Rows);
        Assert.Equal(["ErasureAsked", "PersonErased"], await ActionsOfAsync(request.Id));
    }

    [Fact]
    public async Task Every_table_that_names_people_is_counted_when_somebody_asks_what_is_held_of_them()
    {
        var tables = new List<string>();
        await using (var connection = new NpgsqlConnection(Database.OwnerConnectionString))
        {
            await connection.OpenAsync();
            await using var ask = new NpgsqlCommand("select distinct table_name from personal_column", connection);
            await using var told = await ask.ExecuteReaderAsync();
            while (await told.ReadAsync())
            {
                tables.Add(told.GetString(0));
            }
        }

        Assert.True(tables.Count > 50);
        Assert.All(tables, table => Assert.True(Enum.IsDefined(PersonRecords.KindOf(table))));
        Assert.Equal(Enum.GetValues<Holding>(), PrivacyWords.Holdings.Keys.Order());
        await Get<Governance.Candidates.KeepCandidates>().AddAsync(new("Sort the post", "Customer Service", "By hand.", 100, 5, 1, 3, 3), Who("submitter2"));
        Assert.Equal(1, (await Get<PersonRecords>().OfAsync(Who("submitter2").Id, Who("auditor"))).Counts[Holding.Candidates]);
    }

    [Fact]
    public async Task Who_asked_does_not_carry_it_out_and_the_attempt_is_kept()
    {
        var request = await AskAsync("submitter2");

        Assert.Equal("second-person-required", await RuleAsync(() => Get<CarryOutErasure>().RunAsync(request.Id, Who("privacy"))));
        await using var db = await DbAsync();
        Assert.True(await db.AuditEvents.AnyAsync(e => e.Action == "AttemptRefused" && e.ActorId == Who("privacy").Id.Value));
        Assert.Equal(["ErasureAsked"], await ActionsOfAsync(request.Id));
    }

    [Fact]
    public async Task Nobody_asks_for_or_confirms_their_own_erasure()
    {
        Assert.Equal("own-erasure", await RuleAsync(() => Get<AskErasure>().RunAsync(Who("privacy").Id, "I leave.", "", Who("privacy"))));
        var request = await AskAsync("coe-lead");
        Assert.Equal("own-erasure", await RuleAsync(() => Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"))));
    }

    [Theory]
    [InlineData("legal")]
    [InlineData("admin")]
    [InlineData("auditor")]
    [InlineData("submitter")]
    public async Task Only_the_privacy_office_and_CoE_leads_erase(string persona)
    {
        var request = await AskAsync("submitter2");

        Assert.Equal("not-permitted", await RuleAsync(() => Get<AskErasure>().RunAsync(Who("brand").Id, "Asked to.", "", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<AskErasure>().TakeBackAsync(request.Id, "Not now.", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<CarryOutErasure>().RunAsync(request.Id, Who(persona))));
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("submitter")]
    [InlineData("security")]
    public async Task What_is_held_of_people_is_read_by_few(string persona)
    {
        Assert.Equal("not-permitted", await RuleAsync(() => Get<PersonRecords>().SearchAsync(null, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<PersonRecords>().OfAsync(Who("brand").Id, Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ErasureRequests>().PageAsync(Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<LegalHolds>().PageAsync(Who(persona))));
    }

    [Fact]
    public async Task A_request_is_taken_back_by_either_and_can_be_asked_again()
    {
        var first = await AskAsync("submitter2");
        Assert.Equal("already-asked", await RuleAsync(() => AskAsync("submitter2")));
        Assert.Equal("reason-required", await RuleAsync(() => Get<AskErasure>().TakeBackAsync(first.Id, " ", Who("coe-lead"))));
        await Get<AskErasure>().TakeBackAsync(first.Id, "They stay.", Who("coe-lead"));

        Assert.Equal("erasure-closed", await RuleAsync(() => Get<CarryOutErasure>().RunAsync(first.Id, Who("coe-lead2"))));
        await AskAsync("submitter2");
        Assert.Equal(["ErasureAsked", "ErasureTakenBack"], await ActionsOfAsync(first.Id));
    }

    [Fact]
    public async Task A_request_says_why_and_about_whom()
    {
        Assert.Equal("reason-required", await RuleAsync(() => Get<AskErasure>().RunAsync(Who("brand").Id, " ", "", Who("privacy"))));
        Assert.Equal("reason-too-long", await RuleAsync(() => Get<AskErasure>().RunAsync(Who("brand").Id, new string('x', 1001), "", Who("privacy"))));
        Assert.Equal("reference-unreadable", await RuleAsync(() => Get<AskErasure>().RunAsync(Who("brand").Id, "Asked to.", "a\nb", Who("privacy"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<AskErasure>().RunAsync(new PersonId("nobody@demo"), "Asked to.", "", Who("privacy")));
    }

    [Fact]
    public async Task What_would_hang_has_to_be_handed_over_first()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await Get<ClaimTask>().RunAsync(task.Id, false, Who("legal"));
        await Get<DelegateReview>().RunAsync(null, Role.Legal, Who("legal2").Id, Today, Today, "On leave.", Who("legal"));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "Leak.", "", Who("legal"));
        var draft = await Get<StartUseCase>().RunAsync(Who("submitter2"), ClaimsProposal);

        var legal = await RefusalAsync("legal");
        Assert.Contains($"They have taken a task of {key}. Have somebody take it over.", legal, StringComparison.Ordinal);
        Assert.Contains("A delegation for Legal runs from or to them.", legal, StringComparison.Ordinal);
        Assert.Contains("the switch of model gpt-4o", legal, StringComparison.Ordinal);
        Assert.Contains($"A review of {key} runs", await RefusalAsync("submitter"), StringComparison.Ordinal);
        Assert.Contains($"Nobody else has written on the draft {draft.Key}", await RefusalAsync("submitter2"), StringComparison.Ordinal);
        Assert.Contains((await Get<ErasureRequests>().OutlookAsync(Who("legal").Id, Who("auditor"))).Obstacles, o => o.Kind is ObstacleKind.TaskTaken);
    }

    [Fact]
    public async Task The_portal_itself_cannot_erase_without_being_asked_and_confirmed()
    {
        var request = await AskAsync("submitter2");

        Assert.Equal("asked_and_confirmed", await RefusedBySqlAsync($"select erase_person('{request.Id}')"));
        Assert.Equal("asked_and_confirmed", await RefusedBySqlAsync($"select erase_person('{Guid.Empty}')"));
        Assert.Equal("two_people_erase_a_person", await RefusedBySqlAsync($"update erasure set state = 'Confirmed', closed_by = asked_by, closed_at = now() where id = '{request.Id}'"));
        Assert.Equal("nobody_erases_themselves", await RefusedBySqlAsync($"update erasure set state = 'Confirmed', closed_by = person_id, closed_at = now() where id = '{request.Id}'"));
        Assert.Equal("erased_is_what_was_erased", await RefusedBySqlAsync($"update erasure set state = 'Erased', closed_by = 'x', closed_at = now() where id = '{request.Id}'"));
        Assert.Equal("an_erased_person_stays_erased", await RefusedBySqlAsync("update person set erased_at = now(), is_active = false, email = null, roles = '{}' where id = 'brand@demo'"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusedBySqlAsync("insert into erasure_under_way values (pg_current_xact_id())"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusedBySqlAsync("update erasure set asked_by = 'x'"));
    }

    [Fact]
    public async Task An_erased_person_is_not_brought_back()
    {
        var request = await AskAsync("submitter2");
        await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));

        Assert.Equal("an_erased_person_stays_erased", await RefusedBySqlAsync("update person set is_active = true where id = 'submitter2@demo'"));
        Assert.Equal("already-erased", await RuleAsync(() => AskAsync("submitter2")));
        Assert.Equal("already-erased", await RuleAsync(() => Get<SetLegalHold>().RunAsync(HoldKind.Person, "submitter2@demo", "A claim.", Who("legal"))));
    }

    /// <summary>Ali is not in "Alignment", but is in "told by Ali." and in "(Ali)".</summary>
    [Theory]
    [InlineData("Alignment was checked.", true)]
    [InlineData("Normalised.", true)]
    [InlineData("Told by Ali.", false)]
    [InlineData("Somebody (Ali) asked.", false)]
    public async Task What_others_were_told_goes_when_it_names_the_person_and_only_then(string told, bool stays)
    {
        await AsOwnerAsync("update person set name = 'Ali' where id = 'submitter2@demo'");
        await AsOwnerAsync($"insert into notification (id, person_id, kind, title, text, link, created_at, dedupe_key) values (gen_random_uuid(), 'legal@demo', 'a-test', 'News', '{told}', '/', now(), 'a-test')");
        var request = await AskAsync("submitter2");
        await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));

        await using var db = await DbAsync();
        Assert.Equal(stays, await db.Notifications.AnyAsync(n => n.Kind == "a-test"));
    }

    [Fact]
    public async Task Two_who_carry_it_out_at_once_erase_once()
    {
        var request = await AskAsync("submitter2");

        var results = await Task.WhenAll(new[] { "coe-lead", "coe-lead2", "privacy2" }.Select(p => AttemptAsync(() => Get<CarryOutErasure>().RunAsync(request.Id, Who(p)))));

        Assert.Single(results, r => r is null);
        Assert.Equal(["ErasureAsked", "PersonErased"], await ActionsOfAsync(request.Id));
    }

    private Task<Erasure> AskAsync(string persona) => Get<AskErasure>().RunAsync(Who(persona).Id, "A request under Article 17.", "DSR-17", Who("privacy"));

    private async Task<string> RefusalAsync(string persona)
    {
        var request = await AskAsync(persona);
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() => Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead")));
        Assert.Equal("stands-against", refused.Rule);
        return refused.Message;
    }

    private async Task<string> RefusedBySqlAsync(string sql)
    {
        await using var command = Get<NpgsqlDataSource>().CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        return refused.ConstraintName ?? refused.SqlState;
    }

    private async Task<List<string>> ActionsOfAsync(Guid request)
    {
        await using var db = await DbAsync();
        var key = request.ToString();
        return await db.AuditEvents.Where(e => e.SubjectType == "erasure" && e.SubjectKey == key).OrderBy(e => e.SubjectVersion).Select(e => e.Action).ToListAsync();
    }
}
