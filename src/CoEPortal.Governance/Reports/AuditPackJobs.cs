using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>How far an asked-for PDF is. The file itself is only read when it is handed out.</summary>
public sealed record AuditPackStatus(
    Guid Id, PackKind SubjectKind, string SubjectKey, string? UseCaseKey, Paper Paper, JobState State, int Progress, string Step, string? Failure,
    string RequestedBy, string RequestedByName, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt)
{
    public PackSubject Subject => PackSubject.Of(SubjectKind, SubjectKey);

    public bool IsOpen => State is JobState.Waiting or JobState.Running;

    public bool MayCancel(Actor actor) => IsOpen && (actor.Id.Value == RequestedBy || actor.Is(Role.CoeLead));
}

public sealed class AuditPackJobs(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<(AuditPackStatus Status, byte[]? Pdf)> OfAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var status = await Statuses(db.AuditPackJobs.Where(j => j.Id == id)).SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("audit pack", id.ToString());
        await status.Subject.DemandAsync(db, reader, cancellation);
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

    /// <summary>The PDFs of everything, newest first.</summary>
    /// <param name="kind">Only those about this kind of subject; null for all.</param>
    /// <param name="reader">Somebody who may have reports of every business unit.</param>
    /// <param name="page">From 1.</param>
    /// <param name="size">At most 200.</param>
    /// <param name="cancellation">Stops reading.</param>
    public async Task<Page<AuditPackStatus>> ListAsync(PackKind? kind, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        PackSubject.DemandWholeOrganisation(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Statuses(db.AuditPackJobs.Where(j => kind == null || j.SubjectKind == kind).OrderByDescending(j => j.RequestedAt).ThenByDescending(j => j.Id))
            .ToPageAsync(page, size, cancellation);
    }

    private static IQueryable<AuditPackStatus> Statuses(IQueryable<AuditPackJob> jobs) => jobs.AsNoTracking().Select(j => new AuditPackStatus(
        j.Id, j.SubjectKind, j.SubjectKey, j.UseCaseKey, j.Paper, j.State, j.Progress, j.Step, j.Failure, j.RequestedBy, j.RequestedByName, j.RequestedAt,
        j.FinishedAt));
}
