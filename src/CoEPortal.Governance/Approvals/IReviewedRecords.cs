using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Governance.Approvals;

/// <summary>What is decided on together with a proposal: cards and impact assessments say so from their own, later folders.</summary>
public interface IReviewedRecords
{
    /// <returns>By the hash of what each says now.</returns>
    Task<IReadOnlyList<ReviewedRecord>> OfAsync(GovernanceDb db, string useCaseKey, Proposal proposal, CancellationToken cancellation);
}
