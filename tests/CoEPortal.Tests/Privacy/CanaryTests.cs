using System.Security.Cryptography;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Privacy;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Governance.SharedFailures;
using CoEPortal.Governance.Sharing;
using CoEPortal.Governance.StageGates;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Governance.Training;
using CoEPortal.Tests.Audit;
using CoEPortal.Tests.Cards;
using CoEPortal.Tests.Dpia;
using CoEPortal.Tests.Gates;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Privacy;

/// <summary>Somebody who has done everything that can be done here is erased, and is found nowhere.</summary>
public sealed class CanaryTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private const string Surname = "Zwölfhäuser";

    /// <summary>In everything they write, but for what binds others.</summary>
    private const string Words = "said-by-quirin";

    /// <summary>In what they wrote that binds others.</summary>
    private const string Binding = "asked-by-quirin";

    private const string Email = "quirin@nordhaven.example";

    /// <summary>What is kept, and why. The log holds the rest only sealed, under a key that is destroyed.</summary>
    private static readonly Dictionary<string, string> Kept = new()
    {
        ["public.decision"] = "conditions: others have to meet them",
        ["public.condition_follow_up"] = "the same conditions, as the work of their owners",
        ["public.notification"] = "the same conditions, as told to their owners",
        ["public.exercise_finding"] = "what they asked others to do, which binds them",
        ["public.incident_action"] = "what they asked others to do, which binds them",
        ["public.incident_message"] = "what the organisation told its people",
        ["public.rollout"] = "what they asked of a phase, which binds others",
        ["public.use_case_revision"] = "a submitted proposal names its owners; the hash that was decided on covers it",
        ["public.use_case"] = "the draft is that revision, until somebody edits it",
    };

    private readonly Actor _canary = new(PersonId.Of("k9c4e1", "demo"), $"Quirin {Surname}", new HashSet<Role> { Role.Submitter, Role.Legal, Role.Privacy, Role.CoeLead }, "Claims");

    [Fact]
    public async Task Of_an_erased_person_no_name_and_no_word_is_left_but_what_binds_others()
    {
        await GivenEverythingDoneAsync();
        Assert.Empty(await UntouchedPlacesAsync());
        Assert.Single(await CertificatesAsync());
        Assert.Contains("public.comment", await PlacesAsync(Words));
        Assert.Empty(Enum.GetValues<Holding>().Except((await Get<PersonRecords>().OfAsync(_canary.Id, Who("auditor"))).Counts.Keys));

        var request = await Get<AskErasure>().RunAsync(_canary.Id, $"{_canary.Name} asked for it.", "DSR-17", Who("privacy"));
        var erased = await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));

        Assert.Empty(await PlacesAsync(Words));
        Assert.Empty(await PlacesAsync(Email));
        Assert.Empty(await PlacesAsync($"@{_canary.Name.ToUpperInvariant()}"));
        Assert.Empty((await PlacesAsync(Binding)).Except(["public.decision", "public.condition_follow_up", "public.notification", "public.incident_action", "public.incident_message", "public.exercise_finding", "public.rollout"]));
        Assert.Empty((await PlacesAsync(Surname)).Except(["public.use_case_revision", "public.use_case"]));
        Assert.True(erased.Rows["comment"] > 0 && erased.Rows["decision"] > 2 && erased.Rows["notification"] > 0);
        Assert.NotEmpty(erased.Reports);
        // Of the log that named them there is a pseudonym without a name.
        Assert.Equal(1, erased.Rows["campaign_person"]);
        Assert.Empty(await CertificatesAsync());
        Assert.Equal(9, Kept.Count);
    }

    [Fact]
    public async Task After_an_erasure_every_proof_still_verifies_and_every_revision_has_its_hash()
    {
        await GivenEverythingDoneAsync();
        await Get<IntegrateEvents>().RunAsync();
        var before = await SignAsync();
        var request = await Get<AskErasure>().RunAsync(_canary.Id, "Asked to.", "", Who("privacy"));
        await Get<CarryOutErasure>().RunAsync(request.Id, Who("coe-lead"));
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();

        Assert.True((await CheckAsync(before!)).Holds);
        await using var db = await DbAsync();
        foreach (var round in await db.ApprovalRounds.AsNoTracking().Where(r => r.Topic == ReviewTopic.Proposal).ToListAsync())
        {
            Assert.Equal(round.ContentHash, (await UseCaseAsync(round.UseCaseKey)).Revisions.Single(r => r.Number == round.RevisionNumber).ContentHash);
        }
    }

    [Fact]
    public async Task Every_name_of_a_person_in_the_database_is_one_that_erasing_reaches()
    {
        // Names of things, and one that the log keeps sealed.
        string[] others = ["public.approval_round.topic_name", "public.approved_version.version_name", "public.personal_column.table_name", "public.use_case_document.file_name", "audit.event.actor_name"];
        var columns = await ListAsync("""
            select table_schema || '.' || table_name || '.' || column_name from information_schema.columns c
            join information_schema.tables t using (table_schema, table_name)
            where t.table_type = 'BASE TABLE' and column_name like '%\_name'
              and table_schema not in ('pg_catalog', 'information_schema') and table_name not like 'qrtz%'
            """);
        var reached = await ListAsync("select table_name || '.' || name from personal_column where name is not null");

        Assert.Empty(columns.Except([.. reached, .. others]));
        Assert.Empty(reached.Except(columns));
    }

    [Fact]
    public async Task Every_column_that_erasing_writes_is_there()
    {
        var places = await ListAsync("select table_name || '.' || c from personal_column cross join lateral unnest(texts || person) c");
        var columns = await ListAsync("select table_schema || '.' || table_name || '.' || column_name from information_schema.columns");

        Assert.Empty(places.Except(columns));
    }

    /// <summary>One row at least for each place in which a name or a text of a person can stand.</summary>
    private async Task<List<Guid>> CertificatesAsync()
    {
        await using var db = await DbAsync();
        return await db.Certificates.Select(c => c.CompletionId).ToListAsync();
    }

    private async Task GivenEverythingDoneAsync()
    {
        await using var db = await DbAsync();
        var person = Person.Register(_canary, Actor.Rule("test"), Clock.GetUtcNow(), Email);
        db.People.Add(person);
        await db.SaveChangesAsync();

        await Get<StartUseCase>().RunAsync(Who("submitter2"), ClaimsProposal with { BusinessOwner = _canary.Name });
        var own = (await Get<StartUseCase>().RunAsync(_canary, HelpBotProposal with { BusinessOwner = _canary.Name })).Key;
        await Get<SubmitProposal>().RunAsync(own, null, _canary);
        await Get<BindCredential>().RunAsync(own, CredentialKind.Team, "claims", "gw", _canary);
        var others = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<ApproveVersion>().RunAsync(others, new VersionPointer(Component.Prompt, "letters", "2"), _canary);
        var limit = (await UseCaseAsync(others)).Revisions.Single().Proposal.KillCriteria.ToList().FindIndex(k => k.Limit > 1) + 1;
        await Get<TightenCriterion>().RunAsync(others, limit, 1, Words, _canary);
        await Get<RepriceCalls>().RunAsync(Clock.GetUtcNow().AddDays(-30), Clock.GetUtcNow(), Words, _canary);

        await ReviewAsync();
        await StandInAsync();
        await SendBackAsync();
        await TalkAsync(own);
        await SwitchAsync(own);
        await HoldAsync();
        await TakeOverAsync();
        await IncidentAsync(own);
        await ExerciseAsync();
        await CampaignAsync();
        await GateAsync(others);
        await CardAsync();
        await DpiaAsync();
        await PatternAsync();
        await OverrideAsync();
        await PolicyAsync();
        await Get<Discussion>().WriteAsync(own, Words, _canary, "Problem");
        await Get<QuestionThreads>().ResolveAsync(own, "Problem", _canary);
        var candidate = await Get<KeepCandidates>().AddAsync(new("Sort letters", "Claims", "By hand.", 100, 5, 1, 3, 3), _canary);
        await Get<KeepCandidates>().SetAsideAsync(candidate.Key, Words, _canary);
        await Get<InviteEditor>().RunAsync(own, Who("submitter2").Id, _canary);
        await Get<InviteEditor>().TakeOffAsync(own, Who("submitter2").Id, Words, _canary);
        var shared = (await Get<ShareRevision>().RunAsync(own, 1, Words, 14, _canary)).Link;
        await Get<ShareRevision>().RevokeAsync(own, shared.Id, _canary);
        await Get<KeepDocuments>().AddAsync(own, Words, UploadedFile.Read(Words, "a"u8.ToArray()), _canary);
        await Get<KeepDocuments>().WithdrawAsync(own, 1, Words, _canary);
        await Get<KeepRegister>().RegisterAsync(new("Archive", "", "", DataClass.Internal, PersonalData.None, Residency.EuOnly, [], []), _canary);
        await TrainAsync();
        await AdoptAsync(others);
        await ShareAsync();
        await RowsAsync(own);
    }

    private async Task ReviewAsync()
    {
        var key = (await GivenASubmittedAsync(ClaimsProposal)).UseCaseId;
        await using var db = await DbAsync();
        var useCase = await db.UseCases.Where(u => u.Id == key).Select(u => u.Key).SingleAsync();
        var task = (await OpenTaskAsync(useCase, Role.Legal))!;
        await Get<ReviewLooks>().LookAsync(key, 1, _canary);
        await Get<ClaimTask>().RunAsync(task.Id, false, _canary);
        await DecideAsAsync(task, _canary, DecisionKind.ApproveWithConditions, Words, new ConditionDraft($"{Binding} one", _canary.Id), new ConditionDraft($"{Binding} two", Who("submitter").Id));
        await ApproveTheRestAsync(useCase);
        var conditions = await db.ConditionFollowUps.OrderBy(f => f.Number).Select(f => f.Id).ToListAsync();
        await Get<SeeToCondition>().ReportAsync(conditions[0], Words, _canary);
        await Get<SeeToCondition>().AcceptAsync(conditions[0], Who("legal"));
        await Get<SeeToCondition>().ReportAsync(conditions[1], "Done.", Who("submitter"));
        await Get<SeeToCondition>().SendBackAsync(conditions[1], Words, _canary);
        await Get<SeeToCondition>().ReportAsync(conditions[1], "Done again.", Who("submitter"));
        await Get<SeeToCondition>().AcceptAsync(conditions[1], _canary);
    }

    private async Task StandInAsync()
    {
        var useCase = await SubmittedAsync();
        var task = (await OpenTaskAsync(useCase, Role.Legal))!;
        await Get<ClaimTask>().RunAsync(task.Id, false, _canary);
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());
        var given = await Get<DelegateReview>().RunAsync(task.Id, Role.Legal, Who("legal2").Id, today, today, Words, _canary);
        var taken = await Get<DelegateReview>().RunAsync(null, Role.Legal, _canary.Id, today, today, "On leave.", Who("legal"));
        await DecideAsync(task, "legal2", DecisionKind.Approve);
        await ApproveTheRestAsync(useCase);
        await Get<DelegateReview>().RevokeAsync(given.Id, _canary);
        await Get<DelegateReview>().RevokeAsync(taken.Id, Who("legal"));
    }

    private async Task SendBackAsync()
    {
        var useCase = await SubmittedAsync();
        await DecideAsAsync((await OpenTaskAsync(useCase, Role.Legal))!, _canary, DecisionKind.RequestChanges, Words);
    }

    private async Task TalkAsync(string own)
    {
        await Get<Discussion>().WriteAsync(own, $"{Words}, @Aisha Rahman", _canary);
        await Get<Discussion>().WriteAsync(own, $"@{_canary.Name.ToUpperInvariant()} and @{_canary.Name}: agreed.", Who("legal"));
        var feedback = await Get<EnterFeedback>().RunAsync(own, FeedbackDraft.Of(false, null, Words, null), _canary);
        await Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Prompt, _canary.Id, Words, _canary);
        await Get<TriageFeedback>().FinishAsync(feedback.Id, Words, _canary);
    }

    private async Task SwitchAsync(string own)
    {
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, own, new Engagement(SwitchMode.Stop, Words, Words) { Evidence = Words }, _canary);
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, own, Words, Who("coe-lead"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, own, Words, Who("legal"));
    }

    private async Task HoldAsync()
    {
        var hold = await Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, Words, _canary);
        await Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("legal"));
        hold = await Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, "A claim.", Who("legal"));
        await Get<SetLegalHold>().LiftAsync(hold.Id, Words, _canary);
        var asked = await Get<AskErasure>().RunAsync(Who("brand").Id, Words, "", _canary);
        await Get<AskErasure>().TakeBackAsync(asked.Id, Words, _canary);
    }

    private async Task TakeOverAsync()
    {
        var mapping = ImportMappings.Given("name: small\nfields:\n  title: { column: Name }\n  businessUnit: { column: Unit }\n");
        await Get<ImportMappings>().SaveAsync(mapping.Mapping, _canary);
        var made = await Get<ImportUseCases>().RunAsync("Name,Unit\nLetters,Claims\n"u8.ToArray(), mapping, false, _canary);
        await Get<GrantGrace>().RunAsync(made.Rows[0].Key!, new DateOnly(2026, 12, 24), Words, _canary);
        await Get<CoEPortal.Governance.Portfolio.EnterReading>().RunAsync(made.Rows[0].Key!, new(new DateOnly(2026, 11, 20), CoEPortal.Governance.Portfolio.Arm.WithAi, 3, 1, 50), _canary);
        await Get<CoEPortal.Governance.Portfolio.StopUseCase>().RunAsync(made.Rows[0].Key!, Words, Words, _canary);
        await Get<CoEPortal.Governance.Portfolio.StateWorth>().RunAsync(made.Rows[0].Key!, new(1, Words, 1, 0, 0, new DateOnly(2026, 11, 1)), null, _canary);
        await GatesAsync();
    }

    private async Task GatesAsync()
    {
        var answers = new Dictionary<string, string> { ["who"] = Words, ["today"] = Words, ["without-ai"] = Words };
        var key = (await Get<StartUseCase>().RunAsync(Who("coe-lead2"), ClaimsProposal)).Key;
        var answered = await Get<AnswerStageGate>().RunAsync(key, StageGate.ProblemValidation, new(answers, Words), _canary);
        await Get<DecideStageGate>().RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.Killed, "No.", "Ask.", answered.ContentHash, Who("risk"));
        key = (await Get<StartUseCase>().RunAsync(Who("coe-lead2"), ClaimsProposal)).Key;
        answered = await Get<AnswerStageGate>().RunAsync(key, StageGate.ProblemValidation, new(answers.ToDictionary(a => a.Key, _ => "Known."), ""), Who("coe-lead2"));
        await Get<DecideStageGate>().RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.NotPassed, Words, null, answered.ContentHash, _canary);
    }

    private async Task IncidentAsync(string own)
    {
        var handle = Get<HandleIncident>();
        await Get<PublishClockRules>().RunAsync();
        var key = (await Get<ReportIncident>().RunAsync(new IncidentReport($"{Words} in the title", Words, IncidentCategory.DataBreach, [own], null, true), _canary)).Key;
        await Get<TriageIncident>().RunAsync(key, new IncidentTriage(IncidentSeverity.Serious, IncidentCategory.DataBreach, [], [own], true, RiskToPeople.Likely), Who("risk"));
        await handle.GiveRoleAsync(key, IncidentRoleKind.Lead, _canary.Id, "", _canary);
        await handle.NoteAsync(key, EntryKind.Evidence, null, Words, Words, null, _canary);
        foreach (var clock in (await Get<IncidentSheets>().OfAsync(key, _canary)).Incident.Clocks)
        {
            await handle.SettleClockAsync(key, clock.Id, ClockState.NotRequired, Words, Words, _canary);
        }

        await handle.StartRunbookAsync(key, "prompt-injection", _canary);
        await handle.SettleStepAsync(key, "prompt-injection", 1, StepState.Done, Words, _canary);
        await Get<TellAffected>().DraftAsync(key, "", $"{Binding} for all", Binding, _canary);
        await Get<TellAffected>().ApproveAsync(key, 1, "", Who("legal"));
        await Get<TellAffected>().DraftAsync(key, "", "Another", "Another", Who("legal"));
        await Get<TellAffected>().RefuseAsync(key, 2, Words, _canary);
        var due = Get<Organisation>().DayOf(Clock.GetUtcNow()).AddDays(3);
        await Get<SeeToIncidentAction>().OpenAsync(key, Binding, _canary.Id, due, _canary);
        await Get<SeeToIncidentAction>().MoveAsync(key, 1, ActionState.Done, Words, _canary);
        await Get<SeeToIncidentAction>().MoveAsync(key, 1, ActionState.Verified, "Looked.", Who("risk"));
        await Get<SeeToIncidentAction>().OpenAsync(key, "Other", Who("legal").Id, due, Who("risk"));
        await Get<SeeToIncidentAction>().MoveAsync(key, 2, ActionState.Dropped, Words, _canary);
        await handle.WritePostMortemAsync(key, Words, Words, Words, _canary);
        await Get<MoveIncident>().RunAsync(key, IncidentState.Resolved, Words, _canary);
        await Get<MoveIncident>().RunAsync(key, IncidentState.Closed, Words, _canary);
        await handle.LiftLockAsync(key, own, Words, _canary);

        var second = (await Get<ReportIncident>().RunAsync(new IncidentReport("Another", UseCaseKeys: [own]), Who("risk"))).Key;
        await Get<TriageIncident>().RunAsync(second, new IncidentTriage(IncidentSeverity.Low, IncidentCategory.Other, [], [own], false), Who("risk"));
        await handle.LockAsync(second, own, null, null, _canary);
        await Get<MoveIncident>().RunAsync(second, IncidentState.Dismissed, "None.", Who("risk"));
        await handle.LiftLockAsync(second, own, "None.", Who("legal"));
        await Get<HoldOperationsReview>().RunAsync(Get<OperationsReviews>().ThisWeek, Words, _canary);
    }

    private async Task ExerciseAsync()
    {
        var (run, today) = (Get<RunExercise>(), Get<Organisation>().DayOf(Clock.GetUtcNow()));
        var key = (await run.PlanAsync("silent-drift", today, null, _canary)).Key;
        foreach (var role in new[] { "Lead", "Owner", "Communications" })
        {
            await run.SeatAsync(key, role, _canary.Id, _canary);
        }

        await run.StartAsync(key, _canary);
        await run.DoStepAsync(key, 1, Words, _canary);
        await run.NoteAsync(key, Words, _canary);
        await run.EndAsync(key, Words, _canary);
        await run.FindAsync(key, Binding, _canary.Id, today, _canary);
        await run.MoveFindingAsync(key, 1, ActionState.Done, Words, _canary);
        await run.MoveFindingAsync(key, 1, ActionState.Verified, "Seen.", Who("risk"));
        await run.FindAsync(key, Binding, Who("legal").Id, today, _canary);
        await run.MoveFindingAsync(key, 2, ActionState.Dropped, Words, _canary);
    }

    private async Task TrainAsync()
    {
        await Get<DefineCourse>().AddAsync("basics", new("Basics", "", null, [], 91), _canary);
        await Get<RecordTraining>().OneAsync(new("basics", _canary.Id.Value, "u-1", new(2026, 11, 20), Words), UploadedFile.Read("certificate.txt", System.Text.Encoding.UTF8.GetBytes(Words)), _canary);
        await using var db = await DbAsync();
        await Get<RecordTraining>().WithdrawAsync(await db.Completions.Select(c => c.Id).SingleAsync(), Words, _canary);
        await Get<SweepTraining>().RunAsync();
    }

    private async Task AdoptAsync(string key)
    {
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());
        await Get<KeepChampions>().NameAsync(new(Who("operator").Id, "Claims", null, today, today), _canary);
        var champion = await Get<KeepChampions>().NameAsync(new(_canary.Id, "Claims", key, today, today), Who("coe-lead"));
        await Get<KeepChampions>().AnswerAsync(champion.Id, true, Words, _canary);
        var rollout = await Get<RunRollout>().PlanAsync(
            key, new([new("Desk", "", "Claims", null, 40, today)], [new(30, today, null, null, null, true, Binding), new(100, today, null, null, null, false, "")]), null, _canary);
        await Get<RunRollout>().MoveOnAsync(key, Words, rollout.Version, _canary);
        await Get<RunRollout>().AgreeAsync(key, "Desk", _canary);
    }

    private async Task ShareAsync()
    {
        var draft = new FailureDraft(Words, Words, Words, Words, FailureKind.Tool, []);
        await Get<ShareFailure>().RunAsync(draft, null, _canary);
        var others = await Get<ShareFailure>().RunAsync(draft with { Title = "a", Happened = "b", Learnt = "c", Workaround = "" }, null, Who("submitter"));
        await Get<ShareFailure>().PublishAsync(others.Key, draft with { Title = "a", Happened = "b", Learnt = "c", Workaround = "" }, others.Version, _canary);
        await Get<ShareFailure>().WithdrawAsync(others.Key, Words, _canary);
    }

    private async Task CampaignAsync()
    {
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());
        var key = (await Get<OpenCampaign>().RunAsync(new CampaignPlan("", ["Claims"], [UsageSource.Proxy], new DateOnly(2026, 9, 1), today.AddDays(9), Words), _canary.Id, _canary)).Key;
        await Get<ReceiveUsage>().RunAsync(key, "squid", Words, new MemoryStream("1790000000.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 NORD\\quirin - -"u8.ToArray()), _canary);
        await Get<ReadUsage>().RunNextAsync();
        var finding = (await Get<CampaignSheets>().FindingsAsync(key, new ToolFilter(), _canary)).Items.Single().Finding;
        var person = (await Get<CampaignSheets>().FindingAsync(key, finding.Number, _canary)).People.Single();
        await Get<DecideFinding>().RunAsync(key, finding.Number, new DispositionDraft(Disposition.Blocked, Words, _canary.Id, today), finding.Version, _canary);
        await Get<DecideFinding>().CarryOutAsync(key, finding.Number, _canary);
        await Get<RevealPerson>().RunAsync(key, finding.Number, person.Pseudonym, Words, _canary);
        var seen = (await Get<CampaignSheets>().OfAsync(key, _canary)).ContentHash;
        await Get<SignCampaign>().RunAsync(key, Role.CoeLead, Words, seen, _canary);
        await Get<SignCampaign>().RunAsync(key, Role.Security, "", seen, Who("security"));
    }

    private async Task PolicyAsync()
    {
        var policy = await Get<PublishPolicy>().RunAsync("notes", "Notes", "Write them.", Get<PolicyShelf>().Today, 0, _canary);
        await Get<AcknowledgePolicy>().RunAsync("notes", 1, policy.ContentHash, _canary);
    }

    private async Task OverrideAsync()
    {
        var overrides = Get<CoEPortal.Governance.Scoring.OverrideJudgement>();
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter2"), ClaimsProposal)).Key;
        await overrides.ProposeAsync(key, new(RiskClass.High, null, Words), _canary);
        await overrides.EndAsync(key, 1, Words, _canary);
        await overrides.ProposeAsync(key, new(RiskClass.High, null, "Asked."), Who("coe-lead"));
        await overrides.DecideAsync(key, 2, true, Words, _canary);
    }

    private async Task PatternAsync()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var sample = (await Get<ClearanceList>().PageAsync(ClearanceShow.Waiting, null, _canary)).Items.First(c => !c.IsAuthor).Clearance;
        await Get<ReviewClearance>().RunAsync(sample.UseCaseKey, sample.Revision, SampleOutcome.Confirmed, Words, _canary);
        var pattern = await Get<WritePattern>().StartAsync(HelpPattern, Who("coe-lead"));
        await Get<PublishPattern>().RunAsync(pattern.Key, pattern.ContentHash, null, _canary);
        await Get<WritePattern>().GiveAsync(pattern.Key, _canary.Id, Who("coe-lead"));
        await Get<PublishPattern>().WithdrawAsync(pattern.Key, Words, _canary);
    }

    private async Task DpiaAsync()
    {
        var advised = await Get<WriteDpia>().StartAsync((await Get<StartUseCase>().RunAsync(Who("submitter2"), ClaimsProposal)).Key, Who("submitter2"));
        await Get<SignDpia>().AdviseAsync(advised.Key, Words, advised.ContentHash, _canary);
        var signed = await Get<WriteDpia>().StartAsync((await Get<StartUseCase>().RunAsync(Who("submitter2"), ClaimsProposal)).Key, Who("submitter2"));
        signed = await Get<WriteDpia>().SaveAsync(signed.Key, DpiaTests.Complete(signed), signed.Version, Who("submitter2"));
        await Get<SignDpia>().AdviseAsync(signed.Key, "Fine.", signed.ContentHash, Who("privacy"));
        await Get<SignDpia>().AnswerAsync(signed.Key, false, Words, _canary);
        await Get<SignDpia>().SignOffAsync(signed.Key, signed.ContentHash, null, _canary);
    }

    private async Task CardAsync()
    {
        var card = await Get<WriteCard>().StartAsync(new CardDraft(CardKind.Model, "m1", "1", null, CardMarkdownTests.Complete(CardKind.Model)), Who("security"));
        await Get<PublishCard>().RunAsync(card.Key, card.ContentHash, null, _canary);
        await Get<WriteCard>().GiveAsync(card.Key, _canary.Id, Who("security"));
    }

    private async Task GateAsync(string useCase)
    {
        await Get<SetGateMetric>().RunAsync(useCase, "own", "tone", 1, null, Words, _canary);
        await Get<RecordGateResult>().RunAsync(useCase, GateTests.Result(suite: "own", figures: [("tone", 2)]), null, "ci");
        var asked = await Get<RequestPromotion>().RunAsync(useCase, GateTests.Prompt, GateTests.Hash, Words, _canary);
        await Get<WithdrawPromotion>().RunAsync(asked.Id, _canary);
        await Get<RequestPromotion>().RunAsync(useCase, GateTests.Prompt, GateTests.Hash, "", null, "ci");
        await DecideAsync((await OpenTaskAsync(useCase, Role.Security))!, "security", DecisionKind.Approve);
        await DecideAsync((await OpenTaskAsync(useCase, Role.Risk))!, "risk", DecisionKind.Approve);
        await Get<DecideReview>().RunAsync((await OpenTaskAsync(useCase, Role.CoeLead))!.Id, new DecisionDraft(DecisionKind.Veto, Words, [], GateTests.Hash), _canary with { ConfirmedAt = Clock.GetUtcNow() });
        var finding = await Get<FollowFinding>().ReportAsync(useCase, new FindingDraft(Words, Words, Severity.Low, OwaspRisk.Misinformation, _canary.Id, null), _canary);
        await Get<FollowFinding>().FixAsync(finding.Key, Words, _canary);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = await Get<ManagePipelineKeys>().AddAsync("ci", pair.ExportSubjectPublicKeyInfoPem(), useCase, Clock.GetUtcNow().AddDays(1), _canary);
        await Get<ManagePipelineKeys>().RevokeAsync(signing.Id, Words, null, _canary);
    }

    /// <summary>What needs gateways, a printer or a broken lane to come about, and answers as the API keeps them.</summary>
    private async Task RowsAsync(string own)
    {
        var report = await Get<RequestAuditPack>().RunAsync(own, _canary);
        var (id, name) = (_canary.Id.Value, _canary.Name);
        await AsOwnerAsync(
            $$"""
            update audit_pack_job set state = 'Done', pdf = '\x25', finished_at = requested_at where id = '{{report}}';
            insert into drill (id, target, kind, outcome, reason, started_by, started_by_name, objective_ms, generation, clicked_at, committed_at, leaked_calls, leaked_cost, silent, version, event_count)
                values (gen_random_uuid(), 'canary', 'Canary', 'Missed', '{{Words}}', '{{id}}', '{{name}}', 1000, 1, now(), now(), 0, 0, '{}', 1, 0);
            insert into wf.lane_incident (id, instance_id, kind, message, raised_at, resolved_at, resolution, note, resolved_by, resolved_by_name)
                select gen_random_uuid(), id, 'Faulted', 'x', now(), now(), 'Retried', '{{Words}}', '{{id}}', '{{name}}' from wf.lane_instance limit 1;
            insert into kill_switch (id, scope, target, state, reason, message, engaging_functions, engaged_by_rule, first_releasing_functions, first_released_by, first_released_by_name,
                    second_released_by, second_released_by_name, generation, changed_at, version, event_count)
                values (gen_random_uuid(), 'Model', 'm1', 'Released', '', '', '{}', false, '{}', '{{id}}', '{{name}}', null, null, 1, now(), 1, 0),
                       (gen_random_uuid(), 'Model', 'm2', 'Released', '', '', '{}', false, '{}', 'risk@demo', 'Helen Okafor', '{{id}}', '{{name}}', 1, now(), 1, 0);
            insert into outbox_message (id, channel, recipient, subject, body, dedupe_key, created_at, next_attempt_at, attempts) values
                (gen_random_uuid(), 'email', '{{Email}}', 'To them', 'x', 'a', now(), now(), 0),
                (gen_random_uuid(), 'email', 'aisha@nordhaven.example', '{{name}} mentioned you', '{{Words}}', 'b', now(), now(), 0);
            -- of a board before it had a lane
            insert into promotion_decision (id, promotion_id, function, approves, comment, person_id, person_name, decided_at)
                select gen_random_uuid(), id, 'CoeLead', false, '{{Words}}', '{{id}}', '{{name}}', closed_at from promotion where state = 'Vetoed' limit 1;
            insert into idempotent_request (actor_id, key, request_hash, status, body) values
                ('{{id}}', 'k', 'h', 201, '{"text":"{{Words}}"}'),
                ('legal@demo', 'k', 'h', 201, '{"toName":"{{name}}","text":"@{{name}}: agreed"}');
            """);
    }

    private async Task<string> SubmittedAsync()
    {
        var revision = await GivenASubmittedAsync(ClaimsProposal);
        await using var db = await DbAsync();
        return await db.UseCases.Where(u => u.Id == revision.UseCaseId).Select(u => u.Key).SingleAsync();
    }

    private async Task ApproveTheRestAsync(string useCase)
    {
        while (await OpenTaskAsync(useCase) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }
    }

    private async Task DecideAsAsync(ReviewTask task, Actor person, DecisionKind kind, string comment, params ConditionDraft[] conditions)
    {
        await using var db = await DbAsync();
        var hash = await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync();
        await Get<DecideReview>().RunAsync(task.Id, new(kind, comment, conditions, hash), person with { ConfirmedAt = Clock.GetUtcNow() });
    }

    /// <summary>Where nothing stands of them, so that erasing it there proves nothing.</summary>
    private Task<List<string>> UntouchedPlacesAsync() => EachAsync(
        "select table_name, person from personal_column", (table, column) => $"not exists (select from {table} where {column} = '{_canary.Id.Value}')", (table, column) => $"{table}.{column}");

    /// <summary>Every table of the database in whose rows a text stands, as text.</summary>
    private Task<List<string>> PlacesAsync(string text) => EachAsync(
        """
        select quote_ident(table_schema) || '.' || quote_ident(table_name), '' from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
        """,
        (table, _) => $"exists (select from {table} t where strpos(lower(t::text), lower('{text}')) > 0)", (table, _) => table);

    private async Task<List<string>> EachAsync(string places, Func<string, string, string> holds, Func<string, string, string> named)
    {
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        var all = new List<(string, string)>();
        await using (var read = new NpgsqlCommand(places, connection))
        await using (var rows = await read.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                all.Add((rows.GetString(0), rows.GetString(1)));
            }
        }

        var found = new List<string>();
        foreach (var (table, column) in all)
        {
            await using var look = new NpgsqlCommand($"select {holds(table, column)}", connection);
            if ((bool)(await look.ExecuteScalarAsync())!)
            {
                found.Add(named(table, column));
            }
        }

        return found;
    }

    private Task<List<string>> ListAsync(string sql) => EachAsync($"select each, '' from ({sql}) list (each)", (_, _) => "true", (each, _) => each);
}
