using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Ends a report that is still waiting or printing; its printer notices within a second.</summary>
public sealed class CancelAuditPack(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostTries = 5;

    public async Task RunAsync(Guid id, Actor by, CancellationToken cancellation = default)
    {
        for (var tries = 1; ; tries++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var job = await db.AuditPackJobs.SingleOrDefaultAsync(j => j.Id == id, cancellation) ?? throw new NotFoundException("audit pack", id.ToString());
            await job.Subject.DemandAsync(db, by, cancellation);
            job.Cancel(by, clock.GetUtcNow());
            try
            {
                await db.SaveChangesAsync(cancellation);
                return;
            }
            catch (RuleViolationException faster) when (faster.Rule == "changed-meanwhile" && tries < MostTries)
            {
                // The printer said how far it is at the same moment.
            }
        }
    }
}
