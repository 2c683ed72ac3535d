using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>The authors take a proposal back: open tasks close, decisions stay in the record, the draft opens again.</summary>
public sealed class WithdrawProposal(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task RunAsync(string key, string reason, Actor author, CancellationToken cancellation = default)
    {
        Refuse.If(reason.Length > ApprovalRound.CommentLength, "comment-too-long", $"Write at most {ApprovalRound.CommentLength:N0} characters.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Locked in the same order as a decision: a withdrawal and a decision at once end in one of the two, never in both.
        var instance = await db.LaneInstances
            .FromSql($"""
                select i.* from wf.lane_instance i join approval_round r on r.id = i.round_id
                where r.use_case_key = {key} and r.status = 'Open' for update of i
                """)
            .SingleOrDefaultAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(key, author, cancellation);
        var now = clock.GetUtcNow();
        useCase.Withdraw(reason, author, now);
        if (instance is not null)
        {
            var round = await db.ApprovalRounds.SingleAsync(r => r.Id == instance.RoundId, cancellation);
            var tasks = await db.ReviewTasks.Where(t => t.InstanceId == instance.Id).ToListAsync(cancellation);
            await LaneRuntime.CancelAsync(db, instance, round, tasks, author, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
