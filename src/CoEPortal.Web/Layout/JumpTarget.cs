using CoEPortal.Governance.Access;

namespace CoEPortal.Web.Layout;

/// <summary>Somewhere to go: a name, a word about it, an address.</summary>
public sealed record JumpTarget(string Title, string? Fact, string Icon, string Href);

/// <summary>
/// Finds what somebody may mean by a few letters, e.g. use cases by key or title, best first, at most eight. Must
/// respect what the person may read. Register as many as there are things to find.
/// </summary>
public delegate Task<IReadOnlyList<JumpTarget>> FindJumpTargets(Actor actor, string text, CancellationToken cancellationToken);
