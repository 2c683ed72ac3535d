using CoEPortal.Governance.Access;
using CoEPortal.Workflows;

namespace CoEPortal.Governance.Approvals;

/// <summary>What a lane's file says about a sign-off (the payload of its task); the contract is in <c>workflows/README.md</c>.</summary>
internal sealed record TaskPayload(Role Function, ReviewDeadlines Deadlines)
{
    /// <summary>Functions that decide, as files name them.</summary>
    public static IReadOnlyList<string> Functions { get; } =
    [
        .. AccessPolicy.Table.Where(row => row.Permission is Permission.DecideReviews).Select(row => row.Role.ToString()).Distinct(),
    ];

    public static bool IsFunction(string name) => Functions.Contains(name);

    /// <exception cref="FormatException">The payload names no function that decides.</exception>
    public static TaskPayload Of(Effect.BookmarkOpened opened) =>
        ReviewPayload.From(opened.Payload) is { } payload && IsFunction(payload.Function)
            ? new TaskPayload(Enum.Parse<Role>(payload.Function), ReviewDeadlines.Of(payload))
            : throw new FormatException($"The task '{opened.ActivityId}' names no function that decides.");
}
