using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Asks for an audit PDF. A second click while the same one is printing gives the same job.</summary>
public sealed class RequestAuditPack(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <summary>What one person may have waiting at a time: there is one printer.</summary>
    public const int MostWaiting = 10;

    /// <summary>Something waits. A printer in this process need not wait for its next round.</summary>
    public event Action? Requested;

    public Task<Guid> RunAsync(string useCaseKey, Actor by, CancellationToken cancellation = default) =>
        RunAsync(new UseCaseSubject(useCaseKey), Paper.A4, by, cancellation);

    public async Task<Guid> RunAsync(PackSubject subject, Paper paper, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await subject.DemandAsync(db, by, cancellation);
        var now = clock.GetUtcNow();
        (subject as PeriodSubject)?.DemandSensible(organisation.DayOf(now));
        var open = await db.AuditPackJobs.AsNoTracking()
            .Where(j => j.RequestedBy == by.Id.Value && (j.State == JobState.Waiting || j.State == JobState.Running))
            .Select(j => new { j.Id, j.SubjectKind, j.SubjectKey, j.Paper }).ToListAsync(cancellation);
        if (open.Find(j => j.SubjectKind == subject.Kind && j.SubjectKey == subject.Key && j.Paper == paper) is { } same)
        {
            return same.Id;
        }

        Refuse.If(open.Count >= MostWaiting, "too-many-reports", $"You have {MostWaiting} reports waiting. Cancel one, or wait for the first.");
        var job = AuditPackJob.Request(subject, paper, by, now);
        db.AuditPackJobs.Add(job);
        await db.SaveChangesAsync(cancellation);
        Requested?.Invoke();
        return job.Id;
    }
}
