using System.Text.RegularExpressions;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Tests;

/// <summary>The house keeps its own rules.</summary>
public sealed partial class LayoutTests
{
    /// <summary>Read as time: an earlier governance step knows nothing of a later one.</summary>
    private static readonly string[] Features =
    [
        "Access", "Audit", "Notifications", "People", "Policies", "Intake", "Patterns", "DataSources", "Sharing", "Scoring", "Import", "Approvals", "Documents", "Dpia", "Cards", "Gates",
        "Training", "KillSwitches", "KillCriteria", "Telemetry", "Clearances", "Feedback", "Adoption", "SharedFailures", "Incidents", "Exercises", "ShadowAi", "Portfolio", "StageGates", "Candidates", "Reports", "Privacy",
    ];

    /// <summary>Part of no step: the table of contents of the database, which sees every entity.</summary>
    private static readonly string[] Outside = ["Persistence"];

    private static readonly string Governance = Path.Combine(Repository.Root, "src", "CoEPortal.Governance");

    [Fact]
    public void An_earlier_feature_never_uses_a_later_one()
    {
        var faults =
            from file in Sources(Governance)
            let folder = FolderOf(file)
            where Features.Contains(folder)
            from match in Usings().Matches(File.ReadAllText(file))
            let used = match.Groups[1].Value
            where Array.IndexOf(Features, used) > Array.IndexOf(Features, folder)
            select $"{folder} may not use {used}: {Path.GetFileName(file)}";

        Assert.Empty(faults);
    }

    [Fact]
    public void Every_folder_of_Governance_is_a_feature_on_the_list() =>
        Assert.Empty(Directory.GetDirectories(Governance).Select(d => Path.GetFileName(d)!).Except([.. Features, .. Outside, "bin", "obj"]));

    [Theory]
    [InlineData("CoEPortal.Workflows")]
    [InlineData("CoEPortal.Evidence")]
    public void Workflows_and_Evidence_know_nobody(string project) =>
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Path.Combine(Repository.Root, "src", project, project + ".csproj")), StringComparison.Ordinal);

    /// <summary>A mistake made twice in one place would prove itself.</summary>
    [Fact]
    public void The_verifier_uses_nothing_of_the_code_that_keeps_the_log()
    {
        var verifier = Sources(Path.Combine(Repository.Root, "src", "CoEPortal.Evidence", "Verify")).ToList();

        Assert.NotEmpty(verifier);
        Assert.All(verifier, f => Assert.DoesNotMatch(@"Evidence\.Log|TreeHash|MerkleTree|ISubtrees|LogKey|LoggedEvent", File.ReadAllText(f)));
    }

    [Fact]
    public void Only_the_composition_root_and_the_command_line_know_how_to_start_a_database()
    {
        var faults = Sources(Path.Combine(Repository.Root, "src"))
            .Where(f => !f.Contains("Persistence", StringComparison.Ordinal) && !f.Contains("Startup", StringComparison.Ordinal) && !f.Contains("Cli", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f).Contains("EmbeddedPostgres.StartAsync", StringComparison.Ordinal));

        Assert.Empty(faults);
    }

    /// <summary>Stored in the audit log for good: a renamed event would tear the past from the present.</summary>
    [Fact]
    public void Names_of_events_are_never_changed()
    {
        string[] names =
        [
            "ActuatorConfigured", "ActuatorRemoved", "ApprovalEnded", "AttemptRefused", "AuditPackCancelled", "AuditPackFailed", "AuditPackPrinted",
            "AuditPackRequested", "CallsRepriced", "CandidateAdded", "CandidateChanged", "CandidateProposed", "CandidateReopened", "CandidateSetAside", "CampaignChanged", "CampaignClosed", "CampaignDepartmentsGiven", "CampaignNamesDestroyed",
            "CampaignOpened", "CampaignSigned", "CardGiven", "CardPublished", "CardStarted", "ChampionAnswered", "ChampionEnded", "ChampionNamed", "ChannelAdded", "ChannelChanged", "ChannelRemoved",
            "ClearanceReviewed", "CommentRetracted", "CommentWritten", "ConditionMet", "ConditionMoved", "ConditionOpened", "ConditionReported",
            "ConditionSentBack", "CourseAdded", "CourseChanged", "CourseNoLongerRequired", "CourseRequired", "CourseRetired", "CredentialBound",
            "CredentialUnbound", "DataSourceChanged", "DataSourceGiven", "DataSourceRegistered", "DataSourceRetired", "DecisionRecorded",
            "DelegationGiven", "DelegationRevoked", "DpiaAdviceAnswered", "DpiaAdviceAsked", "DpiaAdvised", "DpiaOverdue", "DpiaReopened",
            "DocumentAdded", "DocumentWithdrawn", "DpiaSignedOff", "DpiaStarted", "DrillEnded", "DutyDenied",
            "DutyMet", "DutyMissed", "EditorInvited", "EditorTakenOff", "EnforcementRecovered", "ErasureAsked", "ErasureTakenBack", "EvidenceLockLifted", "EvidenceLocked",
            "ExerciseCancelled", "ExerciseDrilled", "ExerciseEnded", "ExerciseFindingMoved", "ExerciseFindingOpened", "ExerciseNoted",
            "ExercisePlanned", "ExerciseSeated", "ExerciseStarted", "ExerciseStepDone", "FailureMet", "FailurePublished", "FailureShared", "FailureWithdrawn", "FeedbackDone", "FeedbackEntered", "FeedbackTriaged", "FindingCarriedOut", "FindingDecided", "FindingExceptionEnded", "FindingPromoted",
            "GateMetricSet", "GateResultRecorded", "GatewayDriftCorrected", "GatewayLost", "GraceEnded", "GraceGranted", "ImportMappingSaved",
            "IncidentActionMoved", "IncidentActionOpened", "IncidentClockOverdue", "IncidentClockSettled", "IncidentClockStarted",
            "IncidentMessageDecided", "IncidentMessageDrafted", "IncidentMoved", "IncidentNoted", "IncidentReported", "IncidentRoleGiven",
            "IncidentSwitchLinked", "IncidentTriaged", "InventoryImported", "KillCriterionTightened", "KillSwitchEngaged", "KillSwitchReleaseLimited",
            "KillSwitchReleaseStarted", "KillSwitchReleased", "KpiReadingEntered", "KpiReadingWithdrawn", "KpiWorthStated", "LaneFaulted", "LaneRetried",
            "LaneUpgraded", "LegalHoldLifted", "LegalHoldSet", "MachineTokenIssued", "MachineTokenRevoked", "MessageDropped", "MessageRetried",
            "OperationsReviewHeld", "OverrideConfirmed", "OverrideEnded", "OverrideProposed", "OverrideRefused", "PatternGiven", "PatternPublished",
            "PatternStarted", "PatternWithdrawn", "PersonErased", "PersonRegistered", "PersonRevealed", "PersonalDataKeyChanged", "PhaseMoved", "PipelineKeyAdded", "PipelineKeyRevoked",
            "PolicyAcknowledged", "PolicyPublished", "PostMortemWritten", "PromotionDecided", "PromotionRequested", "PromotionSettled",
            "ProposalNotAllowed", "ProposalSubmitted", "ProposalWithdrawn", "PushConfirmed", "PushNotConfirmed", "QuestionReopened", "QuestionResolved", "RedTeamFindingAccepted",
            "RedTeamFindingFixed", "RedTeamFindingReported", "RedTeamFindingRetested", "RestoreNoticed", "ReviewCancelled", "ReviewDisputed",
            "ReviewEscalated", "ReviewOpened", "ReviewSettled", "ReviewTaskClaimed", "ReviewTaskReleased", "RolloutAgreed", "RolloutDecided", "RolloutPlanned", "RunbookStarted", "RunbookStepSettled",
            "ShareLinkMade", "ShareLinkOpened", "ShareLinkRevoked", "StageGateAnswered", "StageGateDecided", "SurveyAnswersReleased", "TrainingRecorded", "TrainingWithdrawn",
            "UsageImportEnded", "UsageImportReceived", "UsageImported", "UseCaseApproved", "UseCaseCleared", "UseCaseRegistered", "UseCaseStarted",
            "UseCaseStopped", "UseCaseWentIntoService", "VersionApproved",
            "VetoLifted",
        ];

        Assert.Equal(names.Order(StringComparer.Ordinal), typeof(GovernanceEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(GovernanceEvent)) && !t.IsAbstract).Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string FolderOf(string file) => Path.GetRelativePath(Governance, file).Split(Path.DirectorySeparatorChar)[0];

    [GeneratedRegex(@"CoEPortal\.Governance\.([A-Z][A-Za-z]*)")]
    private static partial Regex Usings();
}
