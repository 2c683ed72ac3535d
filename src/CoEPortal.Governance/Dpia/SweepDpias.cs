using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>Tells people of assessments whose step is overdue, and of those that are to be looked at again soon. Decides nothing.</summary>
public sealed class SweepDpias(IDbContextFactory<GovernanceDb> databases, DpiaNotices notices, Organisation organisation, TimeProvider clock)
{
    private const int DaysBefore = 30;

    private static readonly Actor Rule = Actor.Rule("dpia-deadlines");

    /// <param name="limit">Of one sweep; the next goes on.</param>
    /// <returns>How many assessments somebody was told of.</returns>
    public async Task<int> RunAsync(int limit = 200, CancellationToken cancellation = default)
    {
        var told = 0;
        while (told < limit && await NextAsync(cancellation))
        {
            told++;
        }

        return told;
    }

    private async Task<bool> NextAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var near = organisation.DayOf(now).AddDays(DaysBefore);
        // What another node has is passed over.
        var assessment = await db.ImpactAssessments
            .FromSql($"""
                select * from dpia where tell_at <= {now} or is_signed_off and not is_review_told and review_on <= {near}
                order by tell_at nulls last, key limit 1 for update skip locked
                """)
            .SingleOrDefaultAsync(cancellation);
        if (assessment is null)
        {
            return false;
        }

        if (assessment.TellAt <= now)
        {
            assessment.Overdue(assessment.OverdueLevel + 1 < DpiaDeadlines.HighestLevel ? organisation.AfterWorkingDays(now, DpiaDeadlines.AgainAfterWorkingDays) : null, Rule, now);
            await notices.OverdueAsync(db, assessment, now, cancellation);
        }
        else
        {
            assessment.TellReview();
            await notices.ReviewNearAsync(db, assessment, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }
}
