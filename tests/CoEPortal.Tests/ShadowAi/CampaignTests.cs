using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.ShadowAi;

public sealed class CampaignTests(TestPostgres postgres) : CampaignTest(postgres)
{
    [Fact]
    public async Task The_scheduler_opens_one_each_quarter_with_the_scope_of_the_last_however_many_workers_ask()
    {
        var first = await Get<OpenCampaign>().RunDueAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get<SweepCampaigns>().RunAsync()));
        Assert.Equal(("2026-Q4", true, "Q4 2026"), (first!.Quarter, first.IsQuarterly, first.Title));
        Assert.Equal(("coe-lead2@demo", new DateOnly(2026, 12, 31)), (first.OwnerId, first.DueOn));

        Clock.Advance(TimeSpan.FromDays(60));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get<SweepCampaigns>().RunAsync()));

        await using var db = await DbAsync();
        var all = await db.Campaigns.OrderBy(c => c.Key).ToListAsync();
        Assert.Equal(["2026-Q4", "2027-Q1"], all.Select(c => c.Quarter));
        Assert.Equal((first.Id, new DateOnly(2027, 1, 1)), (all[1].PreviousId, all[1].FromOn));
        Assert.Equal(first.Departments, all[1].Departments);
        Assert.Equal("quarter-opened", await RuleAsync(() => OpenAsync()));
        Assert.Equal("SC-0003", await OpenAsync("Only Claims"));
    }

    [Fact]
    public async Task Only_who_runs_campaigns_opens_and_decides_and_only_who_may_signs()
    {
        foreach (var persona in new[] { "auditor", "submitter", "legal", "privacy", "admin" })
        {
            Assert.Equal("not-permitted", await RuleAsync(() => Get<OpenCampaign>().RunAsync(Plan, Who("coe-lead").Id, Who(persona))));
        }

        var key = await GivenFoundAsync();
        Assert.Equal("not-permitted", await RuleAsync(async () => await DecideAsync(key, (await FindingsAsync(key))[0], Disposition.Blocked, persona: "legal")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<CampaignSheets>().OfAsync(key, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<SignCampaign>().RunAsync(key, Role.Brand, "", "", Who("brand"))));
    }

    [Fact]
    public async Task It_is_closed_by_two_people_of_two_functions_who_saw_the_same_and_not_while_anything_is_undecided()
    {
        var key = await GivenFoundAsync();
        Assert.Equal("findings-undecided", await RuleAsync(() => SignAsync(key, "coe-lead", Role.CoeLead)));
        await DecideAllAsync(key);

        var seen = (await Get<CampaignSheets>().OfAsync(key, Who("coe-lead"))).ContentHash;
        Assert.Equal("not-your-function", await RuleAsync(() => SignAsync(key, "coe-lead", Role.Security)));
        await SignAsync(key, "coe-lead", Role.CoeLead);
        Assert.Equal("second-person-required", await RuleAsync(() => SignAsync(key, "coe-lead", Role.CoeLead)));
        Assert.Equal("second-function-required", await RuleAsync(() => SignAsync(key, "coe-lead2", Role.CoeLead)));

        // What was signed is no longer what stands there: the signature stays, and no longer counts.
        await DecideAsync(key, (await FindingsAsync(key))[0], Disposition.Restricted);
        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<SignCampaign>().RunAsync(key, Role.Security, "", seen, Who("security"))));
        Assert.Equal(CampaignState.Open, (await SignAsync(key, "security", Role.Security)).State);
        var closed = await SignAsync(key, "coe-lead", Role.CoeLead);

        Assert.Equal((CampaignState.Closed, 3), (closed.State, closed.Signatures.Count));
        Assert.Equal("campaign-closed", await RuleAsync(async () => await DecideAsync(key, (await FindingsAsync(key))[0], Disposition.Blocked)));
        Assert.Equal("campaign-closed", await RuleAsync(() => ImportAsync(key, Log + "\n")));
        Assert.Equal(["CampaignOpened", "CampaignDepartmentsGiven", "CampaignSigned", "CampaignSigned", "CampaignSigned", "CampaignClosed"], (await EntriesAsync(e => e.SubjectKey == key)).Select(e => e.Action));
        Assert.Contains(await EntriesAsync(e => e.Action == "AttemptRefused"), e => (string?)e.Details["rule"] == "not-your-function");
    }

    [Fact]
    public async Task The_database_holds_what_the_portal_promises()
    {
        await GivenFoundAsync();
        foreach (var (sql, constraint) in new[]
        {
            ("update campaign set state = 'Closed', closed_at = now(), closed_hash = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'", "two_people_of_two_functions_close_it"),
            ("update tool_finding set disposition = 'Approved', decided_at = now(), reason = 'x', owner_id = 'x', due_on = now() where is_look_alike", "what_imitates_another_is_never_approved"),
            ("select privacy.destroy_campaign_key((select id from campaign))", "names_are_kept_while_open"),
            ("insert into campaign select gen_random_uuid(), 'SC-9999', title, quarter, true, departments, sources, unseen, unseen_by, from_on, due_on, owner_id, owner_name, state, null, rules_version, null, 0, opened_at, null, null, null, null, 1, 0 from campaign", "one_campaign_each_quarter"),
            ("update campaign_person set sealed = null; update person_reveal set reason = 'x'; delete from campaign_signature; insert into campaign_signature values ((select id from campaign), 1, 'Legal', 'a', 'A', '', 'sha256:0000000000000000000000000000000000000000000000000000000000000000', now()); delete from campaign_signature", "only_added_to"),
        })
        {
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName);
        }
    }

    [Fact]
    public async Task A_disposition_has_owner_deadline_and_reason_and_the_second_of_two_people_is_told()
    {
        var key = await GivenFoundAsync();
        var claude = (await FindingsAsync(key)).First(f => f.ToolId == "claude" && f.Department == "Claims");
        var decide = Get<DecideFinding>();
        Task With(DispositionDraft draft) => decide.RunAsync(key, claude.Number, draft, claude.Version, Who("coe-lead"));
        var good = new DispositionDraft(Disposition.Blocked, "Data leaves.", Who("security").Id, Today.AddDays(5));
        Assert.Equal("reason-required", await RuleAsync(() => With(good with { Reason = " " })));
        Assert.Equal("due-out-of-range", await RuleAsync(() => With(good with { DueOn = Today.AddDays(-1) })));
        Assert.Equal("replacement-required", await RuleAsync(() => With(good with { Disposition = Disposition.Replaced })));
        Assert.Equal("until-required", await RuleAsync(() => With(good with { Disposition = Disposition.Exception, Until = Today })));
        Assert.Equal("disposition-required", await RuleAsync(() => With(good with { Disposition = Disposition.Undecided })));
        Assert.Equal("person-cannot", await RuleAsync(() => With(good with { Owner = Who("submitter").Id })));

        Assert.Equal(2, await decide.RunAsync(key, claude.Number, good, claude.Version, Who("coe-lead"), everywhere: true));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => decide.RunAsync(key, claude.Number, good with { Disposition = Disposition.Approved }, claude.Version, Who("security"))));
        var imitation = (await FindingsAsync(key)).Single(f => f.IsLookAlike);
        Assert.Equal("look-alike", await RuleAsync(() => DecideAsync(key, imitation, Disposition.Approved)));

        await Get<SweepCampaigns>().RunAsync();
        await Get<SweepCampaigns>().RunAsync();
        Clock.Advance(TimeSpan.FromDays(6));
        Assert.Equal(2, (await Get<CampaignSheets>().OfAsync(key, Who("coe-lead"))).Counts.Overdue);
        await Get<SweepCampaigns>().RunAsync();
        await Get<SweepCampaigns>().RunAsync();
        await decide.CarryOutAsync(key, claude.Number, Who("security"));
        Assert.Equal(1, (await Get<CampaignSheets>().OfAsync(key, Who("coe-lead"))).Counts.Overdue);
        await using var db = await DbAsync();
        Assert.Equal(2, await db.Notifications.CountAsync(n => n.Kind == "finding-due" && n.PersonId == "security@demo"));
        Assert.Equal(2, await db.Notifications.CountAsync(n => n.Kind == "finding-late" && n.PersonId == "security@demo"));
        var sheet = await Get<CampaignSheets>().FindingAsync(key, claude.Number, Who("auditor"));
        Assert.Equal(["FindingCarriedOut", "FindingDecided"], sheet.History.Select(h => h.Action));
        Assert.Equal("Data leaves.", (string?)sheet.History[1].Details["reason"]);
    }

    [Fact]
    public async Task Everybody_of_the_departments_is_reminded_of_the_survey_once_before_and_once_after_its_day_and_nobody_else()
    {
        await OpenAsync();
        await SweepTwiceAsync();
        Assert.Empty(await ToldAsync());
        Clock.Advance(TimeSpan.FromDays(14));
        await SweepTwiceAsync();
        Clock.Advance(TimeSpan.FromDays(7));
        await SweepTwiceAsync();

        Assert.Equal(
            ["legal2@demo survey-due", "legal2@demo survey-late", "legal@demo survey-due", "legal@demo survey-late", "submitter@demo survey-due", "submitter@demo survey-late"],
            (await ToldAsync()).Order(StringComparer.Ordinal));

        async Task SweepTwiceAsync()
        {
            await Get<SweepCampaigns>().RunAsync();
            await Get<SweepCampaigns>().RunAsync();
        }

        async Task<List<string>> ToldAsync()
        {
            await using var db = await DbAsync();
            return await db.Notifications.Where(n => n.Kind == "survey-due" || n.Kind == "survey-late").Select(n => n.PersonId + " " + n.Kind).ToListAsync();
        }
    }

    [Fact]
    public async Task An_exception_that_ends_comes_back_to_the_list_of_whichever_campaign_is_open_and_its_owner_is_told()
    {
        var key = await GivenFoundAsync();
        var claude = (await FindingsAsync(key)).First(f => f.ToolId == "claude" && f.Department == "Claims");
        await DecideAsync(key, claude, Disposition.Exception, until: Today.AddDays(1));
        await DecideAllAsync(key);
        await SignAsync(key, "coe-lead", Role.CoeLead);
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await Get<SweepCampaigns>().RunAsync()).ExceptionsEnded);
        Assert.Equal("findings-undecided", await RuleAsync(() => SignAsync(key, "security", Role.Security)));

        await DecideAsync(key, (await FindingsAsync(key)).Single(f => f.Id == claude.Id), Disposition.Exception, until: Today.AddDays(60));
        await CloseAsync(key);
        Clock.Advance(TimeSpan.FromDays(61));
        await Get<SweepCampaigns>().RunAsync();
        await Get<SweepCampaigns>().RunAsync();

        var carried = Assert.Single(await FindingsAsync("SC-0002"));
        Assert.Equal(("claude", "Claims", true, Disposition.Undecided, 0), (carried.ToolId, carried.Department, carried.IsCarriedOver, carried.Disposition, carried.People));
        await using var db = await DbAsync();
        Assert.Equal(2, await db.Notifications.CountAsync(n => n.Kind == "exception-ended" && n.PersonId == "security@demo"));
    }

    [Fact]
    public async Task What_is_new_gone_and_grown_is_told_by_the_same_departments()
    {
        await GivenFoundAsync();
        await CloseAsync("SC-0001");
        var key = await OpenAsync("Again");
        await Get<ReceiveUsage>().GiveDepartmentsAsync(key, System.Text.Encoding.UTF8.GetBytes(List), Who("security"));
        await ImportAsync(key,
            """
            1790000000.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT www.deepl.com:443 ada - -
            1790000000.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT www.deepl.com:443 bob - -
            1790000000.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT app.grammarly.com:443 bob - -
            """);

        var sheet = await Get<CampaignSheets>().OfAsync(key, Who("auditor"));

        Assert.Equal(["Grammarly"], sheet.Difference!.New);
        Assert.Equal(["DeepL"], sheet.Difference.Grown.Select(n => n.Split(' ', ',')[0]));
        Assert.Contains("Claude", sheet.Difference.Gone);
        Assert.Equal((1, "SC-0001"), (sheet.Difference.Still, sheet.Difference.Previous));
        var before = (await Get<CampaignSheets>().FindingsAsync(key, new ToolFilter(Search: "deepl"), Who("auditor"), FindingSort.Risk)).Items;
        Assert.Contains(before, r => r.Finding.Department == "Claims" && r.Before == 1 && r.LastTime is Disposition.Blocked);
        Assert.Equal(1, (await Get<CampaignSheets>().FindingsAsync(key, new ToolFilter(New: true), Who("auditor"))).Total);
    }

    [Fact]
    public async Task A_finding_becomes_a_draft_of_a_use_case_and_each_knows_the_other()
    {
        var key = await GivenFoundAsync();
        var claude = (await FindingsAsync(key)).First(f => f.ToolId == "claude" && f.Department == "Claims");

        var useCase = await Get<DecideFinding>().PromoteAsync(key, claude.Number, Who("coe-lead"));

        var draft = await UseCaseAsync(useCase);
        Assert.Equal((Stage.Draft, "Claude in Claims", "Claims"), (draft.Stage, draft.Title, draft.BusinessUnit));
        Assert.Equal(claude.Id, Assert.Single(await Get<CampaignSheets>().OfUseCaseAsync(useCase, Who("coe-lead"))).Id);
        Assert.Contains("FindingPromoted", await ActionsAsync(useCase));
        Assert.Equal("already-promoted", await RuleAsync(() => Get<DecideFinding>().PromoteAsync(key, claude.Number, Who("coe-lead"))));
        // Somebody who may decide and not propose makes neither.
        var other = (await FindingsAsync(key)).First(f => f.ToolId == "deepl");
        Assert.Equal("not-permitted", await RuleAsync(() => Get<DecideFinding>().PromoteAsync(key, other.Number, Who("security"))));
    }

    [Fact]
    public async Task Risk_comes_from_rules_and_each_point_has_its_sentence()
    {
        var key = await GivenFoundAsync();

        var findings = await FindingsAsync(key);

        Assert.Equal((RiskLevel.High, "look-alike"), (findings.Single(f => f.IsLookAlike).RiskLevel, findings.Single(f => f.IsLookAlike).RiskPoints[0].Rule));
        var claude = findings.First(f => f.ToolId == "claude" && f.Department == "Claims");
        Assert.Equal(["trains", "sensitive-unit"], claude.RiskPoints.Select(p => p.Rule));
        Assert.Equal((40, RiskLevel.Medium), (claude.Risk, claude.RiskLevel));
        Assert.All(findings.SelectMany(f => f.RiskPoints), p => Assert.EndsWith(".", p.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_report_proves_its_events_and_names_nobody_of_the_logs()
    {
        var key = await GivenFoundAsync();
        await CloseAsync(key);

        var pack = await PackAsync<CampaignPack>(new CampaignSubject(key));
        var bundle = pack.ToBundle("test", LogKey.Public).Write();

        Assert.Empty(BundleCheck.Verify(EvidenceBundle.Read(bundle)));
        Assert.Contains(pack.Events, e => e.Action == "CampaignClosed");
        Assert.Contains(pack.Events, e => e.Action == "FindingDecided");
        Assert.DoesNotContain("NORD", System.Text.Encoding.UTF8.GetString(bundle), StringComparison.OrdinalIgnoreCase);
    }
}
