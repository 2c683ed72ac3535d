using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>A proposal is decided on with its assessment as it stands. What was signed off for other facts is opened again by it.</summary>
public sealed class ReviewedDpias(TimeProvider clock) : IReviewedRecords
{
    public async Task<IReadOnlyList<ReviewedRecord>> OfAsync(GovernanceDb db, string useCaseKey, Proposal proposal, CancellationToken cancellation)
    {
        var assessment = await db.ImpactAssessments.SingleOrDefaultAsync(a => a.UseCaseKey == useCaseKey, cancellation);
        assessment?.ReopenFor(proposal, clock.GetUtcNow());
        return assessment is null ? [] : [new ReviewedRecord(assessment.Key, assessment.ContentHash)];
    }
}
