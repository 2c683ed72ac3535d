using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillCriteria;

public sealed record KillCriterionTightened(
    string UseCase, int Revision, int Criterion, decimal Before, decimal Limit, [property: Personal] string Reason, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

/// <summary>A stricter limit than the approved one. It is only ever made stricter again; a new approved revision starts anew.</summary>
public sealed class CriterionTightening : Aggregate
{
    private CriterionTightening()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int Revision { get; private init; }

    public int Criterion { get; private init; }

    public decimal ApprovedLimit { get; private init; }

    public decimal Limit { get; private set; }

    public string Reason { get; private set; } = "";

    public string ChangedBy { get; private set; } = "";

    public string ChangedByName { get; private set; } = "";

    public DateTimeOffset ChangedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("kill-criterion", $"{UseCaseKey}/{Revision}/{Criterion}");

    public static CriterionTightening For(WatchedCriterion criterion, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UseCaseKey = criterion.UseCaseKey,
        Revision = criterion.Revision,
        Criterion = criterion.Number,
        ApprovedLimit = criterion.Criterion.Limit,
        Limit = criterion.Criterion.Limit,
    };

    /// <param name="approval">Whose approval a looser limit takes, for the refusal.</param>
    public void Tighten(decimal limit, bool worseBelow, string approval, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(limit < 0, "limit-out-of-range", "A limit is not below zero.");
        Refuse.If(worseBelow ? limit <= Limit : limit >= Limit, "only-tighter",
            FormattableString.Invariant($"The limit is {Limit:0.######} now, approved as {ApprovedLimit:0.######}. You may make it stricter; back or looser takes {approval}."));
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > 1000, "reason-required", "Say why, in at most 1,000 characters.");
        var before = Limit;
        (Limit, Reason, ChangedBy, ChangedByName, ChangedAt) = (limit, reason.Trim(), by.Id.Value, by.Name, now);
        Record(new KillCriterionTightened(UseCaseKey, Revision, Criterion, before, limit, Reason, by, now));
    }
}
