using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Governance.Incidents;

/// <summary>What happened to an incident; it stands on the timeline of the first use case it concerns.</summary>
public abstract record IncidentEvent(string Incident, string? UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record IncidentReported(
    string Incident, string? UseCase, [property: Personal] string Title, IncidentCategory Category, IReadOnlyList<string> UseCases, DateTimeOffset OccurredAt, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentTriaged(
    string Incident, string? UseCase, IncidentSeverity Severity, IncidentCategory Category, IReadOnlyList<HarmKind> Harms, IReadOnlyList<string> UseCases, bool? PersonalData,
    RiskToPeople RiskToPeople, bool IsWidespread, int? PeopleAffected, DateTimeOffset AwareAt, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentNoted(
    string Incident, string? UseCase, int Number, EntryKind Kind, DateTimeOffset HappenedAt, [property: Personal] string Text, [property: Personal] string Evidence, string? EvidenceHash,
    Actor By, DateTimeOffset At) : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentMoved(string Incident, string? UseCase, IncidentState From, IncidentState To, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentRoleGiven(
    string Incident, string? UseCase, IncidentRoleKind Role, string PersonId, [property: Personal(nameof(IncidentRoleGiven.PersonId))] string PersonName,
    string? FromId, [property: Personal(nameof(IncidentRoleGiven.FromId))] string? FromName, [property: Personal] string Note, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentSwitchLinked(
    string Incident, string? UseCase, SwitchScope Scope, string Target, long Generation, bool ByRule, DateTimeOffset EngagedAt, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record EvidenceLocked(
    string Incident, string? UseCase, string LockedUseCase, DateTimeOffset FromAt, DateTimeOffset? UntilAt, string ManifestHash, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At)
{
    public override string? SignedContent => ManifestHash;
}

public sealed record EvidenceLockLifted(string Incident, string? UseCase, string LockedUseCase, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentClockStarted(
    string Incident, string? UseCase, string Rule, string RulesVersion, string Source, DateTimeOffset StartedAt, DateTimeOffset DueAt, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentClockSettled(
    string Incident, string? UseCase, string Rule, ClockState State, bool IsLate, [property: Personal] string Reason, [property: Personal] string Reference, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentClockOverdue(string Incident, string? UseCase, string Rule, DateTimeOffset DueAt, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentMessageDrafted(string Incident, string? UseCase, int Number, string Template, string BodyHash, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At)
{
    public override string? SignedContent => BodyHash;
}

public sealed record IncidentMessageDecided(
    string Incident, string? UseCase, int Number, MessageState State, string BodyHash, int? PeopleTold, [property: Personal] string Note, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At)
{
    public override string? SignedContent => BodyHash;
}

public sealed record PostMortemWritten(string Incident, string? UseCase, [property: Personal] string Causes, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentActionOpened(
    string Incident, string? UseCase, int Number, [property: Personal] string Text, string OwnerId, [property: Personal(nameof(IncidentActionOpened.OwnerId))] string OwnerName, DateOnly DueOn,
    Actor By, DateTimeOffset At) : IncidentEvent(Incident, UseCase, By, At);

public sealed record IncidentActionMoved(string Incident, string? UseCase, int Number, ActionState State, [property: Personal] string Note, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record RunbookStarted(string Incident, string? UseCase, string Runbook, string RunbookHash, int Steps, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record RunbookStepSettled(string Incident, string? UseCase, string Runbook, int Number, StepState State, [property: Personal] string Note, Actor By, DateTimeOffset At)
    : IncidentEvent(Incident, UseCase, By, At);

public sealed record OperationsReviewHeld(string Week, string? Incident, string RiskKind, string RiskThing, [property: Personal] string Note, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
