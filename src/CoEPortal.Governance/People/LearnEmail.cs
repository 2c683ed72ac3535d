using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>Takes over the e-mail address that the sign-in vouches for. The portal itself never asks for one.</summary>
public sealed class LearnEmail(IDbContextFactory<GovernanceDb> databases)
{
    public async Task RunAsync(PersonId id, string email, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.People.SingleOrDefaultAsync(p => p.Id == id.Value && p.IsActive, cancellation) is { } person)
        {
            person.LearnEmail(email);
            await db.SaveChangesAsync(cancellation);
        }
    }
}
