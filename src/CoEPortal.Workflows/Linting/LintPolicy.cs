using System.Collections.Immutable;

namespace CoEPortal.Workflows;

/// <summary>What the runs of a definition have to guarantee.</summary>
public sealed record LintPolicy
{
    /// <summary>Every run ends in End. For workflows that decide nothing.</summary>
    public static LintPolicy Graph { get; } = new() { IsLane = false };

    /// <summary>
    /// An approval lane: every run sets <c>outcome</c>, and none is approved while somebody who was asked, or who has to
    /// be asked, has not approved in the current round.
    /// </summary>
    public static LintPolicy Lane { get; } = new() { IsLane = true };

    public required bool IsLane { get; init; }

    /// <summary>How often a task may be opened before a run is no longer followed.</summary>
    public int MaxRounds { get; init; } = 2;

    /// <summary>Beyond this many states the definition is refused as too large to check.</summary>
    public int MaxStates { get; init; } = 10_000;

    /// <summary>A file that names its lane in <c>customProperties.lane</c> is held to <see cref="Lane"/>.</summary>
    public static LintPolicy For(WorkflowDefinition definition) =>
        definition.Lane is null ? Graph : Lane;
}

/// <summary>The words of an approval lane. Source: the payload contract between lanes and host.</summary>
internal static class LaneVocabulary
{
    public const string OutcomeVariable = "outcome";
    public const string Approved = "approved";

    public static readonly ImmutableArray<string> Outcomes = [Approved, "changes-requested", "vetoed"];

    public static readonly ImmutableArray<string> Actions = ["approve", "approve-with-conditions", "request-changes", "veto"];

    public static bool Approves(string decision) => decision is "approve" or "approve-with-conditions";

    public static ImmutableArray<string> ActionsOf(Bookmark bookmark) => (bookmark.Payload?.Member("actions")).Texts();

    public static string? FunctionOf(Bookmark bookmark) => ReviewPayload.From(bookmark.Payload)?.Function;
}
