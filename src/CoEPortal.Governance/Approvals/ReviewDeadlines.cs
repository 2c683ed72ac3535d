using CoEPortal.Workflows;

namespace CoEPortal.Governance.Approvals;

/// <summary>When a sign-off is due, in working days: what its file says, or what holds where the file says nothing.</summary>
/// <param name="Due">After it was asked.</param>
/// <param name="RemindBefore">Before it is due.</param>
/// <param name="EscalateAfter">After it was due.</param>
public sealed record ReviewDeadlines(int Due, int RemindBefore, int EscalateAfter)
{
    private const int Longest = 250;

    public static ReviewDeadlines Of(ReviewPayload payload) =>
        new(Days(payload.DueInWorkingDays, 5), Days(payload.RemindBeforeWorkingDays, 1), Days(payload.EscalateAfterWorkingDays, 1));

    private static int Days(int? said, int otherwise) => Math.Clamp(said ?? otherwise, 0, Longest);
}
