using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>Whoever asked, or takes part in the use case, takes a promotion back; the board is asked no more.</summary>
public sealed class WithdrawPromotion(IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, SettleReview settlement, TimeProvider clock)
{
    public async Task<Promotion> RunAsync(Guid id, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // The lane before anything else, as a decision does: the two at once end in one of them.
        var review = await LockedReview.OfTopicAsync(db, id, cancellation);
        var promotion = await db.Promotions.SingleOrDefaultAsync(p => p.Id == id, cancellation) ?? throw new NotFoundException("promotion", id.ToString());
        var subject = await db.DemandReadableAsync(promotion.UseCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, subject);
        var now = clock.GetUtcNow();
        promotion.Withdraw(by, now);
        if (review is not null)
        {
            await lanes.CancelAsync(db, review, by, now, cancellation);
            review.Round.Withdraw(by, now);
            await settlement.ReleaseConditionsAsync(db, review.Round, isApproved: false, by, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return promotion;
    }
}
