using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Approvals;

/// <summary>What is said at one question of a one-pager: open until somebody resolves it, and again from the next comment on.</summary>
public sealed class QuestionThread : Aggregate
{
    private QuestionThread()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>The path of the answer, e.g. <c>Kpi.Target</c>.</summary>
    public string Question { get; private init; } = "";

    public string? ResolvedBy { get; private set; }

    public string? ResolvedByName { get; private set; }

    public DateTimeOffset? ResolvedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("question", $"{UseCaseKey}/{Question}");

    internal static QuestionThread Of(string useCaseKey, string question, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now), UseCaseKey = useCaseKey, Question = question };

    internal void Resolve(Actor by, DateTimeOffset now)
    {
        Refuse.If(ResolvedAt is not null, "resolved-already", $"{ResolvedByName} has resolved this already.");
        (ResolvedBy, ResolvedByName, ResolvedAt) = (by.Id.Value, by.Name, now);
        Record(new QuestionResolved(UseCaseKey, Question, by, now));
    }

    internal void Reopen(Actor by, DateTimeOffset now)
    {
        Refuse.If(ResolvedAt is null, "open-already", "This is open already.");
        (ResolvedBy, ResolvedByName, ResolvedAt) = (null, null, null);
        Record(new QuestionReopened(UseCaseKey, Question, by, now));
    }
}

public sealed record QuestionResolved(string UseCase, string Question, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record QuestionReopened(string UseCase, string Question, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
