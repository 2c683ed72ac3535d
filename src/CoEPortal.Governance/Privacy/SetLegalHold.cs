using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Holds the records of a person or a use case, and lifts the hold again; never the same person both.</summary>
public sealed class SetLegalHold(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <param name="kind">Person or use case.</param>
    /// <param name="target">The id of the person, or the key of the use case.</param>
    /// <param name="reason">Why; it stays, so it should not name people.</param>
    /// <param name="by">Who holds.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<LegalHold> RunAsync(HoldKind kind, string target, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.HoldRecords);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (kind is HoldKind.UseCase)
        {
            await db.DemandReadableAsync(target, by, cancellation);
        }
        else if (!await db.People.AnyAsync(p => p.Id == target, cancellation))
        {
            throw new NotFoundException("person", target);
        }

        Refuse.If(await db.Erasures.AnyAsync(e => kind == HoldKind.Person && e.PersonId == target && e.State == ErasureState.Erased, cancellation),
            "already-erased", "This person is erased already. Nothing is left to hold.");
        Refuse.If(await db.LegalHolds.AnyAsync(h => h.Kind == kind && h.Target == target && h.LiftedAt == null, cancellation), "already-held", "A hold stands over this already.");
        var hold = LegalHold.Set(kind, target, reason, by, clock.GetUtcNow());
        db.LegalHolds.Add(hold);
        await db.SaveChangesAsync(cancellation);
        return hold;
    }

    public async Task<LegalHold> LiftAsync(Guid id, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.HoldRecords);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var hold = await db.LegalHolds.SingleOrDefaultAsync(h => h.Id == id, cancellation) ?? throw new NotFoundException("legal hold", id.ToString());
        hold.Lift(reason, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return hold;
    }
}
