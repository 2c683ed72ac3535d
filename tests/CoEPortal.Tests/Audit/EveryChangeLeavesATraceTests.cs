using System.Text.RegularExpressions;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
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
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Privacy;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Governance.SharedFailures;
using CoEPortal.Governance.Sharing;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Governance.Training;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Audit;

/// <summary>
/// Every class of the rules that can reach the database is in one of three lists: it makes events, and here are which; it changes
/// something that is no event, and here is why; or it only reads. A class that is in none fails, so that none is forgotten.
/// </summary>
public sealed partial class EveryChangeLeavesATraceTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    /// <summary>What changes without an event, and why that is right.</summary>
    private static readonly Dictionary<Type, string> Quiet = new()
    {
        [typeof(SaveDraft)] = "drafts are not audit events; submitting freezes what was saved",
        [typeof(ChooseMail)] = "a person's own preference",
        [typeof(ChooseNotices)] = "a person's own preference",
        [typeof(SendDigests)] = "copies of what a person was told already",
        [typeof(TellOfSwitches)] = "tells of what the switch's own events tell",
        [typeof(SweepTraining)] = "moves the day that enforcement reads, by the calendar",
        [typeof(LearnEmail)] = "an address as the sign-in says it",
        [typeof(ConfirmIdentity)] = "a sign-in; the decision it allows carries its time",
        [typeof(MarkNotificationsRead)] = "a person's own list",
        [typeof(DeliverOutbox)] = "copies of what events tell already",
        [typeof(ReviewLooks)] = "what a reviewer has ticked for themselves",
        [typeof(EnforcerAcks)] = "told by machines several times a second",
        [typeof(EnforcementSnapshots)] = "which generation a node applies, every second",
        [typeof(RecordCalls)] = "telemetry; a limit that breaks engages a switch, which is an event",
        [typeof(RecordEvaluations)] = "telemetry",
        [typeof(RecordFeedback)] = "told by machines, by the thousand; what people do about it is an event",
        [typeof(RecordMetrics)] = "telemetry",
        [typeof(RecordSignals)] = "telemetry",
        [typeof(RetainCalls)] = "drops months of telemetry by a fixed rule",
        [typeof(RemindOfPolicies)] = "tells people of what was published, which is an event",
        [typeof(CoEPortal.Governance.Scoring.KeepRules)] = "rules are kept by their hash; each score names its version",
        [typeof(PublishClockRules)] = "rules are immutable and kept by their hash; each clock names its version and source",
        [typeof(PublishWorkflows)] = "definitions are immutable and kept by their hash; each round pins its own",
        [typeof(ClaimPersonalDataKey)] = "which key the database is used with, at its first start",
        [typeof(IntegrateEvents)] = "keeps the log itself",
        [typeof(SignCheckpoints)] = "keeps the log itself",
    };

    /// <summary>What only reads: held by a look at its source.</summary>
    private static readonly Type[] Readers =
    [
        typeof(ActuatorList), typeof(AdoptionSheets), typeof(ChampionBoard), typeof(FailureBoard), typeof(CandidateList), typeof(AuditExplorer), typeof(AuditPackJobs), typeof(AwaitCheckpoint), typeof(BudgetBurns), typeof(CampaignSheets),
        typeof(CardLibrary), typeof(ChannelList), typeof(ClearanceList), typeof(CoEPortal.Governance.Scoring.OverrideList), typeof(CollectAuditPack),
        typeof(CriteriaInForce), typeof(Delegations), typeof(DpiaLibrary), typeof(DrillHistory), typeof(DryRunCriteria), typeof(OutboxList),
        typeof(PatternLibrary), typeof(PolicyShelf), typeof(SourceRegister), typeof(TrainingRegister),
        typeof(DutyList), typeof(ExerciseCalendar), typeof(ExportLog), typeof(FeedbackInbox), typeof(FollowUps), typeof(GateBoard),
        typeof(IncidentList), typeof(IncidentSheets), typeof(OperationsReviews),
        typeof(LaneList), typeof(NotificationInbox), typeof(OrphanTraffic), typeof(PersonDirectory), typeof(ProveEntry), typeof(ReadCheckpoint),
        typeof(RemainingBudgets), typeof(ReportChoices), typeof(ReviewInbox), typeof(ReviewSheets), typeof(SignalList), typeof(StopReach), typeof(SwitchConsole),
        typeof(Timeline), typeof(TopicMixes), typeof(UsageBreakdown), typeof(UsageChunks), typeof(UsageReport),
        typeof(CoEPortal.Governance.Portfolio.HomeBoard), typeof(CoEPortal.Governance.Portfolio.UseCaseDetails), typeof(CoEPortal.Governance.Portfolio.UseCaseList),
        typeof(CoEPortal.Governance.Portfolio.LikelyDuplicates), typeof(CoEPortal.Governance.Portfolio.RulesPreview), typeof(CoEPortal.Governance.Portfolio.StoppedUseCases),
        typeof(CoEPortal.Governance.Portfolio.PortfolioRanking), typeof(CoEPortal.Governance.Portfolio.MeasuredEffect),
        typeof(CoEPortal.Governance.StageGates.StageGateSheets), typeof(CoEPortal.Governance.Portfolio.Returns),
        typeof(WorkflowCatalogue), typeof(ImportHistory), typeof(PersonRecords), typeof(ErasureRequests), typeof(LegalHolds),
    ];

    private sealed record Change(Type Command, string What, Func<EveryChangeLeavesATraceTests, Task<Func<Task>>> PrepareAsync, params string[] Events);

    /// <summary>What is done, after what has to be there first; and all events it leaves, no more and no fewer.</summary>
    private static readonly Change[] Changes =
    [
        new(typeof(IssueMachineToken), "a token", t => Now(() => t.IssueAsync()), "MachineTokenIssued"),
        new(typeof(RevokeMachineToken), "a token taken away", async t =>
        {
            await t.IssueAsync();
            return () => t.Get<RevokeMachineToken>().RunAsync("gateway", Who("admin"));
        }, "MachineTokenRevoked"),
        new(typeof(StartUseCase), "a use case", t => Now(() => t.Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)), "UseCaseStarted"),
        new(typeof(ImportUseCases), "an import of two use cases", t => Now(() => t.ImportAsync("A,Claims\nB,Claims\n,Claims\n")), "InventoryImported", "UseCaseRegistered", "UseCaseRegistered"),
        new(typeof(ImportMappings), "a mapping saved", t => Now(() => t.Get<ImportMappings>().SaveAsync(ImportMappings.Given(Mapping).Mapping, Who("coe-lead"))), "ImportMappingSaved"),
        new(typeof(GrantGrace), "a grace", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            return t.GraceAsync;
        }, "GraceGranted"),
        new(typeof(GrantGrace), "a grace taken back", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            await t.GraceAsync();
            return () => t.Get<GrantGrace>().EndAsync("UC-0001", Who("coe-lead"));
        }, "GraceEnded"),
        new(typeof(EndGraces), "a grace that ended", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            await t.GraceAsync();
            t.Clock.Advance(TimeSpan.FromDays(60));
            return () => t.Get<EndGraces>().RunAsync();
        }, "GraceEnded"),
        new(typeof(CoEPortal.Governance.Portfolio.EnterReading), "a reading", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            return () => t.ReadingAsync();
        }, "KpiReadingEntered"),
        new(typeof(CoEPortal.Governance.Portfolio.EnterReading), "a reading taken back", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            var reading = await t.ReadingAsync();
            return () => t.Get<CoEPortal.Governance.Portfolio.EnterReading>().WithdrawAsync("UC-0001", reading.Id, Who("coe-lead"));
        }, "KpiReadingWithdrawn"),
        new(typeof(CoEPortal.Governance.Portfolio.RecordReading), "a reading pushed, and its correction", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            return async () =>
            {
                await t.PushAsync("r1", 3, null);
                await t.PushAsync("r1", 3, null);
                await t.PushAsync("r2", 2, "r1");
            };
        }, "KpiReadingEntered", "KpiReadingEntered", "KpiReadingWithdrawn"),
        new(typeof(CoEPortal.Governance.Portfolio.StateWorth), "what a KPI is worth", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            return () => t.Get<CoEPortal.Governance.Portfolio.StateWorth>().RunAsync("UC-0001", new(0.5m, "Controlling", 1000, 0, 0, new DateOnly(2026, 9, 1)), null, Who("coe-lead"));
        }, "KpiWorthStated"),
        new(typeof(CoEPortal.Governance.Portfolio.StopUseCase), "a use case ended", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            return () => t.Get<CoEPortal.Governance.Portfolio.StopUseCase>().RunAsync("UC-0001", "Nobody used it.", "Ask users first.", Who("coe-lead"));
        }, "UseCaseStopped"),
        new(typeof(CoEPortal.Governance.StageGates.AnswerStageGate), "an answer at a stage gate", async t =>
        {
            await t.Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
            return () => t.GateAnswerAsync();
        }, "StageGateAnswered"),
        new(typeof(CoEPortal.Governance.StageGates.DecideStageGate), "a gate killed", async t =>
        {
            await t.Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
            var answer = await t.GateAnswerAsync();
            return () => t.Get<CoEPortal.Governance.StageGates.DecideStageGate>().RunAsync(
                "UC-0001", answer.Gate, CoEPortal.Governance.StageGates.StageGateOutcome.Killed, "No data.", "Ask first.", answer.ContentHash, Who("risk"));
        }, "StageGateDecided", "UseCaseStopped"),
        new(typeof(CoEPortal.Governance.StageGates.MovePhase), "a phase", async t =>
        {
            await t.ImportAsync("A,Claims\n");
            await t.AsOwnerAsync("update use_case set registered_phase = 'Pilot', phase = 'Pilot', stage = 'Draft'");
            return () => t.Get<CoEPortal.Governance.StageGates.MovePhase>().RunAsync("UC-0001", Phase.ProofOfConcept, "Too early.", Who("risk"));
        }, "PhaseMoved"),
        new(typeof(SubmitProposal), "a proposal", async t =>
        {
            var useCase = await t.Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
            return () => t.Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        }, "ProposalSubmitted", "ReviewOpened"),
        new(typeof(SubmitProposal), "a proposal that follows a pattern", async t =>
        {
            var useCase = await t.Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal);
            return () => t.Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        }, "ProposalSubmitted", "ReviewOpened", "ReviewSettled", "UseCaseApproved", "UseCaseCleared"),
        new(typeof(KeepRegister), "a data source", t => Now(() => t.SourceAsync()), "DataSourceRegistered"),
        new(typeof(KeepRegister), "a data source changed", async t =>
        {
            var source = await t.SourceAsync();
            return () => t.Get<KeepRegister>().ChangeAsync(source.Key, Source with { System = "Vault" }, source.Version, Who("privacy"));
        }, "DataSourceChanged"),
        new(typeof(KeepRegister), "a data source given to another", async t =>
        {
            var source = await t.SourceAsync();
            return () => t.Get<KeepRegister>().GiveAsync(source.Key, Who("legal").Id, Who("privacy"));
        }, "DataSourceGiven"),
        new(typeof(KeepRegister), "a data source that is no longer there", async t =>
        {
            var source = await t.SourceAsync();
            return () => t.Get<KeepRegister>().RetireAsync(source.Key, Who("privacy"));
        }, "DataSourceRetired"),
        new(typeof(ShareRevision), "a link for reading", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.Get<ShareRevision>().RunAsync("UC-0001", 1, "Works council", 14, Who("submitter"));
        }, "ShareLinkMade"),
        new(typeof(ShareRevision), "a link revoked", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var (link, _) = await t.Get<ShareRevision>().RunAsync("UC-0001", 1, "Works council", 14, Who("submitter"));
            return () => t.Get<ShareRevision>().RevokeAsync("UC-0001", link.Id, Who("submitter"));
        }, "ShareLinkRevoked"),
        new(typeof(KeepDocuments), "a document", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.Get<KeepDocuments>().AddAsync("UC-0001", "Test", UploadedFile.Read("a.txt", "a"u8.ToArray()), Who("submitter"));
        }, "DocumentAdded"),
        new(typeof(KeepDocuments), "a document withdrawn", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            await t.Get<KeepDocuments>().AddAsync("UC-0001", "Test", UploadedFile.Read("a.txt", "a"u8.ToArray()), Who("submitter"));
            return () => t.Get<KeepDocuments>().WithdrawAsync("UC-0001", 1, "Old", Who("submitter"));
        }, "DocumentWithdrawn"),
        new(typeof(OpenShareLink), "a link opened", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var (_, token) = await t.Get<ShareRevision>().RunAsync("UC-0001", 1, "Works council", 14, Who("submitter"));
            return () => t.Get<OpenShareLink>().RunAsync(token);
        }, "ShareLinkOpened"),
        new(typeof(PublishPolicy), "policies of files", t => Now(() => t.Get<PublishPolicy>().FromFilesAsync()), "PolicyPublished", "PolicyPublished", "PolicyPublished"),
        new(typeof(PublishPolicy), "a policy", t => Now(() => t.PolicyAsync()), "PolicyPublished"),
        new(typeof(AcknowledgePolicy), "a policy acknowledged", async t =>
        {
            var policy = await t.PolicyAsync();
            return () => t.Get<AcknowledgePolicy>().RunAsync("notes", 1, policy.ContentHash, Who("brand"));
        }, "PolicyAcknowledged"),
        new(typeof(WritePattern), "a pattern", t => Now(() => t.Get<WritePattern>().StartAsync(HelpPattern, Who("coe-lead"))), "PatternStarted"),
        new(typeof(WritePattern), "a pattern given to another", t => Now(() => t.Get<WritePattern>().GiveAsync("PAT-0001", Who("coe-lead2").Id, Who("coe-lead"))), "PatternGiven"),
        new(typeof(PublishPattern), "a pattern published", async t =>
        {
            var pattern = await t.Get<WritePattern>().StartAsync(HelpPattern, Who("coe-lead"));
            return () => t.Get<PublishPattern>().RunAsync(pattern.Key, pattern.ContentHash, null, Who("coe-lead2"));
        }, "PatternPublished"),
        new(typeof(PublishPattern), "a pattern withdrawn", t => Now(() => t.Get<PublishPattern>().WithdrawAsync("PAT-0001", "Too wide.", Who("coe-lead"))), "PatternWithdrawn"),
        new(typeof(ReviewClearance), "a sample confirmed", async t =>
        {
            var key = await t.GivenAnApprovedAsync(HelpBotProposal);
            return () => t.Get<ReviewClearance>().RunAsync(key, 1, SampleOutcome.Confirmed, "", Who("risk"));
        }, "ClearanceReviewed"),
        new(typeof(ReviewClearance), "a sample objected to", async t =>
        {
            var key = await t.GivenAnApprovedAsync(HelpBotProposal);
            return () => t.Get<ReviewClearance>().RunAsync(key, 1, SampleOutcome.Objected, "It reads tickets.", Who("risk"));
        }, "ApprovalEnded", "ClearanceReviewed"),
        new(typeof(CoEPortal.Governance.Scoring.OverrideJudgement), "an override asked for", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.OverrideAsync();
        }, "OverrideProposed"),
        new(typeof(CoEPortal.Governance.Scoring.OverrideJudgement), "an override confirmed", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            await t.OverrideAsync();
            return () => t.Get<CoEPortal.Governance.Scoring.OverrideJudgement>().DecideAsync("UC-0001", 1, true, "", Who("risk"));
        }, "OverrideConfirmed"),
        new(typeof(CoEPortal.Governance.Scoring.OverrideJudgement), "an override refused", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            await t.OverrideAsync();
            return () => t.Get<CoEPortal.Governance.Scoring.OverrideJudgement>().DecideAsync("UC-0001", 1, false, "No.", Who("risk"));
        }, "OverrideRefused"),
        new(typeof(CoEPortal.Governance.Scoring.OverrideJudgement), "an override ended", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            await t.OverrideAsync();
            return () => t.Get<CoEPortal.Governance.Scoring.OverrideJudgement>().EndAsync("UC-0001", 1, "It changed.", Who("coe-lead"));
        }, "OverrideEnded"),
        new(typeof(SweepClearances), "a pattern that is no more", async t =>
        {
            await t.GivenAnApprovedAsync(HelpBotProposal);
            await t.Get<PublishPattern>().WithdrawAsync("PAT-0001", "Too wide.", Who("coe-lead"));
            return () => t.Get<SweepClearances>().RunAsync();
        }, "ApprovalEnded"),
        new(typeof(WithdrawProposal), "a withdrawal", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.Get<WithdrawProposal>().RunAsync("UC-0001", "Not yet.", Who("submitter"));
        }, "ProposalWithdrawn", "ReviewSettled"),
        new(typeof(ClaimTask), "a task taken", async t =>
        {
            var task = await t.AskedAsync();
            return () => t.Get<ClaimTask>().RunAsync(task.Id, false, Who("legal"));
        }, "ReviewTaskClaimed"),
        new(typeof(ClaimTask), "a task given back", async t =>
        {
            var task = await t.AskedAsync();
            await t.Get<ClaimTask>().RunAsync(task.Id, false, Who("legal"));
            return () => t.Get<ClaimTask>().ReleaseAsync(task.Id, Who("legal"));
        }, "ReviewTaskReleased"),
        new(typeof(DecideReview), "an approval", async t =>
        {
            var task = await t.AskedAsync();
            return () => t.DecideAsync(task, "legal", DecisionKind.Approve);
        }, "DecisionRecorded"),
        new(typeof(DecideReview), "the last approval", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            foreach (var persona in new[] { "legal", "security", "privacy" })
            {
                await t.DecideAsync((await t.OpenTaskAsync("UC-0001", Enum.Parse<Role>(persona, true)))!, persona, DecisionKind.Approve);
            }

            var last = (await t.OpenTaskAsync("UC-0001"))!;
            return () => t.DecideAsync(last, "coe-lead", DecisionKind.Approve);
        }, "DecisionRecorded", "ReviewSettled", "UseCaseApproved"),
        new(typeof(DecideReview), "a veto", async t =>
        {
            var task = await t.AskedAsync();
            return () => t.DecideAsync(task, "legal", DecisionKind.Veto, "No contract.");
        }, "DecisionRecorded", "ReviewSettled"),
        new(typeof(DecideReview), "a refusal", async t =>
        {
            var task = await t.AskedAsync();
            return () => AttemptAsync(() => t.DecideAsync(task, "brand", DecisionKind.Approve));
        }, "AttemptRefused"),
        new(typeof(LiftVeto), "a veto lifted", async t =>
        {
            var task = await t.AskedAsync();
            var round = await t.DecideAsync(task, "legal", DecisionKind.Veto, "No contract.");
            return () => t.Get<LiftVeto>().RunAsync("UC-0001", "It was signed.", round.ContentHash, t.Confirmed("legal2"));
        }, "ReviewOpened", "VetoLifted"),
        new(typeof(DelegateReview), "a stand-in", t => Now(() => t.StandInAsync()), "DelegationGiven"),
        new(typeof(DelegateReview), "a stand-in no more", async t =>
        {
            var given = await t.StandInAsync();
            return () => t.Get<DelegateReview>().RevokeAsync(given.Id, Who("legal"));
        }, "DelegationRevoked"),
        new(typeof(SeeToCondition), "a condition reported", async t =>
        {
            var condition = await t.ConditionAsync();
            return () => t.Get<SeeToCondition>().ReportAsync(condition, "Done.", Who("submitter"));
        }, "ConditionReported"),
        new(typeof(SeeToCondition), "a condition met", async t =>
        {
            var condition = await t.ConditionAsync();
            await t.Get<SeeToCondition>().ReportAsync(condition, "Done.", Who("submitter"));
            return () => t.Get<SeeToCondition>().AcceptAsync(condition, Who("legal"));
        }, "ConditionMet"),
        new(typeof(SeeToCondition), "a condition sent back", async t =>
        {
            var condition = await t.ConditionAsync();
            await t.Get<SeeToCondition>().ReportAsync(condition, "Done.", Who("submitter"));
            return () => t.Get<SeeToCondition>().SendBackAsync(condition, "Not yet.", Who("legal"));
        }, "ConditionSentBack"),
        new(typeof(SeeToCondition), "a condition moved", async t =>
        {
            var condition = await t.ConditionAsync();
            return () => t.Get<SeeToCondition>().MoveAsync(condition, Who("submitter").Id, new DateOnly(2027, 3, 1), "Later.", Who("legal"));
        }, "ConditionMoved"),
        new(typeof(OperateLane), "a review cancelled", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            await using var db = await t.DbAsync();
            var instance = await db.LaneInstances.Select(i => i.Id).SingleAsync();
            return () => t.Get<OperateLane>().CancelAsync(instance, "Stuck.", Who("admin"));
        }, "ReviewCancelled"),
        new(typeof(SweepReviewTimers), "an overdue task", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            t.Clock.Advance(TimeSpan.FromDays(60));
            return async () =>
            {
                while (await t.Get<SweepReviewTimers>().RunAsync() > 0)
                {
                }
            };
        }, "ReviewEscalated", "ReviewEscalated", "ReviewEscalated"),
        new(typeof(Discussion), "a comment", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.Get<Discussion>().WriteAsync("UC-0001", "Who reads this?", Who("legal"));
        }, "CommentWritten"),
        new(typeof(Discussion), "a comment taken back", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var comment = await t.Get<Discussion>().WriteAsync("UC-0001", "Who reads this?", Who("legal"));
            return () => t.Get<Discussion>().RetractAsync(comment.Id, Who("legal"));
        }, "CommentRetracted"),
        new(typeof(ApproveVersion), "a version", async t =>
        {
            var key = await t.GivenAnApprovedAsync(HelpBotProposal);
            return () => t.Get<ApproveVersion>().RunAsync(key, new VersionPointer(Component.Prompt, "letters", "2"), Who("coe-lead"));
        }, "VersionApproved"),
        new(typeof(BindCredential), "a credential bound", async t =>
        {
            var key = await t.GivenAnApprovedAsync(HelpBotProposal);
            return () => t.Get<BindCredential>().RunAsync(key, CredentialKind.Team, "claims", "gw", Who("coe-lead"));
        }, "CredentialBound", "UseCaseWentIntoService"),
        new(typeof(BindCredential), "a credential taken away", async t =>
        {
            var key = await t.GivenAnApprovedAsync(HelpBotProposal);
            var bound = await t.Get<BindCredential>().RunAsync(key, CredentialKind.Team, "claims", "gw", Who("coe-lead"));
            return () => t.Get<BindCredential>().RemoveAsync(key, bound.Id, Who("coe-lead"));
        }, "CredentialUnbound"),
        new(typeof(EngageKillSwitch), "a stop", t => Now(() => t.StopAsync("security")), "KillSwitchEngaged"),
        new(typeof(EngageKillSwitch), "a refusal", t => Now(() => AttemptAsync(() => t.StopAsync("auditor"))), "AttemptRefused"),
        new(typeof(ReleaseKillSwitch), "the first of two", async t =>
        {
            await t.StopAsync("security");
            return () => t.ReleaseAsync("security");
        }, "KillSwitchReleaseStarted"),
        new(typeof(ReleaseKillSwitch), "the second of two", async t =>
        {
            await t.StopAsync("security");
            await t.ReleaseAsync("security");
            return () => t.ReleaseAsync("risk");
        }, "KillSwitchReleased"),
        new(typeof(RepriceCalls), "prices", t => Now(() => t.Get<RepriceCalls>().RunAsync(t.Clock.GetUtcNow().AddDays(-30), t.Clock.GetUtcNow(), "A new book.", Who("coe-lead"))), "CallsRepriced"),
        new(typeof(RequestAuditPack), "a report asked for", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.Get<RequestAuditPack>().RunAsync("UC-0001", Who("auditor"));
        }, "AuditPackRequested"),
        new(typeof(CancelAuditPack), "a report called off", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var job = await t.Get<RequestAuditPack>().RunAsync("UC-0001", Who("auditor"));
            return () => t.Get<CancelAuditPack>().RunAsync(job, Who("auditor"));
        }, "AuditPackCancelled"),
        new(typeof(EnterFeedback), "an opinion", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            return () => t.OpinionAsync();
        }, "FeedbackEntered"),
        new(typeof(TriageFeedback), "an opinion sorted", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var feedback = await t.OpinionAsync();
            return () => t.Get<TriageFeedback>().RunAsync(feedback.Id, FeedbackFix.Prompt, null, "", Who("coe-lead"));
        }, "FeedbackTriaged"),
        new(typeof(TriageFeedback), "an opinion seen to", async t =>
        {
            await t.GivenASubmittedAsync(ClaimsProposal);
            var feedback = await t.OpinionAsync();
            return () => t.Get<TriageFeedback>().FinishAsync(feedback.Id, "The prompt was changed.", Who("coe-lead"));
        }, "FeedbackDone"),
        new(typeof(AskErasure), "an erasure asked for", t => Now(() => t.ErasureAsync()), "ErasureAsked"),
        new(typeof(AskErasure), "an erasure taken back", async t =>
        {
            var asked = await t.ErasureAsync();
            return () => t.Get<AskErasure>().TakeBackAsync(asked.Id, "They stay.", Who("coe-lead"));
        }, "ErasureTakenBack"),
        new(typeof(CarryOutErasure), "a person erased", async t =>
        {
            var asked = await t.ErasureAsync();
            return () => t.Get<CarryOutErasure>().RunAsync(asked.Id, Who("coe-lead"));
        }, "PersonErased"),
        new(typeof(CarryOutErasure), "a refusal", async t =>
        {
            var asked = await t.ErasureAsync();
            return () => AttemptAsync(() => t.Get<CarryOutErasure>().RunAsync(asked.Id, Who("privacy")));
        }, "AttemptRefused"),
        new(typeof(SetLegalHold), "a hold", t => Now(() => t.HoldAsync()), "LegalHoldSet"),
        new(typeof(SetLegalHold), "a hold lifted", async t =>
        {
            var hold = await t.HoldAsync();
            return () => t.Get<SetLegalHold>().LiftAsync(hold.Id, "Settled.", Who("legal2"));
        }, "LegalHoldLifted"),
        new(typeof(RegisterActuators), "a gateway that is told", t =>
            Now(() => t.Get<RegisterActuators>().RunAsync([new ActuatorSetting("edge", ActuatorKind.HaProxy, "gw-edge")])), "ActuatorConfigured"),
        new(typeof(RaiseAfterRestore), "a restore", async t =>
        {
            using var key = LogKey.Create("test.example/audit");
            var signed = SignedCheckpoint.Open(key.Sign(new Checkpoint(key.Origin, 9, ContentHash.OfBytes([1]), t.Clock.GetUtcNow())), [PinnedKey.Parse(key.Public)]);
            return await Now(async () =>
            {
                Assert.NotNull(await t.Get<RaiseAfterRestore>().RunAsync(signed));
                Assert.Null(await t.Get<RaiseAfterRestore>().RunAsync(signed));
            });
        }, "RestoreNoticed"),
    ];

    /// <summary>What needs more than a sentence to be done is done, and its events counted, in a test of its own.</summary>
    private static readonly Dictionary<Type, string> Elsewhere = new()
    {
        [typeof(DefineCourse)] = nameof(Training.TrainingTests),
        [typeof(RunRollout)] = nameof(Adoption.RolloutTests),
        [typeof(KeepChampions)] = nameof(Adoption.ChampionTests),
        [typeof(ShareFailure)] = nameof(SharedFailures.SharedFailureTests),
        [typeof(RecordTraining)] = nameof(Training.TrainingTests),
        [typeof(ConfigureChannel)] = nameof(Notifications.ChannelTests),
        [typeof(RepairOutbox)] = nameof(Notifications.ChoiceTests),
        [typeof(RunExercise)] = nameof(Exercises.ExerciseTests),
        [typeof(OpenCampaign)] = nameof(ShadowAi.CampaignTests),
        [typeof(SignCampaign)] = nameof(ShadowAi.CampaignTests),
        [typeof(DecideFinding)] = nameof(ShadowAi.CampaignTests),
        [typeof(SweepCampaigns)] = nameof(ShadowAi.CampaignTests),
        [typeof(ReceiveUsage)] = nameof(ShadowAi.UsageImportTests),
        [typeof(ReadUsage)] = nameof(ShadowAi.UsageImportTests),
        [typeof(MergeUsage)] = nameof(ShadowAi.UsageImportTests),
        [typeof(RevealPerson)] = nameof(ShadowAi.CampaignPrivacyTests),
        [typeof(AnswerSurvey)] = nameof(ShadowAi.CampaignPrivacyTests),
        [typeof(ReportIncident)] = nameof(Incidents.IncidentTests),
        [typeof(TriageIncident)] = nameof(Incidents.IncidentTests),
        [typeof(MoveIncident)] = nameof(Incidents.IncidentTests),
        [typeof(HandleIncident)] = nameof(Incidents.IncidentTests),
        [typeof(StopFromIncident)] = nameof(Incidents.IncidentTests),
        [typeof(TellAffected)] = nameof(Incidents.IncidentTests),
        [typeof(SeeToIncidentAction)] = nameof(Incidents.IncidentTests),
        [typeof(SweepIncidents)] = nameof(Incidents.IncidentTests),
        [typeof(HoldOperationsReview)] = nameof(Incidents.IncidentTests),
        [typeof(ChangePersonalDataKey)] = nameof(ChangePersonalDataKeyTests),
        [typeof(TakeAuditPack)] = nameof(Reports.AuditPackJobTests),
        [typeof(InviteEditor)] = nameof(Intake.EditorTests),
        [typeof(QuestionThreads)] = nameof(Approvals.QuestionThreadTests),
        [typeof(KeepCandidates)] = nameof(Candidates.CandidateTests),
        [typeof(PushToGateway)] = nameof(KillSwitches.PushTests),
        [typeof(StartDrill)] = nameof(Enforcement.DrillTests),
        [typeof(TightenCriterion)] = nameof(KillSwitches.KillCriteriaTests),
        [typeof(SweepExpiredApprovals)] = nameof(KillSwitches.KillCriteriaTests),
        [typeof(SweepDuties)] = nameof(KillSwitches.DutyTests),
        [typeof(WriteDpia)] = nameof(Dpia.DpiaTests),
        [typeof(SignDpia)] = nameof(Dpia.DpiaTests),
        [typeof(AskDpiaReview)] = nameof(Dpia.DpiaReviewTests),
        [typeof(SweepDpias)] = nameof(Dpia.DpiaTests),
        [typeof(WriteCard)] = nameof(Cards.CardTests),
        [typeof(PublishCard)] = nameof(Cards.CardTests),
        [typeof(SweepStaleCards)] = nameof(Cards.CardTests),
        [typeof(RecordGateResult)] = nameof(Gates.GateTests),
        [typeof(RequestPromotion)] = nameof(Gates.GateTests),
        [typeof(WithdrawPromotion)] = nameof(Gates.GateTests),
        [typeof(SetGateMetric)] = nameof(Gates.GateTests),
        [typeof(ManagePipelineKeys)] = nameof(Gates.PipelineKeyTests),
        [typeof(FollowFinding)] = nameof(Gates.GateTests),
        [typeof(RecoverGeneration)] = nameof(KillSwitches.RestoredDatabaseTests),
    };

    public static TheoryData<string> Names => [.. Changes.Select(c => $"{c.Command.Name}: {c.What}")];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_done_leaves_exactly_its_events(string name)
    {
        var change = Changes.Single(c => $"{c.Command.Name}: {c.What}" == name);
        var act = await change.PrepareAsync(this);
        var before = await EventsAsync();

        await act();

        Assert.Equal(change.Events.Order(StringComparer.Ordinal), (await EventsAsync()).ExceptBy(before.Select(e => e.Id), e => e.Id).Select(e => e.Action).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_class_that_reaches_the_database_is_forgotten()
    {
        var reaching = typeof(GovernanceDb).Assembly.GetTypes()
            .Where(t => t.IsClass && !t.IsNested && t.GetConstructors().SelectMany(c => c.GetParameters()).Any(p => p.ParameterType == typeof(NpgsqlDataSource) || p.ParameterType == typeof(IDbContextFactory<GovernanceDb>)))
            .Select(t => t.Name);
        var listed = Changes.Select(c => c.Command).Distinct().Concat(Quiet.Keys).Concat(Readers).Concat(Elsewhere.Keys).Select(t => t.Name).ToList();

        Assert.Empty(reaching.Except(listed));
        Assert.Equal(listed.Count, listed.Distinct().Count());
    }

    [Fact]
    public void What_is_said_to_read_writes_nothing()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "CoEPortal.Governance"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        foreach (var reader in Readers)
        {
            var source = sources.Single(s => Regex.IsMatch(s, $@"class {reader.Name}\b"));

            Assert.False(Writing().IsMatch(source), $"{reader.Name} writes.");
        }
    }

    private async Task<List<(Guid Id, string Action)>> EventsAsync()
    {
        await using var db = await DbAsync();
        return [.. (await db.AuditEvents.AsNoTracking().Select(e => new { e.EventId, e.Action }).ToListAsync()).Select(e => (e.EventId, e.Action))];
    }

    private static Task<Func<Task>> Now(Func<Task> act) => Task.FromResult(act);

    private Task<UserFeedback> OpinionAsync() => Get<EnterFeedback>().RunAsync("UC-0001", FeedbackDraft.Of(false, null, "It named a wrong tariff.", null), Who("submitter"));

    private Task<Erasure> ErasureAsync() => Get<AskErasure>().RunAsync(Who("brand").Id, "Article 17.", "", Who("privacy"));

    private Task<LegalHold> HoldAsync() => Get<SetLegalHold>().RunAsync(HoldKind.Person, Who("brand").Id.Value, "Claim 4711.", Who("legal"));

    private static DataSourceDraft Source => new("Archive", "", "", DataClass.Internal, PersonalData.None, Residency.EuOnly, [], []);

    private Task<DataSource> SourceAsync() => Get<KeepRegister>().RegisterAsync(Source, Who("privacy"));

    private Task<PolicyVersion> PolicyAsync() => Get<PublishPolicy>().RunAsync("notes", "Notes", "Write them.", new DateOnly(2026, 11, 23), 0, Who("coe-lead"));

    private Task OverrideAsync() => Get<CoEPortal.Governance.Scoring.OverrideJudgement>().ProposeAsync("UC-0001", new(null, Lane.Full, "Its letters bind us."), Who("coe-lead"));

    private Task<string> IssueAsync() => Get<IssueMachineToken>().RunAsync("gateway", [MachineToken.EnforcementRead], null, TimeSpan.FromDays(1), Who("admin"));

    private async Task<ReviewTask> AskedAsync()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        return (await OpenTaskAsync("UC-0001", Role.Legal))!;
    }

    private Task<Delegation> StandInAsync()
    {
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());
        return Get<DelegateReview>().RunAsync(null, Role.Legal, Who("legal2").Id, today, today, "On leave.", Who("legal"));
    }

    private async Task<Guid> ConditionAsync()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        foreach (var persona in new[] { "legal", "security", "privacy", "coe-lead" })
        {
            var task = (await OpenTaskAsync("UC-0001", persona == "coe-lead" ? Role.CoeLead : Enum.Parse<Role>(persona, true)))!;
            await (persona == "legal" ? DecideAsync(task, persona, DecisionKind.ApproveWithConditions, "So be it.", null, "Say that AI helped.") : DecideAsync(task, persona, DecisionKind.Approve));
        }

        await using var db = await DbAsync();
        return await db.ConditionFollowUps.Select(f => f.Id).SingleAsync();
    }

    private const string Mapping = "name: small\nfields:\n  title: { column: Name }\n  businessUnit: { column: Unit }\n";

    private Task<ImportOutcome> ImportAsync(string rows) =>
        Get<ImportUseCases>().RunAsync(System.Text.Encoding.UTF8.GetBytes("Name,Unit\n" + rows), ImportMappings.Given(Mapping), false, Who("coe-lead"));

    private Task PushAsync(string id, decimal mean, string? corrects) => Get<CoEPortal.Governance.Portfolio.RecordReading>().RunAsync(
        "UC-0001", new(id, new(new DateOnly(2026, 11, 20), CoEPortal.Governance.Portfolio.Arm.WithAi, mean, 1, 50), corrects), null, "bi");

    private Task<CoEPortal.Governance.StageGates.StageGateAnswer> GateAnswerAsync() => Get<CoEPortal.Governance.StageGates.AnswerStageGate>().RunAsync(
        "UC-0001", CoEPortal.Governance.StageGates.StageGate.ProblemValidation, new(new Dictionary<string, string> { ["who"] = "Clerks.", ["today"] = "Hours.", ["without-ai"] = "A template." }, "Notes"), Who("submitter"));

    private Task<CoEPortal.Governance.Portfolio.KpiReading> ReadingAsync() => Get<CoEPortal.Governance.Portfolio.EnterReading>().RunAsync(
        "UC-0001", new(new DateOnly(2026, 11, 20), CoEPortal.Governance.Portfolio.Arm.WithAi, 3, 1, 50), Who("coe-lead"));

    private Task GraceAsync() => Get<GrantGrace>().RunAsync("UC-0001", new DateOnly(2026, 12, 24), "It has run since 2022.", Who("coe-lead"));

    private Task StopAsync(string persona) => Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "Leak.", "", Who(persona));

    private Task ReleaseAsync(string persona) => Get<ReleaseKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", "It was fixed.", Who(persona));

    [GeneratedRegex(@"SaveChanges|ExecuteUpdate|ExecuteDelete|insert into|\bupdate [a-z_.]+ set|delete from|EnforcementGeneration", RegexOptions.IgnoreCase)]
    private static partial Regex Writing();
}
