using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>What a use case lacks of what its lane asks for.</summary>
public sealed class DutyList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<IReadOnlyList<MissedDuty>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.MissedDuties.AsNoTracking().Where(d => d.UseCaseKey == useCaseKey && d.Since != null).OrderBy(d => d.DeniesFrom).ToListAsync(cancellation);
    }
}
