using CoEPortal.Governance.Access;
using CoEPortal.Workflows;

namespace CoEPortal.Governance.Approvals;

/// <summary>What a lane's file says about a sign-off (the payload of its task); the contract is in <c>workflows/README.md</c>.</summary>
internal sealed record TaskPayload(Role Function, int DueInWorkingDays, int RemindBeforeWorkingDays, int EscalateAfterWorkingDays)
{
    private const int MostDays = 250;

    /// <summary>Functions that decide, as files name them.</summary>
    public static IReadOnlyList<string> Functions { get; } =
    [
        .. AccessPolicy.Table.Where(row => row.Permission is Permission.DecideReviews).Select(row => row.Role.ToString()).Distinct(),
    ];

    public static bool IsFunction(string name) => Functions.Contains(name);

    /// <exception cref="FormatException">The payload names no function that decides.</exception>
    public static TaskPayload Of(Effect.BookmarkOpened opened) =>
        ReviewPayload.From(opened.Payload) is { } payload && IsFunction(payload.Function)
            ? new TaskPayload(
                Enum.Parse<Role>(payload.Function), Days(payload.DueInWorkingDays, 5),
                Days(payload.RemindBeforeWorkingDays, 1), Days(payload.EscalateAfterWorkingDays, 1))
            : throw new FormatException($"The task '{opened.ActivityId}' names no function that decides.");

    private static int Days(int? said, int otherwise) => Math.Clamp(said ?? otherwise, 0, MostDays);
}
