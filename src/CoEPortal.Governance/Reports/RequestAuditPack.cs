using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Asks for a use case's audit PDF. A second click while one is printing gives the same job.</summary>
public sealed class RequestAuditPack(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>Something waits. A printer in this process need not wait for its next round.</summary>
    public event Action? Requested;

    public async Task<Guid> RunAsync(string useCaseKey, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.ExportAuditPacks, useCase.Subject);
        Refuse.If(useCase.LatestRevision == 0, "nothing-submitted", $"{useCaseKey} is still a draft. There is nothing to prove before it is submitted.");
        var running = await db.AuditPackJobs.AsNoTracking()
            .Where(j => j.UseCaseKey == useCaseKey && j.RequestedBy == by.Id.Value && (j.State == JobState.Waiting || j.State == JobState.Running))
            .Select(j => (Guid?)j.Id).FirstOrDefaultAsync(cancellation);
        if (running is { } known)
        {
            return known;
        }

        var job = AuditPackJob.Request(useCaseKey, by, clock.GetUtcNow());
        db.AuditPackJobs.Add(job);
        await db.SaveChangesAsync(cancellation);
        Requested?.Invoke();
        return job.Id;
    }
}
