using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Clearances;

/// <summary>Somebody looks afterwards at what a rule had cleared. Who objects ends the approval at once.</summary>
public sealed class ReviewClearance(IDbContextFactory<GovernanceDb> databases, EndClearance end, TimeProvider clock)
{
    public Task<Clearance> RunAsync(string useCaseKey, int revision, SampleOutcome outcome, string note, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(ReviewClearance), useCaseKey, by, clock, async () =>
        {
            AccessPolicy.Demand(by, Permission.ReviewClearances);
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
            var clearance = await db.Clearances.SingleOrDefaultAsync(c => c.UseCaseKey == useCaseKey && c.Revision == revision, cancellation)
                ?? throw new NotFoundException("cleared case", FormattableString.Invariant($"{useCaseKey}/{revision}"));
            var now = clock.GetUtcNow();
            clearance.Review(outcome, note, useCase.Writers, by, now);
            var standsAlone = clearance.EndedAt is null && useCase.ApprovedRevision == revision;
            if (outcome is SampleOutcome.Objected && standsAlone)
            {
                await end.RunAsync(db, clearance, useCase, ClearanceEnd.SampleObjected, "Somebody who looked at it as a sample objected.", by, now, cancellation);
            }
            else if (outcome is SampleOutcome.Objected && clearance.EndedAt is null)
            {
                // A newer revision is in force: there is no approval of this one left to end.
                clearance.End(ClearanceEnd.SampleObjected, "A newer revision was in force already.", now);
            }

            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return clearance;
        });
}
