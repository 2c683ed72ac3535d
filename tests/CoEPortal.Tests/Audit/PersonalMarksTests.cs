using System.Reflection;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Tests.Audit;

/// <summary>Every text of every event is personal, or it is said here why not: a new event cannot forget.</summary>
public sealed class PersonalMarksTests
{
    private const string Id = "an id: of a person, a use case, a thing";
    private const string Hash = "a hash";
    private const string Machine = "the name of a machine, a model, a version or a credential";
    private const string Portal = "words of the portal itself";

    private static readonly Dictionary<string, string> NotPersonal = new()
    {
        ["ActuatorConfigured.Name"] = Machine,
        ["ActuatorConfigured.Gateway"] = Machine,
        ["ActuatorRemoved.Name"] = Machine,
        ["AttemptRefused.Attempted"] = Portal,
        ["AttemptRefused.Rule"] = Portal,
        ["AuditPackCancelled.UseCase"] = Id,
        ["AuditPackCancelled.RequestedById"] = Id,
        ["AuditPackCancelled.Subject"] = Id,
        ["AuditPackFailed.UseCase"] = Id,
        ["AuditPackFailed.Why"] = Portal,
        ["AuditPackFailed.Subject"] = Id,
        ["AuditPackPrinted.UseCase"] = Id,
        ["AuditPackPrinted.PdfHash"] = Hash,
        ["AuditPackPrinted.RequestedById"] = Id,
        ["AuditPackPrinted.Subject"] = Id,
        ["AuditPackRequested.UseCase"] = Id,
        ["AuditPackRequested.Subject"] = Id,
        ["ChannelAdded.Name"] = Machine,
        ["ChannelAdded.Host"] = Machine,
        ["ChannelAdded.ToldKinds"] = Portal,
        ["ChannelChanged.Name"] = Machine,
        ["ChannelChanged.Host"] = Machine,
        ["ChannelChanged.ToldKinds"] = Portal,
        ["ChannelRemoved.Name"] = Machine,
        ["CommentRetracted.UseCase"] = Id,
        ["CommentWritten.UseCase"] = Id,
        ["CommentWritten.Mentions"] = Id,
        ["ConditionMet.UseCase"] = Id,
        ["ConditionMoved.UseCase"] = Id,
        ["ConditionMoved.Owner"] = Id,
        ["ConditionOpened.UseCase"] = Id,
        ["ConditionOpened.SetBy"] = Id,
        ["ConditionOpened.Owner"] = Id,
        ["CardGiven.Card"] = Id,
        ["CardGiven.UseCase"] = Id,
        ["CardGiven.Owner"] = Id,
        ["CardPublished.Card"] = Id,
        ["CardPublished.Name"] = Machine,
        ["CardPublished.ModelVersion"] = Machine,
        ["CardPublished.UseCase"] = Id,
        ["CardPublished.ContentHash"] = Hash,
        ["CardStarted.Card"] = Id,
        ["CardStarted.Name"] = Machine,
        ["CardStarted.ModelVersion"] = Machine,
        ["CardStarted.UseCase"] = Id,
        ["ConditionReported.UseCase"] = Id,
        ["ConditionSentBack.UseCase"] = Id,
        ["CourseAdded.Course"] = Id,
        ["CourseAdded.Title"] = Portal,
        ["CourseChanged.Course"] = Id,
        ["CourseChanged.Title"] = Portal,
        ["CourseNoLongerRequired.Course"] = Id,
        ["CourseNoLongerRequired.UseCase"] = Id,
        ["CourseRequired.Course"] = Id,
        ["CourseRequired.UseCase"] = Id,
        ["CourseRetired.Course"] = Id,
        ["CredentialBound.UseCase"] = Id,
        ["CredentialBound.Value"] = Machine,
        ["CredentialBound.Gateway"] = Machine,
        ["CredentialUnbound.UseCase"] = Id,
        ["CredentialUnbound.Value"] = Machine,
        ["CredentialUnbound.Gateway"] = Machine,
        ["DecisionRecorded.UseCase"] = Id,
        ["DecisionRecorded.SeenConditionsBy"] = Id,
        ["DecisionRecorded.ContentHash"] = Hash,
        ["DecisionRecorded.OnBehalfOf"] = Id,
        ["DelegationGiven.UseCase"] = Id,
        ["DelegationGiven.From"] = Id,
        ["DelegationGiven.To"] = Id,
        ["DelegationRevoked.UseCase"] = Id,
        ["DelegationRevoked.From"] = Id,
        ["DelegationRevoked.To"] = Id,
        ["DpiaAdviceAnswered.Dpia"] = Id,
        ["DpiaAdviceAnswered.UseCase"] = Id,
        ["DpiaAdviceAnswered.ContentHash"] = Hash,
        ["DpiaAdvised.Dpia"] = Id,
        ["DpiaAdvised.UseCase"] = Id,
        ["DpiaAdvised.ContentHash"] = Hash,
        ["DpiaReopened.Dpia"] = Id,
        ["DpiaReopened.UseCase"] = Id,
        ["DpiaReopened.Changed"] = Portal,
        ["DpiaSignedOff.Dpia"] = Id,
        ["DpiaSignedOff.UseCase"] = Id,
        ["DpiaSignedOff.ContentHash"] = Hash,
        ["DpiaStarted.Dpia"] = Id,
        ["DpiaStarted.UseCase"] = Id,
        ["DpiaStarted.TemplateVersion"] = Portal,
        ["DrillEnded.Target"] = Id,
        ["DrillEnded.Silent"] = Machine,
        ["DutyDenied.UseCase"] = Id,
        ["DutyMet.UseCase"] = Id,
        ["DutyMissed.UseCase"] = Id,
        ["EnforcementRecovered.EngagedAgain"] = Id,
        ["ErasureAsked.Person"] = Id,
        ["ErasureTakenBack.Person"] = Id,
        ["FeedbackDone.UseCase"] = Id,
        ["FeedbackEntered.UseCase"] = Id,
        ["FeedbackTriaged.UseCase"] = Id,
        ["FeedbackTriaged.AssigneeId"] = Id,
        ["GateMetricSet.UseCase"] = Id,
        ["GateMetricSet.Suite"] = Machine,
        ["GateMetricSet.Metric"] = Machine,
        ["GateResultRecorded.UseCase"] = Id,
        ["GateResultRecorded.Artefact"] = Machine,
        ["GateResultRecorded.ArtefactVersion"] = Machine,
        ["GateResultRecorded.ArtefactHash"] = Hash,
        ["GateResultRecorded.Suite"] = Machine,
        ["GateResultRecorded.Figures"] = Machine,
        ["GatewayDriftCorrected.Name"] = Machine,
        ["GatewayDriftCorrected.Drift"] = Portal,
        ["GatewayLost.Name"] = Machine,
        ["GatewayLost.Gateway"] = Machine,
        ["GatewayLost.Detail"] = Portal,
        ["GraceEnded.Key"] = Id,
        ["GraceGranted.Key"] = Id,
        ["ImportMappingSaved.Name"] = Id,
        ["ImportMappingSaved.ContentHash"] = Hash,
        ["InventoryImported.Mapping"] = Id,
        ["InventoryImported.MappingHash"] = Hash,
        ["InventoryImported.FileHash"] = Hash,
        ["EvidenceLockLifted.LockedUseCase"] = Id,
        ["EvidenceLocked.LockedUseCase"] = Id,
        ["EvidenceLocked.ManifestHash"] = Hash,
        ["ExerciseFindingOpened.OwnerId"] = Id,
        ["ExercisePlanned.Scenario"] = Portal,
        ["ExercisePlanned.ScenarioHash"] = Hash,
        ["ExerciseSeated.PersonId"] = Id,
        ["ExerciseSeated.Role"] = Portal,
        ["IncidentActionOpened.OwnerId"] = Id,
        ["IncidentClockOverdue.Rule"] = Portal,
        ["IncidentClockSettled.Rule"] = Portal,
        ["IncidentClockStarted.Rule"] = Portal,
        ["IncidentClockStarted.RulesVersion"] = Portal,
        ["IncidentClockStarted.Source"] = Portal,
        ["IncidentMessageDecided.BodyHash"] = Hash,
        ["IncidentMessageDrafted.BodyHash"] = Hash,
        ["IncidentMessageDrafted.Template"] = Portal,
        ["IncidentNoted.EvidenceHash"] = Hash,
        ["IncidentReported.UseCases"] = Id,
        ["IncidentRoleGiven.FromId"] = Id,
        ["IncidentRoleGiven.PersonId"] = Id,
        ["IncidentSwitchLinked.Target"] = Id,
        ["IncidentTriaged.UseCases"] = Id,
        ["KillCriterionTightened.UseCase"] = Id,
        ["KillSwitchEngaged.Target"] = Id,
        ["KillSwitchEngaged.FallbackModel"] = Machine,
        ["KillSwitchEngaged.Rollback"] = Machine,
        ["KillSwitchReleaseLimited.Target"] = Id,
        ["KillSwitchReleaseLimited.FirstReleasedById"] = Id,
        ["KillSwitchReleaseStarted.Target"] = Id,
        ["KillSwitchReleased.Target"] = Id,
        ["KillSwitchReleased.FirstReleasedById"] = Id,
        ["KillSwitchReleased.SecondReleasedById"] = Id,
        ["KpiReadingEntered.UseCase"] = Id,
        ["KpiReadingWithdrawn.UseCase"] = Id,
        ["LaneFaulted.UseCase"] = Id,
        ["LaneFaulted.Activity"] = Portal,
        ["LaneFaulted.Message"] = Portal,
        ["LaneRetried.UseCase"] = Id,
        ["LaneUpgraded.UseCase"] = Id,
        ["LaneUpgraded.Workflow"] = Id,
        ["MachineTokenIssued.Name"] = Machine,
        ["MachineTokenIssued.Scopes"] = Machine,
        ["MachineTokenIssued.UseCase"] = Id,
        ["MachineTokenRevoked.Name"] = Machine,
        ["MessageDropped.Channel"] = Portal,
        ["MessageDropped.Kind"] = Portal,
        ["MessageDropped.Subject"] = Id,
        ["MessageRetried.Channel"] = Portal,
        ["MessageRetried.Kind"] = Portal,
        ["MessageRetried.Subject"] = Id,
        ["LegalHoldLifted.Target"] = Id,
        ["LegalHoldSet.Target"] = Id,
        ["OperationsReviewHeld.Incident"] = Id,
        ["OperationsReviewHeld.RiskKind"] = Portal,
        ["OperationsReviewHeld.RiskThing"] = Id,
        ["OperationsReviewHeld.Week"] = Id,
        ["PersonErased.AskedBy"] = Id,
        ["PersonErased.Person"] = Id,
        ["PersonRegistered.Person"] = Id,
        ["PromotionDecided.UseCase"] = Id,
        ["PromotionDecided.ArtefactHash"] = Hash,
        ["PromotionRequested.UseCase"] = Id,
        ["PromotionRequested.Artefact"] = Machine,
        ["PromotionRequested.ArtefactVersion"] = Machine,
        ["PromotionRequested.ArtefactHash"] = Hash,
        ["PromotionSettled.UseCase"] = Id,
        ["PromotionSettled.ArtefactHash"] = Hash,
        ["ProposalNotAllowed.Key"] = Id,
        ["ProposalNotAllowed.ContentHash"] = Hash,
        ["ProposalNotAllowed.Articles"] = Portal,
        ["ProposalSubmitted.Key"] = Id,
        ["ProposalSubmitted.ContentHash"] = Hash,
        ["ProposalSubmitted.RulesVersion"] = Portal,
        ["ProposalWithdrawn.Key"] = Id,
        ["PushConfirmed.Name"] = Machine,
        ["PushConfirmed.Gateway"] = Machine,
        ["PushNotConfirmed.Name"] = Machine,
        ["PushNotConfirmed.Gateway"] = Machine,
        ["PushNotConfirmed.Detail"] = Portal,
        ["RedTeamFindingAccepted.UseCase"] = Id,
        ["RedTeamFindingAccepted.Finding"] = Id,
        ["RedTeamFindingFixed.UseCase"] = Id,
        ["RedTeamFindingFixed.Finding"] = Id,
        ["RedTeamFindingReported.UseCase"] = Id,
        ["RedTeamFindingReported.Finding"] = Id,
        ["RedTeamFindingReported.Owner"] = Id,
        ["RedTeamFindingRetested.UseCase"] = Id,
        ["RedTeamFindingRetested.Finding"] = Id,
        ["RestoreNoticed.SignedRoot"] = Hash,
        ["ReviewCancelled.UseCase"] = Id,
        ["ReviewCancelled.ContentHash"] = Hash,
        ["ReviewDisputed.UseCase"] = Id,
        ["ReviewDisputed.Outcome"] = Portal,
        ["ReviewDisputed.ContentHash"] = Hash,
        ["ReviewEscalated.UseCase"] = Id,
        ["ReviewOpened.UseCase"] = Id,
        ["ReviewOpened.ContentHash"] = Hash,
        ["ReviewSettled.UseCase"] = Id,
        ["ReviewSettled.ContentHash"] = Hash,
        ["ReviewTaskClaimed.UseCase"] = Id,
        ["ReviewTaskClaimed.TakenFromId"] = Id,
        ["ReviewTaskReleased.UseCase"] = Id,
        ["ReviewTaskReleased.ReleasedFromId"] = Id,
        ["RunbookStarted.Runbook"] = Portal,
        ["RunbookStarted.RunbookHash"] = Hash,
        ["RunbookStepSettled.Runbook"] = Portal,
        ["TrainingRecorded.FileHash"] = Hash,
        ["TrainingWithdrawn.Course"] = Id,
        ["TrainingWithdrawn.Person"] = Id,
        ["UseCaseApproved.Key"] = Id,
        ["UseCaseApproved.ContentHash"] = Hash,
        ["UseCaseRegistered.Key"] = Id,
        ["UseCaseRegistered.RowHash"] = Hash,
        ["UseCaseRegistered.Mapping"] = Id,
        ["UseCaseRegistered.RulesVersion"] = Portal,
        ["UseCaseStarted.Key"] = Id,
        ["UseCaseStopped.Key"] = Id,
        ["UseCaseWentIntoService.Key"] = Id,
        ["VersionApproved.UseCase"] = Id,
        ["VersionApproved.Name"] = Machine,
        ["VersionApproved.Version"] = Machine,
        ["VetoLifted.UseCase"] = Id,
        ["VetoLifted.ContentHash"] = Hash,
    };

    private static IEnumerable<PropertyInfo> Properties => typeof(GovernanceEvent).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(GovernanceEvent)) && !t.IsAbstract)
        .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(p => p.Name is not (nameof(GovernanceEvent.UseCaseKey) or nameof(GovernanceEvent.SignedContent) or "EqualityContract"));

    private static bool IsText(PropertyInfo property) =>
        property.PropertyType == typeof(string) || typeof(IEnumerable<string>).IsAssignableFrom(property.PropertyType);

    [Fact]
    public void Every_text_of_every_event_is_marked_or_listed_with_a_reason()
    {
        var unmarked = Properties.Where(p => IsText(p) && p.GetCustomAttribute<PersonalAttribute>() is null).Select(NameOf).Order().ToList();

        Assert.Empty(unmarked.Except(NotPersonal.Keys));
        Assert.Empty(NotPersonal.Keys.Except(unmarked));
    }

    /// <summary>What holds neither texts nor ids of its own cannot carry a name. Figures may be told by the names of what was counted.</summary>
    [Fact]
    public void An_event_holds_no_other_kind_of_thing_in_which_a_name_could_stand() => Assert.All(
        Properties.Where(p => !IsText(p) && p.PropertyType != typeof(IReadOnlyDictionary<string, long>)).Select(p => p.PropertyType.IsGenericType ? p.PropertyType.GetGenericArguments()[0] : p.PropertyType),
        type => Assert.True(type.IsEnum || type.IsPrimitive || type == typeof(decimal) || type == typeof(Guid) || type == typeof(DateTimeOffset) || type == typeof(DateOnly), type.Name));

    [Fact]
    public void Only_texts_are_marked_and_each_names_a_property_that_holds_an_id() => Assert.All(
        Properties.Where(p => p.GetCustomAttribute<PersonalAttribute>() is not null), p =>
        {
            Assert.True(IsText(p), NameOf(p));
            if (p.GetCustomAttribute<PersonalAttribute>()!.Person is { } person)
            {
                Assert.Equal(Id, NotPersonal[$"{p.DeclaringType!.Name}.{person}"]);
            }
        });

    /// <summary>The name of who acts is sealed beside the texts of the body.</summary>
    [Fact]
    public void No_member_of_a_body_is_called_as_the_name_of_who_acts() => Assert.DoesNotContain(Properties, p => p.Name == "ActorName");

    [Theory]
    [InlineData("submitter@demo", true)]
    [InlineData("0b5b9f52-8d7e-4a34-9f2d-0a2f6d7c1e11@9a1f", true)]
    [InlineData("budget-k1@rule", false)]
    [InlineData("root@command-line", false)]
    public void Rules_and_accounts_of_the_machine_are_no_people(string id, bool isOfAPerson) => Assert.Equal(isOfAPerson, new PersonId(id).IsOfAPerson);

    private static string NameOf(PropertyInfo property) => $"{property.DeclaringType!.Name}.{property.Name}";
}
