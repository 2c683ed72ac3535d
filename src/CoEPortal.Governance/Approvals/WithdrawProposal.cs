using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>The authors take a proposal back: open tasks close, decisions stay in the record, the draft opens again.</summary>
public sealed class WithdrawProposal(IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, SettleReview settlement, TimeProvider clock)
{
    public async Task RunAsync(string key, string reason, Actor author, CancellationToken cancellation = default)
    {
        Refuse.If(reason.Length > ApprovalRound.CommentLength, "comment-too-long", $"Write at most {ApprovalRound.CommentLength:N0} characters.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Locked in the same order as a decision: a withdrawal and a decision at once end in one of the two, never in both.
        var review = await LockedReview.OfUseCaseAsync(db, key, cancellation);
        var useCase = await db.DemandUseCaseAsync(key, author, cancellation);
        var now = clock.GetUtcNow();
        useCase.Withdraw(reason, author, now);
        if (review is not null)
        {
            await lanes.CancelAsync(db, review, author, now, cancellation);
            review.Round.Withdraw(author, now);
            await settlement.ReleaseConditionsAsync(db, review.Round, isApproved: false, author, now, cancellation);
        }

        // A review that had stopped is over as well, and no longer waits for the operators.
        var stopped = await db.LaneIncidents
            .Where(i => i.ResolvedAt == null && db.LaneInstances.Any(l => l.Id == i.InstanceId && db.ApprovalRounds.Any(r => r.Id == l.RoundId && r.UseCaseId == useCase.Id && r.Topic == ReviewTopic.Proposal)))
            .ToListAsync(cancellation);
        stopped.ForEach(i => i.Resolve(IncidentResolution.Cancelled, "The authors withdrew the proposal.", author, now));

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
