using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>A person of the board agrees or vetoes. With the last that agrees the version may run, if the gate still passes.</summary>
public sealed class DecidePromotion(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider clock)
{
    /// <param name="artefactHash">As the person was shown it.</param>
    public Task<Promotion> RunAsync(Guid id, bool approves, string comment, string artefactHash, Actor person, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(DecidePromotion), id.ToString(), person, clock, () => DecideAsync(id, approves, comment, artefactHash, person, cancellation));

    /// <summary>Whoever asked, or takes part in the use case, takes it back.</summary>
    public async Task<Promotion> WithdrawAsync(Guid id, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var promotion = await FindAsync(db, id, cancellation);
        var subject = await db.DemandReadableAsync(promotion.UseCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, subject);
        promotion.Withdraw(by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return promotion;
    }

    private async Task<Promotion> DecideAsync(Guid id, bool approves, string comment, string artefactHash, Actor person, CancellationToken cancellation)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var key = await db.Promotions.Where(p => p.Id == id).Select(p => p.UseCaseKey).SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("promotion", id.ToString());
        var subject = await db.DemandReadableAsync(key, person, cancellation);
        // Two at once: the second sees the first, and only the last asks the gate.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"versions/" + key}, 0))", cancellation);
        var promotion = await FindAsync(db, id, cancellation);
        var now = clock.GetUtcNow();
        var reading = await GateReading.OfAsync(db, key, rules.InForce(now), cancellation);
        var check = await reading.CheckAsync(db, key, promotion.Which, promotion.ArtefactHash, organisation, now, cancellation);
        promotion.Decide(approves, comment, artefactHash, () => check, person, now);
        if (promotion.State is PromotionState.Approved)
        {
            db.ApprovedVersions.Add(ApprovedVersion.Of(key, promotion.Which, [.. subject.Authors.Select(a => a.Value)], person, now));
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return promotion;
    }

    private static async Task<Promotion> FindAsync(GovernanceDb db, Guid id, CancellationToken cancellation) =>
        await db.Promotions.Include(p => p.Decisions).SingleOrDefaultAsync(p => p.Id == id, cancellation) ?? throw new NotFoundException("promotion", id.ToString());
}
