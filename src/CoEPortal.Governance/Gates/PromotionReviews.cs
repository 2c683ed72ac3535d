using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>What the board decided comes into force: with its agreement the version may run, if the gate still passes.</summary>
public sealed class PromotionReviews(VersionedFiles<GateRules> rules, Organisation organisation) : IReviewTopic
{
    public ReviewTopic Topic => ReviewTopic.Promotion;

    public async Task SettleAsync(GovernanceDb db, ApprovalRound round, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var promotion = await db.Promotions.SingleAsync(p => p.Id == round.TopicId, cancellation);
        if (promotion.State is not PromotionState.Open)
        {
            // Withdrawn while its lane stood still: whatever becomes of the lane, it has ended.
            return;
        }

        if (round.Status is RoundStatus.Approved)
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"versions/" + promotion.UseCaseKey}, 0))", cancellation);
            var reading = await GateReading.OfAsync(db, promotion.UseCaseKey, rules.InForce(now), cancellation);
            (await reading.CheckAsync(db, promotion.UseCaseKey, promotion.Which, promotion.ArtefactHash, organisation, now, cancellation)).Demand();
            db.ApprovedVersions.Add(ApprovedVersion.Of(promotion.UseCaseKey, promotion.Which, round.Authors, by, now));
        }

        promotion.Settle(round.Status, by, now);
    }
}
