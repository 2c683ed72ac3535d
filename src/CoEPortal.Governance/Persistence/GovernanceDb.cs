using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Cards;
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
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Npgsql;

namespace CoEPortal.Governance.Persistence;

/// <summary>The table of contents of the database. Saving writes the audit events of every changed aggregate with it.</summary>
public sealed partial class GovernanceDb(DbContextOptions<GovernanceDb> options) : DbContext(options)
{
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<OutboxMessage> OutboxMessages => Set<OutboxMessage>();

    public DbSet<NoticeChannel> NoticeChannels => Set<NoticeChannel>();

    public DbSet<NoticeChoice> NoticeChoices => Set<NoticeChoice>();

    public DbSet<Person> People => Set<Person>();

    public DbSet<MachineToken> MachineTokens => Set<MachineToken>();

    public DbSet<UseCase> UseCases => Set<UseCase>();

    public DbSet<ImportRun> ImportRuns => Set<ImportRun>();

    public DbSet<ImportRow> ImportRows => Set<ImportRow>();

    public DbSet<SavedMapping> SavedMappings => Set<SavedMapping>();

    public DbSet<StageGateAnswer> StageGateAnswers => Set<StageGateAnswer>();

    public DbSet<KpiReading> KpiReadings => Set<KpiReading>();

    public DbSet<KpiWorth> KpiWorths => Set<KpiWorth>();

    public DbSet<PolicyVersion> PolicyVersions => Set<PolicyVersion>();

    public DbSet<Acknowledgement> Acknowledgements => Set<Acknowledgement>();

    public DbSet<DataSource> DataSources => Set<DataSource>();

    public DbSet<UseCaseDocument> UseCaseDocuments => Set<UseCaseDocument>();

    public DbSet<DocumentContent> DocumentContents => Set<DocumentContent>();

    public DbSet<ShareLink> ShareLinks => Set<ShareLink>();

    public DbSet<Pattern> Patterns => Set<Pattern>();

    public DbSet<JudgementOverride> JudgementOverrides => Set<JudgementOverride>();

    public DbSet<Clearance> Clearances => Set<Clearance>();

    public DbSet<PublishedWorkflow> PublishedWorkflows => Set<PublishedWorkflow>();

    public DbSet<LaneInstance> LaneInstances => Set<LaneInstance>();

    public DbSet<ApprovalRound> ApprovalRounds => Set<ApprovalRound>();

    public DbSet<ReviewTask> ReviewTasks => Set<ReviewTask>();

    public DbSet<ReviewTimer> ReviewTimers => Set<ReviewTimer>();

    public DbSet<Delegation> Delegations => Set<Delegation>();

    public DbSet<ConditionFollowUp> ConditionFollowUps => Set<ConditionFollowUp>();

    public DbSet<Comment> Comments => Set<Comment>();

    public DbSet<QuestionThread> QuestionThreads => Set<QuestionThread>();

    public DbSet<ReviewLook> ReviewLooks => Set<ReviewLook>();

    public DbSet<LaneIncident> LaneIncidents => Set<LaneIncident>();

    public DbSet<CredentialBinding> CredentialBindings => Set<CredentialBinding>();

    public DbSet<KillSwitch> KillSwitches => Set<KillSwitch>();

    public DbSet<PriceRun> PriceRuns => Set<PriceRun>();

    public DbSet<ApprovedVersion> ApprovedVersions => Set<ApprovedVersion>();

    public DbSet<ImpactAssessment> ImpactAssessments => Set<ImpactAssessment>();

    public DbSet<Card> Cards => Set<Card>();

    public DbSet<GateResult> GateResults => Set<GateResult>();

    public DbSet<PipelineKey> PipelineKeys => Set<PipelineKey>();

    public DbSet<GateSignature> GateSignatures => Set<GateSignature>();

    public DbSet<OwnMetric> OwnMetrics => Set<OwnMetric>();

    public DbSet<Promotion> Promotions => Set<Promotion>();

    public DbSet<RedTeamFinding> RedTeamFindings => Set<RedTeamFinding>();

    public DbSet<Course> Courses => Set<Course>();

    public DbSet<Completion> Completions => Set<Completion>();

    public DbSet<Certificate> Certificates => Set<Certificate>();

    public DbSet<MissedDuty> MissedDuties => Set<MissedDuty>();

    public DbSet<Actuator> Actuators => Set<Actuator>();

    public DbSet<Drill> Drills => Set<Drill>();

    public DbSet<CriterionTightening> CriterionTightenings => Set<CriterionTightening>();

    public DbSet<UserFeedback> UserFeedback => Set<UserFeedback>();

    public DbSet<Rollout> Rollouts => Set<Rollout>();

    public DbSet<Champion> Champions => Set<Champion>();

    public DbSet<SharedFailure> SharedFailures => Set<SharedFailure>();

    public DbSet<FailureEncounter> FailureEncounters => Set<FailureEncounter>();

    public DbSet<Incident> Incidents => Set<Incident>();

    public DbSet<IncidentFile> IncidentFiles => Set<IncidentFile>();

    public DbSet<PublishedClockRules> ClockRules => Set<PublishedClockRules>();

    public DbSet<OperationsReview> OperationsReviews => Set<OperationsReview>();

    public DbSet<Exercise> Exercises => Set<Exercise>();

    public DbSet<Campaign> Campaigns => Set<Campaign>();

    public DbSet<ToolFinding> ToolFindings => Set<ToolFinding>();

    public DbSet<UsageImport> UsageImports => Set<UsageImport>();

    public DbSet<CampaignCoverage> CampaignCoverages => Set<CampaignCoverage>();

    public DbSet<CampaignPerson> CampaignPeople => Set<CampaignPerson>();

    public DbSet<FindingPerson> FindingPeople => Set<FindingPerson>();

    public DbSet<PersonReveal> PersonReveals => Set<PersonReveal>();

    public DbSet<SurveyAnswerHeld> SurveyAnswersHeld => Set<SurveyAnswerHeld>();

    public DbSet<SurveyAnswerReleased> SurveyAnswersReleased => Set<SurveyAnswerReleased>();

    public DbSet<Candidate> Candidates => Set<Candidate>();

    public DbSet<AuditPackJob> AuditPackJobs => Set<AuditPackJob>();

    public DbSet<Erasure> Erasures => Set<Erasure>();

    public DbSet<LegalHold> LegalHolds => Set<LegalHold>();

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        var changed = ChangeTracker.Entries<Aggregate>().Select(e => e.Entity).Where(a => a.Recorded.Count > 0).ToList();
        foreach (var aggregate in changed)
        {
            foreach (var recorded in aggregate.Recorded)
            {
                AuditEvents.Add(AuditEvent.Of(recorded, aggregate.AuditSubject));
            }

            aggregate.Forget();
        }

        // Naming the changed aggregates has looked through everything for changes; events are added as what they are.
        ChangeTracker.AutoDetectChangesEnabled = false;
        try
        {
            await SealEventsAsync(cancellationToken);
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        // Whichever comes first: the row's version, or the number of the event that tells of the change.
        catch (DbUpdateException faster) when (faster is DbUpdateConcurrencyException
            || faster.InnerException is PostgresException { ConstraintName: "one_event_for_each_version_of_a_subject" })
        {
            throw new RuleViolationException("changed-meanwhile", "Somebody else changed this at the same moment. Look again, then decide.");
        }
        finally
        {
            ChangeTracker.AutoDetectChangesEnabled = true;
        }
    }

    private async Task SealEventsAsync(CancellationToken cancellation)
    {
        var unsealed = ChangeTracker.Entries<AuditEvent>().Where(e => e.State is EntityState.Added).Select(e => e.Entity).Where(e => e.Unsealed.Count > 0).ToList();
        if (unsealed.Count > 0)
        {
            await this.GetService<PersonKeys>().SealAsync(this, unsealed, cancellation);
        }
    }

    /// <summary>The use case, if it exists and this person may know of it: otherwise both answers are the same.</summary>
    public async Task<UseCase> DemandUseCaseAsync(string key, Actor reader, CancellationToken cancellation)
    {
        var useCase = await UseCases.Include(u => u.Revisions).AsSplitQuery().SingleOrDefaultAsync(u => u.Key == key, cancellation);
        return useCase is not null && AccessPolicy.Allows(reader, Permission.ReadUseCases, useCase.Subject)
            ? useCase
            : throw new NotFoundException("use case", key);
    }

    /// <summary>As <see cref="DemandUseCaseAsync"/>, without loading more than the answer needs.</summary>
    /// <returns>What the policy needs to know of it, for further questions.</returns>
    public async Task<Subject> DemandReadableAsync(string key, Actor reader, CancellationToken cancellation)
    {
        var found = await UseCases.AsNoTracking().Where(u => u.Key == key)
            .Select(u => new { u.BusinessUnit, u.Editors }).SingleOrDefaultAsync(cancellation);
        var subject = found is null ? null : new Subject(found.BusinessUnit, [.. found.Editors.Select(e => new PersonId(e))]);
        return subject is not null && AccessPolicy.Allows(reader, Permission.ReadUseCases, subject)
            ? subject
            : throw new NotFoundException("use case", key);
    }

    /// <summary>The use cases that this person may know of.</summary>
    internal IQueryable<UseCase> UseCasesReadableBy(Actor reader)
    {
        var (me, unit, all) = (reader.Id.Value, reader.BusinessUnit, UseCases.AsNoTracking());
        return AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases) ? all.Where(u => unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me)) : all;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GovernanceDb).Assembly);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            if (typeof(Aggregate).IsAssignableFrom(entity.ClrType))
            {
                entity.FindProperty(nameof(Aggregate.Version))!.IsConcurrencyToken = true;
            }

            if (entity.GetTableName() == entity.ClrType.Name)
            {
                entity.SetTableName(SnakeCase(entity.ClrType.Name));
            }

            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Conventions.Remove<TableNameFromDbSetConvention>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    internal static string SnakeCase(string name) => WordStart().Replace(name, "_$0").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex WordStart();
}
