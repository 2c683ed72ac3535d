using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Incidents;

public sealed class IncidentTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private static readonly IncidentTriage Severe = new(IncidentSeverity.Serious, IncidentCategory.DataBreach, [HarmKind.Rights], ["UC-0001"], true, RiskToPeople.Likely);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Get<PublishClockRules>().RunAsync();
    }

    [Fact]
    public async Task Anybody_reports_with_a_title_alone_and_those_on_duty_are_told()
    {
        var incident = await Get<ReportIncident>().RunAsync(new IncidentReport("It quotes other people's claims"), Who("submitter2"));

        Assert.Equal(("INC-0001", IncidentState.Reported, null), (incident.Key, incident.State, incident.Severity));
        await using var db = await DbAsync();
        Assert.Equal(["coe-lead", "coe-lead2", "risk", "risk2", "security", "security2"],
            (await db.Notifications.Where(n => n.Kind == "incident-reported").Select(n => n.PersonId).ToListAsync()).Select(p => p.Split('@')[0]).Order());
        Assert.Equal(["IncidentReported"], await db.AuditEvents.Where(e => e.SubjectKey == "INC-0001").Select(e => e.Action).ToListAsync());
    }

    [Fact]
    public async Task What_a_report_holds_is_bounded_and_keys_in_it_are_taken_out()
    {
        var wrong = new IncidentReport("", new string('a', 8001), PeopleAffected: -1, OccurredAt: Clock.GetUtcNow().AddDays(1));
        var refused = await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<ReportIncident>().RunAsync(wrong, Who("legal")));
        var kept = await Get<ReportIncident>().RunAsync(new IncidentReport("Key shown", "It answered sk-proj-abcdef1234567890 to me"), Who("legal"));

        Assert.Equal(["description", "occurredAt", "peopleAffected", "title"], refused.Errors.Keys.Order());
        Assert.Equal("It answered [key] to me", kept.Description);
    }

    [Fact]
    public async Task A_file_is_kept_with_its_line_under_its_hash_and_read_by_those_who_read_the_incident()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var file = UploadedFile.Read("C:\\temp\\log\u202Efdp.txt", "POST /v1 Authorization: Bearer abcdefghijklmnop\n"u8.ToArray());

        await Get<HandleIncident>().AttachAsync(key, EntryKind.Evidence, null, "The call that failed", file, Who("security"));

        var line = (await Get<IncidentSheets>().OfAsync(key, Who("auditor"))).Timeline.Items[0];
        Assert.Equal(("logfdp.txt (keys were taken out)", file.Hash, "text/plain", file.Content.Length), (line.Evidence, line.EvidenceHash, line.FileType, line.FileLength));
        var (_, content) = await Get<IncidentSheets>().FileAsync(key, line.Number, Who("auditor"));
        Assert.Equal("POST /v1 Authorization: [key]\n", System.Text.Encoding.UTF8.GetString(content));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<IncidentSheets>().FileAsync(key, line.Number, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<IncidentSheets>().FileAsync(key, 1, Who("auditor")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<HandleIncident>().AttachAsync(key, EntryKind.Evidence, null, "x", file, Who("auditor"))));
        var rewritten = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update incident_file set content = '\\x00'"));
        Assert.Equal("only_added_to", rewritten.ConstraintName);
        var other = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(
            "insert into incident_file (entry_id, content) select id, '\\x00' from incident_entry where number = 1"));
        Assert.Equal("a_file_is_what_its_line_says", other.ConstraintName);
    }

    [Fact]
    public async Task Who_may_not_know_of_a_use_case_reports_nothing_of_it_and_reads_no_incident_of_it()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var stranger = Who("submitter2");

        await Assert.ThrowsAsync<NotFoundException>(() => Get<ReportIncident>().RunAsync(new IncidentReport("Probe", UseCaseKeys: ["UC-0001"]), stranger));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<IncidentSheets>().OfAsync(key, stranger));
        Assert.Empty((await Get<IncidentList>().PageAsync(new IncidentFilter(), stranger)).Items);
        Assert.Single((await Get<IncidentList>().PageAsync(new IncidentFilter(), Who("submitter"))).Items);
        Assert.Equal("not-permitted", await RuleAsync(() => Get<TriageIncident>().RunAsync(key, Severe, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<HandleIncident>().NoteAsync(key, EntryKind.Observation, null, "x", "", null, Who("auditor"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<OperationsReviews>().OfAsync("2026-W48", Who("submitter"))));
    }

    [Fact]
    public async Task A_severe_incident_starts_its_clocks_locks_the_evidence_and_tells_who_has_to_know()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        Clock.Advance(TimeSpan.FromMinutes(5));

        var incident = await Get<TriageIncident>().RunAsync(key, Severe with { AwareAt = Clock.GetUtcNow().AddMinutes(-3) }, Who("privacy"));

        var clock = incident.Clocks.Single(c => c.RuleId == "gdpr-33");
        Assert.Equal((Clock.GetUtcNow().AddMinutes(-3).AddHours(72), "2026-08", ClockState.Running), (clock.DueAt, clock.RulesVersion, clock.State));
        var kept = Assert.Single(incident.Locks);
        Assert.Equal((useCase, ContentHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(kept.Manifest)).ToString()), (kept.UseCaseKey, kept.ManifestHash));
        Assert.Contains((await UseCaseAsync(useCase)).Revisions.Single().ContentHash, kept.Manifest, StringComparison.Ordinal);
        Assert.Contains("Contact point: [to be completed]", await Get<IncidentSheets>().DraftAsync(key, clock.Id, Who("privacy")), StringComparison.Ordinal);
        var actions = await ActionsAsync(useCase);
        Assert.Contains("EvidenceLocked", actions);
        Assert.Contains("IncidentTriaged", actions);
        Assert.Equal(incident.Clocks.Count, actions.Count(a => a == "IncidentClockStarted"));
        await using var db = await DbAsync();
        Assert.True(await db.Notifications.AnyAsync(n => n.Kind == "incident-severe" && n.PersonId == Who("legal").Id.Value));
    }

    [Fact]
    public async Task Two_people_who_triage_at_once_do_not_overwrite_each_other_and_notes_of_both_are_kept()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var seen = (await Get<IncidentSheets>().OfAsync(key, Who("risk"))).Incident.Version;
        await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"), seen);

        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<TriageIncident>().RunAsync(key, Severe with { Severity = IncidentSeverity.Low }, Who("security"), seen)));
        Assert.Equal(IncidentSeverity.Serious, (await Get<IncidentSheets>().OfAsync(key, Who("risk"))).Incident.Severity);
        var notes = Enumerable.Range(0, 8).Select(i => Get<HandleIncident>().NoteAsync(key, EntryKind.Observation, null, $"Note {i}", "", null, Who(i % 2 == 0 ? "risk" : "security")));
        await Task.WhenAll(notes);
        var timeline = (await Get<IncidentSheets>().OfAsync(key, Who("risk"), size: 100)).Timeline;
        Assert.Equal(8, timeline.Items.Count(e => e.Kind == EntryKind.Observation));
        Assert.Equal(Enumerable.Range(1, timeline.Total), timeline.Items.Select(e => e.Number).Order());
    }

    [Fact]
    public async Task The_timeline_is_only_added_to_and_nothing_on_it_lies_in_the_future()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        await Get<HandleIncident>().NoteAsync(key, EntryKind.Mitigation, Clock.GetUtcNow().AddMinutes(-1), "Cache emptied", "https://tickets.example/1", "sha256:" + new string('a', 64), Who("security"));

        Assert.Equal("happened-in-the-future", await RuleAsync(() => Get<HandleIncident>().NoteAsync(key, EntryKind.Observation, Clock.GetUtcNow().AddHours(1), "x", "", null, Who("risk"))));
        Assert.Equal("kind-not-written", await RuleAsync(() => Get<HandleIncident>().NoteAsync(key, EntryKind.StateChanged, null, "x", "", null, Who("risk"))));
        Assert.Equal("evidence-required", await RuleAsync(() => Get<HandleIncident>().NoteAsync(key, EntryKind.Evidence, null, "x", "", null, Who("risk"))));
        Assert.Equal("hash-unusable", await RuleAsync(() => Get<HandleIncident>().NoteAsync(key, EntryKind.Observation, null, "x", "", "md5:1", Who("risk"))));
        Assert.Equal("only_added_to", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update incident_entry set text = 'never'"))).ConstraintName);
        Assert.Equal("only_added_to", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("delete from incident"))).ConstraintName);
    }

    [Fact]
    public async Task A_role_is_handed_over_with_what_the_next_person_has_to_know()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var handle = Get<HandleIncident>();
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("security").Id, "", Who("security"));

        Assert.Equal("hand-over-required", await RuleAsync(() => handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("risk").Id, " ", Who("security"))));
        Assert.Equal("person-cannot", await RuleAsync(() => handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("submitter").Id, "Yours", Who("security"))));
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, Who("risk").Id, "Keys are rotated, logs not read yet.", Who("security"));
        var sheet = await Get<IncidentSheets>().OfAsync(key, Who("risk"));
        Assert.Equal(Who("risk").Name, Assert.Single(sheet.Incident.Roles).PersonName);
        Assert.Contains(sheet.Timeline.Items, e => e.Text.EndsWith("logs not read yet.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_from_the_incident_and_the_incident_know_each_other_from_one_transaction_on()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var killSwitch = await Get<StopFromIncident>().RunAsync(key, SwitchScope.UseCase, useCase, new Engagement(SwitchMode.Stop, "It leaks."), Who("security"));

        Assert.Equal(key, killSwitch.IncidentKey);
        var linked = Assert.Single((await Get<IncidentSheets>().OfAsync(key, Who("security"))).Incident.Switches);
        Assert.Equal((killSwitch.Generation, false), (linked.Generation, linked.ByRule));
        var other = await ReportedAsync();
        Assert.Equal("already-linked", await RuleAsync(() => Get<StopFromIncident>().LinkAsync(other, SwitchScope.UseCase, useCase, Who("security"))));
        await Get<MoveIncident>().RunAsync(other, IncidentState.Dismissed, "The same as the first.", Who("risk"));
        Assert.Equal("incident-over", await RuleAsync(() => Get<StopFromIncident>().RunAsync(other, SwitchScope.Model, "gpt-4o", new Engagement(SwitchMode.Stop, "x"), Who("security"))));
        await using var db = await DbAsync();
        Assert.False(await db.KillSwitches.AnyAsync(s => s.Target == "gpt-4o" && s.State != SwitchState.Released));
    }

    [Fact]
    public async Task A_switch_that_engages_by_itself_opens_an_incident_once()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        await EngagedByARuleAsync(useCase);

        Assert.Equal((1, 0), ((await Get<SweepIncidents>().RunAsync()).Opened, (await Get<SweepIncidents>().RunAsync()).Opened));
        var sheet = await Get<IncidentSheets>().OfAsync("INC-0001", Who("risk"));
        Assert.Equal(($"{useCase} was stopped by the rule budget-k1", IncidentCategory.Cost, useCase), (sheet.Incident.Title, sheet.Incident.Category, sheet.Incident.UseCaseKeys[0]));
        Assert.True(Assert.Single(sheet.Incident.Switches).ByRule);
        Assert.Equal("INC-0001", Assert.Single(sheet.Switches).IncidentKey);
    }

    [Fact]
    public async Task A_severe_incident_stops_what_promised_to_and_is_linked_and_another_one_stops_it_again()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal with { KillCriteria = [.. HelpBotProposal.KillCriteria, new KillCriterion { Kind = KillCriterionKind.SevereIncident }] });
        var key = await ReportedAsync();
        await Get<TriageIncident>().RunAsync(key, Severe with { Severity = IncidentSeverity.Moderate }, Who("risk"));
        Assert.Equal(SwitchState.Released, await StateAsync(useCase));

        var incident = await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        Assert.Equal(SwitchState.Engaged, await StateAsync(useCase));
        Assert.True(Assert.Single(incident.Switches).ByRule);
        Assert.Equal(0, (await Get<SweepIncidents>().RunAsync()).Opened);
        Assert.True(Assert.Single(await Get<CriteriaInForce>().OfAsync(useCase, Who("risk")), c => c.Criterion.Criterion.Kind is KillCriterionKind.SevereIncident) is { IsOver: true, IsMeasured: true, Now.Value: 1 });

        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, useCase, "Safe.", Who("risk"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, useCase, "Safe.", Who("coe-lead"));
        await Get<SweepIncidents>().RunAsync();
        Assert.Equal(SwitchState.Released, await StateAsync(useCase));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Get<TriageIncident>().RunAsync(await ReportedAsync(), Severe, Who("risk"));
        Assert.Equal(SwitchState.Engaged, await StateAsync(useCase));
    }

    [Fact]
    public async Task What_is_approved_while_a_severe_incident_is_open_is_stopped_by_the_sweep()
    {
        var author = Who("submitter");
        var draft = HelpBotProposal with { KillCriteria = [.. HelpBotProposal.KillCriteria, new KillCriterion { Kind = KillCriterionKind.SevereIncident }] };
        var useCase = (await Get<StartUseCase>().RunAsync(author, draft)).Key;
        var key = await ReportedAsync();
        await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        await Get<Governance.Approvals.SubmitProposal>().RunAsync(useCase, null, author);

        Assert.Equal(1, (await Get<SweepIncidents>().RunAsync()).Stopped);
        Assert.Equal(SwitchState.Engaged, await StateAsync(useCase));
        Assert.Single((await Get<IncidentSheets>().OfAsync(key, Who("risk"))).Incident.Switches);
        Assert.Equal(0, (await Get<SweepIncidents>().RunAsync()).Stopped);
    }

    [Fact]
    public async Task Deadlines_warn_before_turn_red_after_and_are_settled_once_with_a_reason_or_a_reference()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var incident = await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        var gdpr = incident.Clocks.Single(c => c.RuleId == "gdpr-33");
        Assert.Equal((0, 0), (await SweptAsync(TimeSpan.FromHours(1))));
        Assert.Equal(1, (await SweptAsync(TimeSpan.FromHours(23))).Warned);
        Assert.Equal(0, (await SweptAsync(TimeSpan.Zero)).Warned);
        var late = await SweptAsync(TimeSpan.FromHours(49));
        Assert.Equal(1, late.Overdue);
        Assert.Equal(0, (await SweptAsync(TimeSpan.Zero)).Overdue);

        var handle = Get<HandleIncident>();
        Assert.Equal("reason-required", await RuleAsync(() => handle.SettleClockAsync(key, gdpr.Id, ClockState.NotRequired, "", "", Who("privacy"))));
        Assert.Equal("reference-required", await RuleAsync(() => handle.SettleClockAsync(key, gdpr.Id, ClockState.Done, "", "", Who("privacy"))));
        Assert.Equal("lateness-reason-required", await RuleAsync(() => handle.SettleClockAsync(key, gdpr.Id, ClockState.Done, "", "LDI 4711", Who("privacy"))));
        await handle.SettleClockAsync(key, gdpr.Id, ClockState.Done, "The form was not reachable.", "LDI 4711", Who("privacy"));
        Assert.Equal("clock-settled", await RuleAsync(() => handle.SettleClockAsync(key, gdpr.Id, ClockState.NotRequired, "x", "", Who("privacy"))));
        var events = await EntriesAsync(e => e.SubjectKey == key && e.Action == "IncidentClockSettled");
        Assert.True((bool)Assert.Single(events).Details["isLate"]!);
        await using var db = await DbAsync();
        Assert.True(await db.Notifications.AnyAsync(n => n.Kind == "incident-overdue" && n.PersonId == Who("privacy").Id.Value));

        async Task<(int Warned, int Overdue)> SweptAsync(TimeSpan later)
        {
            Clock.Advance(later);
            var swept = await Get<SweepIncidents>().RunAsync();
            return (swept.Warned, swept.Overdue);
        }
    }

    [Fact]
    public async Task Awareness_that_moves_moves_the_running_deadlines_and_none_is_ever_taken_away()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = (await Get<ReportIncident>().RunAsync(new IncidentReport("Leak", UseCaseKeys: ["UC-0001"], OccurredAt: Clock.GetUtcNow().AddDays(-1)), Who("submitter"))).Key;
        await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        var earlier = Clock.GetUtcNow().AddHours(-10);

        var incident = await Get<TriageIncident>().RunAsync(key, Severe with { PersonalData = false, RiskToPeople = RiskToPeople.Unlikely }, Who("risk"));
        Assert.Contains(incident.Clocks, c => c.RuleId == "gdpr-33" && c.State == ClockState.Running);
        incident = await Get<TriageIncident>().RunAsync(key, Severe with { AwareAt = earlier }, Who("risk"));

        Assert.Contains(incident.Clocks, c => c.RuleId == "gdpr-33" && c.StartedAt == earlier && c.DueAt == earlier.AddHours(72));
        Assert.Equal("aware-before-it-occurred", await RuleAsync(() => Get<TriageIncident>().RunAsync(key, Severe with { AwareAt = earlier.AddDays(-5) }, Who("risk"))));
    }

    [Fact]
    public async Task Affected_people_are_told_only_what_another_person_approved()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        var tell = Get<TellAffected>();
        var (subject, body) = await tell.FillAsync(key, "stopped", Who("privacy"));
        Assert.DoesNotContain("{{", subject + body, StringComparison.Ordinal);
        Assert.Equal("place-left-open", await RuleAsync(() => tell.DraftAsync(key, "stopped", subject, "Until {{when}}", Who("privacy"))));
        await tell.DraftAsync(key, "stopped", subject, body, Who("privacy"));

        Assert.Equal("own-message", await RuleAsync(() => tell.ApproveAsync(key, 1, "", Who("privacy"))));
        Assert.Equal("not-permitted", await RuleAsync(() => tell.ApproveAsync(key, 1, "", Who("security"))));
        await using var db = await DbAsync();
        Assert.False(await db.Notifications.AnyAsync(n => n.Kind == "incident-told"));
        var sent = (await tell.ApproveAsync(key, 1, "", Who("legal"))).Messages.Single();
        Assert.True(sent.State == MessageState.Sent && sent.PeopleTold > 0);
        Assert.Equal(sent.PeopleTold, await db.Notifications.CountAsync(n => n.Kind == "incident-told"));
        Assert.True(await db.Notifications.AnyAsync(n => n.Kind == "incident-told" && n.PersonId == Who("submitter").Id.Value));
        Assert.Equal("message-decided", await RuleAsync(() => tell.RefuseAsync(key, 1, "Late", Who("legal"))));
    }

    [Fact]
    public async Task An_incident_is_closed_only_with_causes_verified_actions_and_settled_deadlines()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var incident = await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        var (move, see, handle) = (Get<MoveIncident>(), Get<SeeToIncidentAction>(), Get<HandleIncident>());
        var due = Get<Organisation>().DayOf(Clock.GetUtcNow()).AddDays(7);
        await move.RunAsync(key, IncidentState.Contained, "Stopped.", Who("risk"));
        await move.RunAsync(key, IncidentState.Resolved, "Index rebuilt.", Who("risk"));
        Assert.Equal("not-ready-to-close", await RuleAsync(() => move.RunAsync(key, IncidentState.Closed, "Done.", Who("risk"))));
        Assert.Equal("no-such-step", await RuleAsync(() => move.RunAsync(key, IncidentState.Contained, "x", Who("risk"))));

        await see.OpenAsync(key, "Filter by tenant before retrieval", Who("submitter").Id, due, Who("risk"));
        await handle.WritePostMortemAsync(key, "Two tenants share an index.", "No filter on the tenant; no test for it.", "", Who("risk"));
        foreach (var clock in incident.Clocks)
        {
            await handle.SettleClockAsync(key, clock.Id, ClockState.NotRequired, "Nobody saw it outside.", "", Who("privacy"));
        }

        Assert.Equal("not-ready-to-close", await RuleAsync(() => move.RunAsync(key, IncidentState.Closed, "Done.", Who("risk"))));
        await see.MoveAsync(key, 1, ActionState.Done, "Merged and deployed.", Who("submitter"));
        Assert.Equal("not-ready-to-close", await RuleAsync(() => move.RunAsync(key, IncidentState.Closed, "Done.", Who("risk"))));
        Assert.Equal("not-permitted", await RuleAsync(() => see.MoveAsync(key, 1, ActionState.Verified, "I did.", Who("submitter"))));
        await see.MoveAsync(key, 1, ActionState.Open, "The test is missing.", Who("security"));
        await see.MoveAsync(key, 1, ActionState.Done, "Test added.", Who("submitter"));
        await see.MoveAsync(key, 1, ActionState.Verified, "Ran it.", Who("security"));
        Assert.Equal("still-needed", await RuleAsync(() => handle.LiftLockAsync(key, "UC-0001", "x", Who("legal"))));
        var closed = await move.RunAsync(key, IncidentState.Closed, "All followed.", Who("risk"));
        Assert.Equal(IncidentState.Closed, closed.State);
        Assert.Equal("incident-over", await RuleAsync(() => Get<TriageIncident>().RunAsync(key, Severe, Who("risk"))));
    }

    [Fact]
    public async Task Nobody_verifies_what_they_did_themselves_not_even_in_SQL()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        await Get<TriageIncident>().RunAsync(key, Severe, Who("risk"));
        await Get<SeeToIncidentAction>().OpenAsync(key, "Test it", Who("risk").Id, Get<Organisation>().DayOf(Clock.GetUtcNow()), Who("security"));
        await Get<SeeToIncidentAction>().MoveAsync(key, 1, ActionState.Done, "Tested.", Who("risk"));

        Assert.Equal("own-action", await RuleAsync(() => Get<SeeToIncidentAction>().MoveAsync(key, 1, ActionState.Verified, "Looks good.", Who("risk"))));
        Assert.Equal("nobody_verifies_their_own_action", (await Assert.ThrowsAsync<PostgresException>(
            () => AsOwnerAsync("update incident_action set state = 'Verified', closed_at = now(), closed_by = owner_id, closed_by_name = owner_name"))).ConstraintName);
        Clock.Advance(TimeSpan.FromDays(2));
        await Get<SeeToIncidentAction>().OpenAsync(key, "Other", Who("submitter").Id, Get<Organisation>().DayOf(Clock.GetUtcNow()), Who("security"));
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((1, 0), ((await Get<SweepIncidents>().RunAsync()).ActionsTold, (await Get<SweepIncidents>().RunAsync()).ActionsTold));
    }

    [Fact]
    public async Task Locked_evidence_outlives_retention_and_the_lock_is_lifted_by_another_person_after_the_end()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        var occurred = Clock.GetUtcNow().AddMonths(-20);
        ReportedCall CallAt(string id, DateTimeOffset at) => new() { Source = "t", SourceEventId = id, StartedAt = at, Provider = "openai", Operation = "chat", RequestModel = "gpt-4o", InputTokens = 5, OutputTokens = 5 };
        await Get<RecordCalls>().RunAsync([CallAt("in", occurred.AddDays(-1)), CallAt("out", occurred.AddDays(-30))], useCase, "t");
        var key = (await Get<ReportIncident>().RunAsync(new IncidentReport("Old leak", UseCaseKeys: [useCase], OccurredAt: occurred), Who("risk"))).Key;
        await Get<TriageIncident>().RunAsync(key, Severe with { Severity = IncidentSeverity.Low, PersonalData = false }, Who("risk"));
        await Get<HandleIncident>().LockAsync(key, useCase, occurred.AddDays(-7), occurred.AddDays(7), Who("security"));

        await Get<RetainCalls>().RunAsync();
        Assert.Equal(["in"], await CallsAsync());
        Assert.Equal("a_lock_is_only_lifted", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update evidence_lock set from_at = now()"))).ConstraintName);

        await Get<MoveIncident>().RunAsync(key, IncidentState.Dismissed, "It was a test.", Who("risk"));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<HandleIncident>().LiftLockAsync(key, useCase, "x", Who("security"))));
        await Get<HandleIncident>().LiftLockAsync(key, useCase, "Not needed.", Who("legal"));
        await Get<RetainCalls>().RunAsync();
        Assert.Empty(await CallsAsync());

        async Task<List<string>> CallsAsync()
        {
            await using var db = await DbAsync();
            return await db.Database.SqlQuery<string>($"select source_event_id \"Value\" from telemetry.call").ToListAsync();
        }
    }

    [Fact]
    public async Task A_runbook_is_started_step_by_step_in_the_words_it_has_then()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var key = await ReportedAsync();
        var incident = await Get<HandleIncident>().StartRunbookAsync(key, "prompt-injection", Who("security"));

        Assert.Equal((8, Clock.GetUtcNow().AddMinutes(10)), (incident.Steps.Count, incident.Steps.Single(s => s.Number == 1).DueAt));
        Assert.Equal("runbook-started", await RuleAsync(() => Get<HandleIncident>().StartRunbookAsync(key, "prompt-injection", Who("security"))));
        Assert.Equal("reason-required", await RuleAsync(() => Get<HandleIncident>().SettleStepAsync(key, "prompt-injection", 2, StepState.Skipped, "", Who("security"))));
        await Get<HandleIncident>().SettleStepAsync(key, "prompt-injection", 1, StepState.Done, "", Who("security"));
        Assert.Equal("step-settled", await RuleAsync(() => Get<HandleIncident>().SettleStepAsync(key, "prompt-injection", 1, StepState.Done, "", Who("risk"))));
        Assert.Empty(Get<Runbooks>().Refused);
        Assert.Throws<InvalidDataException>(() => Runbook.Parse("empty", "# Nothing to do"));
    }

    [Fact]
    public async Task The_weekly_review_shows_one_resolved_incident_and_one_unresolved_risk_and_is_held_once()
    {
        var useCase = await GivenAnApprovedAsync(HelpBotProposal);
        var week = Get<OperationsReviews>().ThisWeek;
        var empty = await Get<OperationsReviews>().OfAsync(week, Who("coe-lead"));
        Assert.Equal((null, RiskKind.NoneKnown), (empty.Incident?.Key, empty.Risk.Kind));

        var resolved = await ReportedAsync();
        await Get<TriageIncident>().RunAsync(resolved, Severe with { Severity = IncidentSeverity.Low, PersonalData = false, Harms = [] }, Who("risk"));
        await Get<MoveIncident>().RunAsync(resolved, IncidentState.Resolved, "Fixed.", Who("risk"));
        var open = await ReportedAsync();
        var sheet = await Get<OperationsReviews>().OfAsync(week, Who("coe-lead"));
        Assert.Equal((resolved, RiskKind.OpenIncident, open), (sheet.Incident!.Key, sheet.Risk.Kind, sheet.Risk.Thing));
        await Get<TriageIncident>().RunAsync(open, Severe, Who("risk"));
        Clock.Advance(TimeSpan.FromHours(80));
        sheet = await Get<OperationsReviews>().OfAsync(Get<OperationsReviews>().ThisWeek, Who("coe-lead"));
        Assert.Equal((RiskKind.ClockOverdue, open), (sheet.Risk.Kind, sheet.Risk.Thing));
        Assert.True(sheet.Figures is { Reported: 2, Severe: 1, Resolved: 1, UnderWay: 1 } && sheet.Figures.ClocksLate > 0);

        await Get<HoldOperationsReview>().RunAsync(week, "Filter first; notify today.", Who("coe-lead"));
        Assert.Equal("review-held", await RuleAsync(() => Get<HoldOperationsReview>().RunAsync(week, "Again", Who("risk"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<HoldOperationsReview>().RunAsync(week, "x", Who("operator"))));
        Assert.Equal("week-out-of-range", await RuleAsync(() => Get<OperationsReviews>().OfAsync("2027-W10", Who("risk"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<OperationsReviews>().OfAsync("2026-W54", Who("risk")));
        Assert.Equal(useCase, sheet.Incident!.UseCaseKeys[0]);
    }

    [Fact]
    public async Task A_broken_rules_file_is_refused_and_the_last_good_version_stays()
    {
        var folder = Directory.CreateTempSubdirectory("clocks").FullName;
        var good = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "templates", "clocks", "2026-08.yaml"), TestContext.Current.CancellationToken);
        var newer = good.Replace("version: \"2026-08\"", "version: \"2026-09\"", StringComparison.Ordinal).Replace("    source: Regulation (EU) 2016/679, Article 33(1)\n", "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "2026-08.yaml"), good + "\n# edited afterwards\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "2026-09.yaml"), newer, TestContext.Current.CancellationToken);
        var publish = new PublishClockRules(Get<IDbContextFactory<GovernanceDb>>(), folder, Get<Organisation>(), Clock);

        await publish.RunAsync();

        Assert.Equal(["2026-08.yaml", "2026-09.yaml"], publish.Refused.Select(r => r.File));
        Assert.Contains("'gdpr-33' names no source", publish.Refused[1].Reason, StringComparison.Ordinal);
        Assert.True(publish.Refused[1].Line > 80);
        await GivenAnApprovedAsync(HelpBotProposal);
        var incident = await new TriageIncident(Get<IDbContextFactory<GovernanceDb>>(), publish, Get<IncidentNotices>(), Get<Organisation>(), Clock).RunAsync(await ReportedAsync(), Severe, Who("risk"));
        Assert.All(incident.Clocks, c => Assert.Equal("2026-08", c.RulesVersion));
        Directory.Delete(folder, true);
    }

    private async Task<string> ReportedAsync() =>
        (await Get<ReportIncident>().RunAsync(new IncidentReport("It quotes other people's claims", "Seen twice.", IncidentCategory.DataBreach, ["UC-0001"], null, true), Who("submitter"))).Key;

    private async Task<SwitchState> StateAsync(string useCase)
    {
        await using var db = await DbAsync();
        return (await db.KillSwitches.AsNoTracking().SingleOrDefaultAsync(s => s.Target == useCase))?.State ?? SwitchState.Released;
    }

    private async Task EngagedByARuleAsync(string useCase)
    {
        await using var db = await DbAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await EngageKillSwitch.EngageAsync(db, SwitchScope.UseCase, useCase, new Engagement(SwitchMode.Stop, "K1 too dear."), Actor.Rule("budget-k1"), Clock.GetUtcNow(), default);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
