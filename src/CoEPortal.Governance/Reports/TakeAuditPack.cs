using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>Gives a printer the job that has waited longest. Two printers never get the same one.</summary>
public sealed class TakeAuditPack(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public const int MostAttempts = 3;

    /// <summary>After this long, whoever took a job is taken for dead: a report is printed four times at most, each within two minutes.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromMinutes(10);

    private static readonly Actor Printer = Actor.Rule("audit-pack-printer");

    /// <returns>Null when nothing waits.</returns>
    public async Task<TakenAuditPack?> RunAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            var db = await databases.CreateDbContextAsync(cancellation);
            var job = await ClaimAsync(db, cancellation);
            if (job is { State: JobState.Running })
            {
                return new TakenAuditPack(databases, db, job, Printer, clock);
            }

            await db.DisposeAsync();
            if (job is null)
            {
                return null;
            }
        }
    }

    private async Task<AuditPackJob?> ClaimAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var dead = now - DeadAfter;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var job = await db.AuditPackJobs.FromSql(
            $"""
            select * from audit_pack_job
            where state = 'Waiting' or (state = 'Running' and started_at < {dead})
            order by requested_at limit 1 for update skip locked
            """).SingleOrDefaultAsync(cancellation);
        if (job is null)
        {
            return null;
        }

        // What stops a node every time it is printed must not stop nodes for ever.
        if (job.Attempts >= MostAttempts)
        {
            job.Fail($"The portal stopped {MostAttempts} times while it printed this, so it does not try again.", Printer, now);
        }
        else
        {
            job.Start(now);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return job;
    }
}

/// <summary>
/// A job in the hands of one printer. Should another have taken it for abandoned, the next word about it is refused
/// ("changed-meanwhile"), so that a job ends once.
/// </summary>
public sealed class TakenAuditPack : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly IDbContextFactory<GovernanceDb> _databases;
    private readonly GovernanceDb _db;
    private readonly AuditPackJob _job;
    private readonly Actor _printer;
    private readonly TimeProvider _clock;

    internal TakenAuditPack(IDbContextFactory<GovernanceDb> databases, GovernanceDb db, AuditPackJob job, Actor printer, TimeProvider clock)
    {
        (_databases, _db, _job, _printer, _clock) = (databases, db, job, printer, clock);
    }

    public Guid Id => _job.Id;

    public PackSubject Subject => _job.Subject;

    public Paper Paper => _job.Paper;

    public string RequestedByName => _job.RequestedByName;

    public async Task ReportAsync(int progress, string step, CancellationToken cancellation = default)
    {
        _job.Report(progress, step);
        await _db.SaveChangesAsync(cancellation);
    }

    public async Task FinishAsync(byte[] pdf, long? checkpointSize, CancellationToken cancellation = default)
    {
        _job.Finish(pdf, ContentHash.OfBytes(pdf).ToString(), checkpointSize, _printer, _clock.GetUtcNow());
        await _db.SaveChangesAsync(cancellation);
    }

    /// <summary>Returns when the job is no longer this printer's: somebody cancelled it, or another printer took it over.</summary>
    public async Task LostAsync(CancellationToken cancellation)
    {
        var attempt = _job.Attempts;
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            await using var db = await _databases.CreateDbContextAsync(cancellation);
            if (!await db.AuditPackJobs.AnyAsync(j => j.Id == Id && j.State == JobState.Running && j.Attempts == attempt, cancellation))
            {
                return;
            }
        }
    }

    public async Task FailAsync(string why, CancellationToken cancellation = default)
    {
        _job.Fail(why, _printer, _clock.GetUtcNow());
        await _db.SaveChangesAsync(cancellation);
    }

    public ValueTask DisposeAsync() => _db.DisposeAsync();
}
