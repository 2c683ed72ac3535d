using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.ShadowAi;

public sealed class CampaignPrivacyTests(TestPostgres postgres) : CampaignTest(postgres)
{
    [Fact]
    public async Task A_name_is_revealed_to_who_may_for_a_reason_and_only_once_it_is_recorded()
    {
        var key = await GivenFoundAsync();
        var claude = (await FindingsAsync(key)).First(f => f.ToolId == "claude" && f.Department == "Claims");
        var who = (await Get<CampaignSheets>().FindingAsync(key, claude.Number, Who("coe-lead"))).People.Single(p => !p.IsAddress).Pseudonym;
        var reveal = Get<RevealPerson>();
        foreach (var persona in new[] { "coe-lead", "security", "risk", "auditor", "submitter" })
        {
            Assert.Equal("not-permitted", await RuleAsync(() => reveal.RunAsync(key, claude.Number, who, "Curious.", Who(persona))));
        }

        Assert.Equal("reason-required", await RuleAsync(() => reveal.RunAsync(key, claude.Number, who, " ", Who("privacy"))));
        await Assert.ThrowsAsync<NotFoundException>(() => reveal.RunAsync(key, claude.Number, new string('0', 20), "A case.", Who("privacy")));
        await Assert.ThrowsAsync<NotFoundException>(() => reveal.RunAsync(key, claude.Number, "zz", "A case.", Who("privacy")));
        Assert.Empty((await Get<CampaignSheets>().OfAsync(key, Who("auditor"))).Reveals);

        Assert.Contains("ada", await reveal.RunAsync(key, claude.Number, who, "A person typed a password into it.", Who("privacy")), StringComparison.OrdinalIgnoreCase);

        var shown = Assert.Single((await Get<CampaignSheets>().OfAsync(key, Who("auditor"))).Reveals);
        Assert.Equal(("privacy@demo", claude.Number), (shown.RevealedBy, shown.FindingNumber));
        var entry = Assert.Single(await EntriesAsync(e => e.Action == nameof(PersonRevealed)));
        Assert.Equal("A person typed a password into it.", (string?)entry.Details["reason"]);
        Assert.Equal(5, (await EntriesAsync(e => e.Action == "AttemptRefused")).Count);
    }

    [Fact]
    public async Task No_name_of_a_log_stands_in_the_database_and_a_pseudonym_means_nothing_in_the_next_campaign()
    {
        await GivenFoundAsync();
        var other = await OpenAsync("Again");
        await ImportAsync(other, Log + "\n#");
        await ImportAsync(other, "Date,Cardholder,Merchant,Amount\n2026-10-01,Zwölfhäuser,Grammarly,10\n", "card-spend");

        Assert.Empty(await PlacesAsync("NORD\\\\Ada"));
        Assert.Empty(await PlacesAsync("Zwölfhäuser"));
        await using var db = await DbAsync();
        Assert.Equal(await db.CampaignPeople.CountAsync(), await db.CampaignPeople.Select(p => p.Pseudonym).Distinct().CountAsync());
    }

    [Fact]
    public async Task Names_are_destroyed_ninety_days_after_a_campaign_was_closed_and_nobody_reads_them_any_more()
    {
        var key = await GivenFoundAsync();
        var claude = (await FindingsAsync(key)).First(f => f.ToolId == "claude" && f.Department == "Claims");
        var who = (await Get<CampaignSheets>().FindingAsync(key, claude.Number, Who("privacy"))).People[0].Pseudonym;
        await CloseAsync(key);
        Clock.Advance(Campaign.KeepNames - TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await Get<SweepCampaigns>().RunAsync()).NamesDestroyed);
        await Get<RevealPerson>().RunAsync(key, claude.Number, who, "Still.", Who("legal"));

        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, (await Get<SweepCampaigns>().RunAsync()).NamesDestroyed);

        Assert.Equal("names-destroyed", await RuleAsync(() => Get<RevealPerson>().RunAsync(key, claude.Number, who, "Too late.", Who("privacy"))));
        Assert.Equal(1, (await FindingsAsync(key)).Single(f => f.Id == claude.Id).People);
        await using var db = await DbAsync();
        Assert.Equal(0, await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from privacy.sealing_key where name like '%' || (select id::text from campaign where key = {key})").SingleAsync());
    }

    [Fact]
    public async Task An_answer_waits_until_five_of_earlier_days_have_come_and_then_says_nothing_of_who_gave_it()
    {
        var key = await OpenAsync();
        string[] people = ["submitter", "submitter2", "legal", "operator", "brand"];
        foreach (var persona in people[..4])
        {
            await AnswerAsync(key, persona, "ChatGPT");
        }

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, (await Get<SweepCampaigns>().RunAsync()).Answers);
        await AnswerAsync(key, people[4], "A tool nobody knows", "Legal", DataClass.Restricted);
        // The fifth came today: a release now would tell when it was given.
        Assert.Equal(0, (await Get<SweepCampaigns>().RunAsync()).Answers);
        Assert.Empty(await FindingsAsync(key));

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(5, (await Get<SweepCampaigns>().RunAsync()).Answers);

        var findings = await FindingsAsync(key);
        // Neither department has five answers, so neither is told.
        Assert.Equal([("chatgpt", 4, Departments.Unknown), ("other:a tool nobody knows", 1, Departments.Unknown)], findings.Select(f => (f.ToolId, f.Answers, f.Department)).Order());
        Assert.Equal(DataClass.Restricted, findings.Single(f => f.Answers == 1).MostSensitive);
        await using var db = await DbAsync();
        var columns = await db.Database.SqlQuery<string>($"select column_name::text as \"Value\" from information_schema.columns where table_name in ('survey_answer', 'survey_answer_held') order by 1").Distinct().ToListAsync();
        Assert.Equal(["answered_on", "campaign_id", "data_class", "department", "id", "purpose", "tool"], columns.Order());
        Assert.Equal(0, await db.SurveyAnswersHeld.CountAsync());
        Assert.Equal(1, await db.Database.SqlQuery<int>($"select count(distinct xmin::text)::int as \"Value\" from survey_answer").SingleAsync());
        // The log knows only the number.
        var entries = await EntriesAsync(e => e.SubjectKey == key && e.Action == "SurveyAnswersReleased");
        Assert.True(Assert.Single(entries).ActorId.EndsWith(Actor.RuleSuffix, StringComparison.Ordinal));
        foreach (var persona in people)
        {
            var id = Who(persona).Id.Value;
            Assert.False(await db.AuditEvents.AnyAsync(e => e.ActorId == id && e.OccurredAt > new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero)));
        }
    }

    [Fact]
    public async Task Whoever_answers_is_bounded_and_an_auditor_or_a_closed_campaign_takes_no_answer()
    {
        var key = await OpenAsync();
        Assert.Equal("not-permitted", await RuleAsync(() => AnswerAsync(key, "auditor", "ChatGPT")));
        Assert.Equal("tool-required", await RuleAsync(() => AnswerAsync(key, "legal", " \u202e ")));
        Assert.Equal("tool-required", await RuleAsync(() => AnswerAsync(key, "legal", new string('x', 81))));
        for (var i = 0; i < 10; i++)
        {
            await AnswerAsync(key, "submitter", "ChatGPT");
        }

        Assert.Equal("too-many-answers", await RuleAsync(() => AnswerAsync(key, "submitter", "ChatGPT")));
        await SignAsync(key, "coe-lead", Role.CoeLead);
        await SignAsync(key, "security", Role.Security);
        Assert.Equal("campaign-closed", await RuleAsync(() => AnswerAsync(key, "legal", "ChatGPT")));
        await Assert.ThrowsAsync<NotFoundException>(() => AnswerAsync("SC-9999", "legal", "ChatGPT"));
    }

    private Task AnswerAsync(string key, string persona, string tool, string department = "Claims", DataClass data = DataClass.Internal) =>
        Get<AnswerSurvey>().RunAsync(key, new SurveyAnswer(tool, department, SurveyPurpose.Writing, data), Who(persona));

    private async Task<List<string>> PlacesAsync(string text)
    {
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var read = new NpgsqlCommand("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')", connection);
        var tables = new List<string>();
        await using (var rows = await read.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                tables.Add(rows.GetString(0));
            }
        }

        var found = new List<string>();
        foreach (var table in tables)
        {
            await using var look = new NpgsqlCommand($"select exists (select from {table} t where strpos(lower(t::text), lower('{text}')) > 0)", connection);
            if ((bool)(await look.ExecuteScalarAsync())!)
            {
                found.Add(table);
            }
        }

        return found;
    }
}
