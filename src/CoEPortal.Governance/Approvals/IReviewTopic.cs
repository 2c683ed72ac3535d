using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Governance.Approvals;

/// <summary>What a review can be about beside a proposal: promotions say so from their own, later folder.</summary>
public interface IReviewTopic
{
    ReviewTopic Topic { get; }

    /// <summary>The review has ended, however: <see cref="ApprovalRound.Status"/> says how. In its transaction.</summary>
    /// <exception cref="RuleViolationException">What was agreed to may not be put into force now; the last decision is refused then.</exception>
    Task SettleAsync(GovernanceDb db, ApprovalRound round, Actor by, DateTimeOffset now, CancellationToken cancellation);
}
