using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>The people of Nordhaven and, where asked for, a believable portfolio made by the real use-case classes.</summary>
public sealed class DemoOrganisation(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task SettleAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var known = await db.People.Select(p => p.Id).ToListAsync(cancellation);
        foreach (var persona in DemoPersonas.All.Where(p => !known.Contains(p.Id.Value)))
        {
            db.People.Add(Person.Register(persona.Actor, Actor.Rule("demo-organisation"), clock.GetUtcNow()));
        }

        await db.SaveChangesAsync(cancellation);
    }
}
