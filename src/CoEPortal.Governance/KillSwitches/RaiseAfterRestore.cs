using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>The audit log does not go on from a checkpoint that was signed: the database was restored, or another one answers.</summary>
/// <param name="SignedRoot">Of the checkpoint, as <c>sha256:…</c>: each is acted on once.</param>
public sealed record RestoreNoticed(long SignedEntries, DateTimeOffset SignedAt, string SignedRoot, long Found, long RaisedTo, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At);

/// <summary>
/// After a restore that only the audit log shows, as when every node forgot what it knew: raises the generation beyond what
/// gateways can have seen. What was engaged is not known to anybody then, so a person has to look.
/// </summary>
public sealed class RaiseAfterRestore(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <param name="known">What the log does not go on from.</param>
    /// <returns>What was done; null when that was done before.</returns>
    public async Task<RestoreNoticed?> RunAsync(SignedCheckpoint known, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var found = await RaiseGeneration.LockAsync(db, cancellation);
        var root = "sha256:" + Convert.ToHexStringLower(known.Root);
        if (await RaiseGeneration.Told(db).AnyAsync(e => e.Action == nameof(RestoreNoticed) && e.Body.Contains(root), cancellation))
        {
            return null;
        }

        var noticed = new RestoreNoticed(known.Size, known.At, root, found, found + RaiseGeneration.Leap, RaiseGeneration.Rule, clock.GetUtcNow());
        await RaiseGeneration.SaveAsync(db, noticed.RaisedTo, noticed, cancellation);
        await transaction.CommitAsync(cancellation);
        return noticed;
    }
}
