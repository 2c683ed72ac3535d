using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>What the lane of an assessment decided: with its agreement exactly the text that it read is signed off.</summary>
public sealed class DpiaReviews(VersionedFiles<DpiaTemplate> templates, Organisation organisation) : IReviewTopic
{
    public ReviewTopic Topic => ReviewTopic.Dpia;

    /// <summary>Whether somebody of its lane objected to this very text.</summary>
    /// <param name="outcomes">By which outcomes.</param>
    internal static Task<bool> HasObjectedAsync(GovernanceDb db, ImpactAssessment assessment, string contentHash, RoundStatus[] outcomes, CancellationToken cancellation) =>
        db.ApprovalRounds.AnyAsync(r => r.TopicId == assessment.Id && r.ContentHash == contentHash && outcomes.Contains(r.Status), cancellation);

    public async Task SettleAsync(GovernanceDb db, ApprovalRound round, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var assessment = await db.ImpactAssessments.Include(a => a.Versions).SingleAsync(a => a.Id == round.TopicId, cancellation);
        var useCase = await db.UseCases.AsNoTracking().SingleAsync(u => u.Key == assessment.UseCaseKey, cancellation);
        var template = templates.OfVersion(assessment.Draft.TemplateVersion) ?? templates.InForce(now);
        assessment.SettleReview(round, template, useCase.Draft, organisation.DayOf(now), by, now);
    }
}
