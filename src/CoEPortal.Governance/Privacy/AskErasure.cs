using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Asks that a person be erased, or takes that back. Nothing of the person changes yet.</summary>
public sealed class AskErasure(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <param name="person">Who is to be erased; also somebody who still works here.</param>
    /// <param name="reason">Why. It stays, so it should not name the person.</param>
    /// <param name="reference">Of the request, or empty.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Erasure> RunAsync(PersonId person, string reason, string reference, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ErasePeople);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (!await db.People.AnyAsync(p => p.Id == person.Value, cancellation))
        {
            throw new NotFoundException("person", person.Value);
        }

        var states = await db.Erasures.Where(e => e.PersonId == person.Value && e.State != ErasureState.TakenBack).Select(e => e.State).ToListAsync(cancellation);
        Refuse.If(states.Contains(ErasureState.Erased), "already-erased", "This person is erased already.");
        Refuse.If(states.Count > 0, "already-asked", "Somebody has asked for this already. Look at the open requests.");
        var erasure = Erasure.Ask(person, reason, reference, by, clock.GetUtcNow());
        db.Erasures.Add(erasure);
        await db.SaveChangesAsync(cancellation);
        return erasure;
    }

    public async Task<Erasure> TakeBackAsync(Guid id, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ErasePeople);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var erasure = await db.Erasures.SingleOrDefaultAsync(e => e.Id == id, cancellation) ?? throw new NotFoundException("erasure", id.ToString());
        erasure.TakeBack(reason, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return erasure;
    }
}
