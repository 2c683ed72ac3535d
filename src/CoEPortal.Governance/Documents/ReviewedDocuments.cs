using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Governance.Documents;

/// <summary>A proposal is decided on with its documents as they stand.</summary>
public sealed class ReviewedDocuments : IReviewedRecords
{
    public async Task<IReadOnlyList<ReviewedRecord>> OfAsync(GovernanceDb db, string useCaseKey, Proposal proposal, CancellationToken cancellation) =>
        [.. (await KeepDocuments.OfAsync(db, useCaseKey, cancellation)).Where(d => d.WithdrawnAt is null).Select(d => new ReviewedRecord(d.RecordKey, d.ContentHash))];
}
