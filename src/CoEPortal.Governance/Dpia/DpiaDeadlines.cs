using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Dpia;

/// <summary>Until when a step is due, in working days as the workflow <c>dpia-review</c> has them, and when its lateness is first told.</summary>
internal sealed record DpiaDeadlines(DateTimeOffset DueAt, DateTimeOffset TellAt)
{
    public const int HighestLevel = 5;
    public const int AgainAfterWorkingDays = 3;

    public static DpiaDeadlines Of(DpiaTurn step, Organisation organisation, DateTimeOffset now)
    {
        var due = organisation.AfterWorkingDays(now, step is DpiaTurn.Signature ? 3 : 5);
        return new(due, organisation.AfterWorkingDays(due, 1));
    }
}
