using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Approvals;

public enum DecisionKind { Approve, ApproveWithConditions, RequestChanges, Veto }

/// <summary>What somebody wants to decide, for exactly the content that they were shown.</summary>
public sealed record DecisionDraft(DecisionKind Kind, string Comment, IReadOnlyList<ConditionDraft> Conditions, string ContentHash);

/// <summary>What one person decided for one function, for exactly the content they saw.</summary>
public sealed class Decision
{
    private Decision()
    {
    }

    public Guid Id { get; private init; }

    public Guid RoundId { get; private init; }

    public Role Function { get; private init; }

    public string PersonId { get; private init; } = "";

    public string PersonName { get; private init; } = "";

    public DecisionKind Kind { get; private init; }

    public string Comment { get; private init; } = "";

    public List<string> Conditions { get; private init; } = [];

    /// <summary>The conditions of others that stood when this was decided. The last function signs the final list.</summary>
    public List<string> SeenConditions { get; private init; } = [];

    public string ContentHash { get; private init; } = "";

    public DateTimeOffset DecidedAt { get; private init; }

    /// <summary>Whose task this was, when somebody else decided for them.</summary>
    public string? OnBehalfOfId { get; private init; }

    public string? OnBehalfOfName { get; private init; }

    /// <summary>When the person had last proved who they are. Required, and recent, for a high-risk use case.</summary>
    public DateTimeOffset? ConfirmedAt { get; private init; }

    /// <summary>Everybody who stands behind this decision.</summary>
    public IEnumerable<string> Signatories => OnBehalfOfId is { } other ? [PersonId, other] : [PersonId];

    public bool Approves => Kind is DecisionKind.Approve or DecisionKind.ApproveWithConditions;

    internal static Decision Of(ApprovalRound round, Role function, DecisionDraft draft, Actor person, Delegation? delegation, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        RoundId = round.Id,
        Function = function,
        PersonId = person.Id.Value,
        PersonName = person.Name,
        OnBehalfOfId = delegation?.FromId,
        OnBehalfOfName = delegation?.FromName,
        Kind = draft.Kind,
        Comment = draft.Comment.Trim(),
        Conditions = [.. draft.Conditions.Select(c => c.Text.Trim())],
        SeenConditions = [.. round.Conditions],
        // what the person was shown, so that the database compares it with the round once more
        ContentHash = draft.ContentHash,
        DecidedAt = now,
        ConfirmedAt = person.ConfirmedAt,
    };
}
