using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Intake;

public sealed record UseCaseStarted(string Key, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record ProposalSubmitted(
    string Key, int Revision, string ContentHash, Lane Lane, RiskClass RiskClass, string RulesVersion, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;

    public override string? SignedContent => ContentHash;
}

public sealed record ProposalNotAllowed(
    string Key, int Revision, string ContentHash, IReadOnlyList<string> Articles, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;

    public override string? SignedContent => ContentHash;
}

public sealed record ProposalWithdrawn(string Key, int Revision, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record UseCaseApproved(string Key, int Revision, string ContentHash, Lane Lane, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;

    public override string? SignedContent => ContentHash;
}

public sealed record ApprovalEnded(string Key, int Revision, string Cause, string Detail, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record UseCaseWentIntoService(string Key, int Revision, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record EditorInvited(string Key, string Editor, [property: Personal(nameof(EditorInvited.Editor))] string EditorName, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record EditorTakenOff(
    string Key, string Editor, [property: Personal(nameof(EditorTakenOff.Editor))] string EditorName, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

/// <param name="From">Null when nobody had stated it.</param>
public sealed record PhaseMoved(string Key, Phase? From, Phase To, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record UseCaseRegistered(
    string Key, Guid Run, int Line, string RowHash, int Occurrence, string Mapping, Lane Lane, string RulesVersion, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record GraceGranted(string Key, DateTimeOffset Until, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record GraceEnded(string Key, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record UseCaseStopped(string Key, Stage Before, [property: Personal] string Reason, [property: Personal] string Lesson, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}
