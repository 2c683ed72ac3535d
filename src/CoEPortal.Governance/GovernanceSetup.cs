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
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Privacy;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Governance.SharedFailures;
using CoEPortal.Governance.Sharing;
using CoEPortal.Governance.StageGates;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Governance.Training;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace CoEPortal.Governance;

/// <summary>The features of the product, one line for each thing it can do.</summary>
public static class GovernanceSetup
{
    /// <summary>
    /// A third of what a decision cost the database was planning, again and again: its statements, and those of its triggers and
    /// foreign keys, since between two commands a connection without prepared statements is made to forget every plan. And
    /// nothing is left on a session that the next command would have to be protected from: no settings, no temporary tables, and
    /// whoever takes a lock for longer than a transaction gives it back (<see cref="KillSwitches.StartDrill"/>, <see cref="KillSwitches.PushToGateway"/>).
    /// In front, so that a connection string can say otherwise, as one that leads to a PgBouncer before 1.21 must.
    /// </summary>
    private const string Prepared = "Max Auto Prepare=100;No Reset On Close=true;";

    /// <param name="services">Needs a <see cref="TimeProvider"/>, an <see cref="Organisation"/> and, where people act, a <see cref="PersonalDataKey"/>.</param>
    /// <param name="runtimeConnectionString">Connects as the runtime role, which owns nothing.</param>
    /// <param name="contentFolder">Holds <c>templates</c> and <c>workflows</c>.</param>
    public static IServiceCollection AddGovernance(this IServiceCollection services, string runtimeConnectionString, string contentFolder)
    {
        services.AddSingleton(_ => NpgsqlDataSource.Create(Prepared + runtimeConnectionString));
        services.AddPooledDbContextFactory<GovernanceDb>((provider, options) => options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        return services
            .AddAccess()
            .AddNotifications()
            .AddPolicies(contentFolder)
            .AddIntake(contentFolder)
            .AddPatterns()
            .AddImport(contentFolder)
            .AddApprovals(contentFolder)
            .AddDpia(contentFolder)
            .AddCards(contentFolder)
            .AddGates(contentFolder)
            .AddTraining()
            .AddKillSwitches()
            .AddKillCriteria()
            .AddTelemetry(contentFolder)
            .AddFeedback()
            .AddAdoption()
            .AddSharedFailures()
            .AddIncidents(contentFolder)
            .AddExercises(contentFolder)
            .AddShadowAi(contentFolder)
            .AddPortfolio(contentFolder)
            .AddStageGates(contentFolder)
            .AddReports()
            .AddPrivacy();
    }

    private static IServiceCollection AddAccess(this IServiceCollection services) => services
        .AddSingleton<PersonDirectory>()
        .AddSingleton<LearnEmail>()
        .AddSingleton<ChooseMail>()
        .AddSingleton<ChooseNotices>()
        .AddSingleton<SendDigests>()
        .AddSingleton<IssueMachineToken>()
        .AddSingleton<RevokeMachineToken>()
        .AddSingleton<ConfirmIdentity>()
        .AddSingleton<PersonKeys>()
        .AddSingleton<ClaimPersonalDataKey>()
        .AddSingleton<ChangePersonalDataKey>()
        .AddSingleton<OpenEntries>()
        .AddSingleton<Timeline>()
        .AddSingleton<IntegrateEvents>()
        .AddSingleton<ExportLog>()
        .AddSingleton<ReadCheckpoint>()
        .AddSingleton<AwaitCheckpoint>()
        .AddSingleton<AuditExplorer>()
        .AddSingleton<ProveEntry>();

    private static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        // Whoever can send mail says so instead.
        services.TryAddSingleton(NoticeMail.Off);
        services.TryAddSingleton<LookUpHost>((host, cancellation) => System.Net.Dns.GetHostAddressesAsync(host, cancellation));
        return services
            .AddSingleton<Notices>()
            .AddSingleton<NotificationInbox>()
            .AddSingleton<MarkNotificationsRead>()
            .AddSingleton<ConfigureChannel>()
            .AddSingleton<ChannelList>()
            .AddSingleton<OutboxList>()
            .AddSingleton<RepairOutbox>()
            .AddSingleton<DeliverOutbox>();
    }

    private static IServiceCollection AddPolicies(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<PublishPolicy>(provider, Path.Combine(contentFolder, "templates", "policies")))
        .AddSingleton<AcknowledgePolicy>()
        .AddSingleton<PolicyShelf>()
        .AddSingleton<RemindOfPolicies>();

    private static IServiceCollection AddIntake(this IServiceCollection services, string contentFolder) => services
        .AddSingleton<ProposalValidator>()
        .AddSingleton<StartUseCase>()
        .AddSingleton<SaveDraft>()
        .AddSingleton<InviteEditor>()
        .AddSingleton<ShareRevision>()
        .AddSingleton<KeepDocuments>()
        .AddSingleton<IReviewedRecords, ReviewedDocuments>()
        .AddSingleton<OpenShareLink>()
        .AddSingleton<KeepRules>()
        .AddSingleton<OverrideJudgement>()
        .AddSingleton<OverrideList>()
        .AddSingleton(provider => new TriageRules(Path.Combine(contentFolder, "templates", "rules"), provider.GetRequiredService<Organisation>()));

    private static IServiceCollection AddPatterns(this IServiceCollection services) => services
        .AddSingleton<WritePattern>()
        .AddSingleton<PublishPattern>()
        .AddSingleton<PatternLibrary>()
        .AddSingleton<KeepRegister>()
        .AddSingleton<SourceRegister>()
        .AddSingleton<EndClearance>()
        .AddSingleton<SweepClearances>()
        .AddSingleton<ReviewClearance>()
        .AddSingleton<ClearanceList>();

    private static IServiceCollection AddImport(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<ImportMappings>(provider, Path.Combine(contentFolder, "templates", "import")))
        .AddSingleton<ImportUseCases>()
        .AddSingleton<ImportHistory>()
        .AddSingleton<GrantGrace>()
        .AddSingleton<EndGraces>();

    private static IServiceCollection AddApprovals(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<PublishWorkflows>(provider, Path.Combine(contentFolder, "workflows")))
        .AddSingleton<PublishedDefinitions>()
        .AddSingleton<ReviewNotices>()
        .AddSingleton<SettleReview>()
        .AddSingleton<LaneRuntime>()
        .AddSingleton<SubmitProposal>()
        .AddSingleton<EndReviewOf>()
        .AddSingleton<DecideReview>()
        .AddSingleton<WithdrawProposal>()
        .AddSingleton<ClaimTask>()
        .AddSingleton<DelegateReview>()
        .AddSingleton<LiftVeto>()
        .AddSingleton<SeeToCondition>()
        .AddSingleton<OperateLane>()
        .AddSingleton<SweepReviewTimers>()
        .AddSingleton<Discussion>()
        .AddSingleton<QuestionThreads>()
        .AddSingleton<ReviewLooks>()
        .AddSingleton<Delegations>()
        .AddSingleton<FollowUps>()
        .AddSingleton<LaneList>()
        .AddSingleton<WorkflowCatalogue>()
        .AddSingleton<ReviewInbox>()
        .AddSingleton<ReviewSheets>();

    private static IServiceCollection AddDpia(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => new VersionedFiles<DpiaTemplate>(Path.Combine(contentFolder, "templates", "dpia"), DpiaTemplate.Files, provider.GetRequiredService<Organisation>()))
        .AddSingleton<IReviewedRecords, ReviewedDpias>()
        .AddSingleton<WriteDpia>()
        .AddSingleton<SignDpia>()
        .AddSingleton<AskDpiaReview>()
        .AddSingleton<IReviewTopic, DpiaReviews>()
        .AddSingleton<DpiaNotices>()
        .AddSingleton<SweepDpias>()
        .AddSingleton<DpiaLibrary>();

    private static IServiceCollection AddCards(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => new VersionedFiles<CardTemplate>(Path.Combine(contentFolder, "templates", "cards"), CardTemplate.Files, provider.GetRequiredService<Organisation>()))
        .AddSingleton<IReviewedRecords, ReviewedCards>()
        .AddSingleton<WriteCard>()
        .AddSingleton<PublishCard>()
        .AddSingleton<CardLibrary>();

    private static IServiceCollection AddGates(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => new VersionedFiles<GateRules>(Path.Combine(contentFolder, "templates", "gates"), GateRules.Files, provider.GetRequiredService<Organisation>()))
        .AddSingleton(provider => new VersionedFiles<DutyRules>(Path.Combine(contentFolder, "templates", "gates"), DutyRules.Files, provider.GetRequiredService<Organisation>()))
        .AddSingleton<ApproveVersion>()
        .AddSingleton<RecordGateResult>()
        .AddSingleton<RequestPromotion>()
        .AddSingleton<WithdrawPromotion>()
        .AddSingleton<IReviewTopic, PromotionReviews>()
        .AddSingleton<SetGateMetric>()
        .AddSingleton<ManagePipelineKeys>()
        .AddSingleton<FollowFinding>()
        .AddSingleton<GateBoard>();

    private static IServiceCollection AddTraining(this IServiceCollection services) => services
        .AddSingleton<DefineCourse>()
        .AddSingleton<RecordTraining>()
        .AddSingleton<SweepTraining>()
        .AddSingleton<TrainingRegister>();

    private static IServiceCollection AddKillSwitches(this IServiceCollection services) => services
        .AddSingleton<BindCredential>()
        .AddSingleton<EngageKillSwitch>()
        .AddSingleton<ReleaseKillSwitch>()
        .AddSingleton<SweepDuties>()
        .AddSingleton<TellOfSwitches>()
        .AddSingleton<DutyList>()
        .AddSingleton<SwitchConsole>()
        .AddSingleton<StartDrill>()
        .AddSingleton<DrillHistory>()
        .AddSingleton<RegisterActuators>()
        .AddSingleton<PushToGateway>()
        .AddSingleton<ActuatorList>()
        .AddSingleton<RecoverGeneration>()
        .AddSingleton<RaiseAfterRestore>()
        .AddSingleton<EnforcerAcks>()
        .AddSingleton<EnforcementSnapshots>();

    private static IServiceCollection AddKillCriteria(this IServiceCollection services) => services
        .AddSingleton<TightenCriterion>()
        .AddSingleton<DryRunCriteria>()
        .AddSingleton<CriteriaInForce>()
        .AddSingleton<RemainingBudgets>()
        .AddSingleton<SweepExpiredApprovals>()
        .AddSingleton<SweepStaleCards>();

    private static IServiceCollection AddTelemetry(this IServiceCollection services, string contentFolder)
    {
        services.TryAddSingleton(new TelemetryRetention());
        return services
            .AddSingleton(_ => new PriceBooks(Path.Combine(contentFolder, "templates", "prices")))
            .AddSingleton<RecordCalls>()
            .AddSingleton<RecordMetrics>()
            .AddSingleton<RecordSignals>()
            .AddSingleton<RecordEvaluations>()
            .AddSingleton<RepriceCalls>()
            .AddSingleton<RetainCalls>()
            .AddSingleton<SignalList>()
            .AddSingleton<OrphanTraffic>()
            .AddSingleton<StopReach>()
            .AddSingleton<BudgetBurns>()
            .AddSingleton<QualitySeries>()
            .AddSingleton<TopicMixes>()
            .AddSingleton<UsageBreakdown>()
            .AddSingleton<UsageReport>();
    }

    private static IServiceCollection AddAdoption(this IServiceCollection services) => services
        .AddSingleton<RunRollout>()
        .AddSingleton<KeepChampions>()
        .AddSingleton<AdoptionSheets>()
        .AddSingleton<ChampionBoard>();

    private static IServiceCollection AddSharedFailures(this IServiceCollection services) => services
        .AddSingleton<ShareFailure>()
        .AddSingleton<FailureBoard>();

    private static IServiceCollection AddFeedback(this IServiceCollection services) => services
        .AddSingleton<RecordFeedback>()
        .AddSingleton<EnterFeedback>()
        .AddSingleton<TriageFeedback>()
        .AddSingleton<FeedbackInbox>();

    private static IServiceCollection AddIncidents(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(_ => new Runbooks(Path.Combine(contentFolder, "templates", "runbooks")))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<PublishClockRules>(provider, Path.Combine(contentFolder, "templates", "clocks")))
        .AddSingleton<IncidentNotices>()
        .AddSingleton<ReportIncident>()
        .AddSingleton<TriageIncident>()
        .AddSingleton<MoveIncident>()
        .AddSingleton<HandleIncident>()
        .AddSingleton<StopFromIncident>()
        .AddSingleton<TellAffected>()
        .AddSingleton<SeeToIncidentAction>()
        .AddSingleton<SweepIncidents>()
        .AddSingleton<HoldOperationsReview>()
        .AddSingleton<IncidentList>()
        .AddSingleton<IncidentSheets>()
        .AddSingleton<OperationsReviews>();

    private static IServiceCollection AddExercises(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(_ => new Scenarios(Path.Combine(contentFolder, "templates", "exercises")))
        .AddSingleton<RunExercise>()
        .AddSingleton<ExerciseCalendar>();

    private static IServiceCollection AddShadowAi(this IServiceCollection services, string contentFolder)
    {
        var folder = Path.Combine(contentFolder, "templates", "shadow-ai");
        return services
            .AddSingleton(_ => ServiceCatalogue.Newest(folder))
            .AddSingleton<HostMatcher>()
            .AddSingleton(_ => new UsageFormats(folder))
            .AddSingleton(provider => new VersionedFiles<ToolRisk>(folder, ToolRisk.Files, provider.GetRequiredService<Organisation>()))
            .AddSingleton<OpenCampaign>()
            .AddSingleton<ReceiveUsage>()
            .AddSingleton<ReadUsage>()
            .AddSingleton<DecideFinding>()
            .AddSingleton<SignCampaign>()
            .AddSingleton<RevealPerson>()
            .AddSingleton<AnswerSurvey>()
            .AddSingleton<ForgetInCampaigns>()
            .AddSingleton<SweepCampaigns>()
            .AddSingleton<CampaignSheets>();
    }

    private static IServiceCollection AddPortfolio(this IServiceCollection services, string contentFolder) => services
        .AddSingleton<UseCaseList>()
        .AddSingleton<UseCaseDetails>()
        .AddSingleton<LikelyDuplicates>()
        .AddSingleton<RulesPreview>()
        .AddSingleton<EnterReading>()
        .AddSingleton<RecordReading>()
        .AddSingleton<MeasuredEffect>()
        .AddSingleton<StateWorth>()
        .AddSingleton<Returns>()
        .AddSingleton<StopUseCase>()
        .AddSingleton<StoppedUseCases>()
        .AddSingleton<CandidateValidator>()
        .AddSingleton<KeepCandidates>()
        .AddSingleton<CandidateList>()
        .AddSingleton(_ => CandidateRules.Read(Path.Combine(contentFolder, "templates", "rules", "candidates.yaml")))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<PortfolioRanking>(provider, RankingWeights.Read(Path.Combine(contentFolder, "templates", "rules", "ranking.yaml"))))
        .AddSingleton<HomeBoard>();

    private static IServiceCollection AddStageGates(this IServiceCollection services, string contentFolder) => services
        .AddSingleton(provider => new VersionedFiles<StageGateRules>(Path.Combine(contentFolder, "templates", "stage-gates"), StageGateRules.Files, provider.GetRequiredService<Organisation>()))
        .AddSingleton<StageGateNotices>()
        .AddSingleton<AnswerStageGate>()
        .AddSingleton<DecideStageGate>()
        .AddSingleton<MovePhase>()
        .AddSingleton<StageGateSheets>();

    private static IServiceCollection AddReports(this IServiceCollection services) => services
        .AddSingleton<RequestAuditPack>()
        .AddSingleton<TakeAuditPack>()
        .AddSingleton<CancelAuditPack>()
        .AddSingleton<CollectAuditPack>()
        .AddSingleton<ReportChoices>()
        .AddSingleton<AuditPackJobs>();

    private static IServiceCollection AddPrivacy(this IServiceCollection services) => services
        .AddSingleton<AskErasure>()
        .AddSingleton<CarryOutErasure>()
        .AddSingleton<SetLegalHold>()
        .AddSingleton<PersonRecords>()
        .AddSingleton<ErasureRequests>()
        .AddSingleton<LegalHolds>();
}
