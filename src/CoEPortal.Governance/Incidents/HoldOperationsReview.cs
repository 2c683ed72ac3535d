using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Keeps that a weekly review was held, what it looked at and what was said. Once a week.</summary>
public sealed class HoldOperationsReview(IDbContextFactory<GovernanceDb> databases, OperationsReviews reviews, TimeProvider clock)
{
    public async Task<OperationsReview> RunAsync(string week, string note, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.HandleIncidents);
        OperationsReviews.DemandWhole(by);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"operations-review/" + week}, 0))", cancellation);
        var sheet = await reviews.OfAsync(db, week, cancellation);
        Refuse.If(sheet.Held is not null, "review-held", $"The review of {week} was held already, by {sheet.Held?.HeldByName}.");
        var held = OperationsReview.Hold(week, sheet.Incident?.Key, sheet.Risk, note, by, clock.GetUtcNow());
        db.OperationsReviews.Add(held);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return held;
    }
}
