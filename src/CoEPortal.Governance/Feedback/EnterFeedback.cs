using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Feedback;

/// <summary>Takes down what a person thinks of an answer, or was told by somebody who used it.</summary>
public sealed class EnterFeedback(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    public async Task<UserFeedback> RunAsync(string useCaseKey, FeedbackDraft draft, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, subject);
        var feedback = UserFeedback.Enter(useCaseKey, draft, by, clock.GetUtcNow());
        db.UserFeedback.Add(feedback);
        await db.SaveChangesAsync(cancellation);
        await _watch.FeedbackAsync(db, useCaseKey, [feedback.GivenAt], cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return feedback;
    }
}
