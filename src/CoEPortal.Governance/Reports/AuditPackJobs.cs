using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>How far an asked-for PDF is. The file itself is only read when it is handed out.</summary>
public sealed record AuditPackStatus(
    Guid Id, string UseCaseKey, JobState State, int Progress, string Step, string? Failure, string RequestedByName, DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt);

public sealed class AuditPackJobs(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<(AuditPackStatus Status, byte[]? Pdf)> OfAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var status = await Statuses(db.AuditPackJobs.Where(j => j.Id == id)).SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("audit pack", id.ToString());
        await db.DemandReadableAsync(status.UseCaseKey, reader, cancellation);
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        var pdf = status.State is JobState.Done
            ? await db.AuditPackJobs.Where(j => j.Id == id).Select(j => j.Pdf).SingleAsync(cancellation)
            : null;
        return (status, pdf);
    }

    /// <summary>The PDFs of a use case, newest first.</summary>
    public async Task<Page<AuditPackStatus>> OfUseCaseAsync(
        string useCaseKey, Actor reader, int page = 1, int size = 10, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        return await Statuses(db.AuditPackJobs.Where(j => j.UseCaseKey == useCaseKey).OrderByDescending(j => j.RequestedAt))
            .ToPageAsync(page, size, cancellation);
    }

    private static IQueryable<AuditPackStatus> Statuses(IQueryable<AuditPackJob> jobs) => jobs.AsNoTracking().Select(j => new AuditPackStatus(
        j.Id, j.UseCaseKey, j.State, j.Progress, j.Step, j.Failure, j.RequestedByName, j.RequestedAt, j.FinishedAt));
}
