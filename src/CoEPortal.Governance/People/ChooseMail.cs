using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>A person says whether notifications also come by e-mail: for themselves, nobody for another.</summary>
public sealed class ChooseMail(IDbContextFactory<GovernanceDb> databases)
{
    public async Task RunAsync(bool wanted, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == by.Id.Value, cancellation)
            ?? throw new NotFoundException("person", by.Id.Value);
        person.ChooseMail(wanted);
        await db.SaveChangesAsync(cancellation);
    }
}
