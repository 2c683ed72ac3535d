using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>
/// Notes that a person has just proved who they are. Kept with the person and not in the cookie, so that a page that is
/// open in a circuit learns of it without being loaded again.
/// </summary>
public sealed class ConfirmIdentity(IDbContextFactory<GovernanceDb> databases)
{
    /// <param name="confirmedAt">When the identity provider says it was; an older moment than the known one changes nothing.</param>
    public async Task RunAsync(PersonId person, DateTimeOffset confirmedAt, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.People.Where(p => p.Id == person.Value && p.IsActive && (p.ConfirmedAt == null || p.ConfirmedAt < confirmedAt))
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.ConfirmedAt, confirmedAt), cancellation);
    }
}
