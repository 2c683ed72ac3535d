using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Dpia;

public sealed record DpiaStarted(string Dpia, string UseCase, string TemplateVersion, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DpiaReopened(string Dpia, string UseCase, int SignedVersion, IReadOnlyList<string> Changed, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DpiaAdviceAsked(string Dpia, string UseCase, DateTimeOffset DueAt, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record DpiaOverdue(string Dpia, string UseCase, DpiaTurn Step, int Level, DateTimeOffset DueAt, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record DpiaAdvised(string Dpia, string UseCase, [property: Personal] string Advice, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record DpiaAdviceAnswered(string Dpia, string UseCase, bool Accepted, [property: Personal] string Reasons, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record DpiaSignedOff(string Dpia, string UseCase, int Number, string ContentHash, RiskLevel ResidualRisk, DateOnly ReviewOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}
