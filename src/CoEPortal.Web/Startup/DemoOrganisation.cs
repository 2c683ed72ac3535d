using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>The people of Nordhaven and, unless <c>Portal__DemoPortfolio=false</c>, a portfolio with a past.</summary>
public sealed class DemoOrganisation(IDbContextFactory<GovernanceDb> databases, DemoPortfolio portfolio, IConfiguration settings, TimeProvider clock)
{
    public async Task SettleAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var known = await db.People.Where(p => p.Id.EndsWith("@" + DemoPersona.Tenant)).ToDictionaryAsync(p => p.Id, cancellation);
        foreach (var persona in DemoPersonas.All)
        {
            if (known.TryGetValue(persona.Id.Value, out var person))
            {
                if (person.IsActive)
                {
                    person.LearnEmail(persona.Email);
                }
            }
            else
            {
                db.People.Add(Person.Register(persona.Actor, Actor.Rule("demo-organisation"), clock.GetUtcNow(), persona.Email));
            }
        }

        await db.SaveChangesAsync(cancellation);
        if (settings.GetValue("Portal:DemoPortfolio", true))
        {
            await portfolio.MakeAsync(cancellation);
        }
    }
}
