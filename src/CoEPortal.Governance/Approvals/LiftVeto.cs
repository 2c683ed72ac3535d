using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Another person of the function that vetoed lifts its veto: the same revision is asked about again, in a new round.</summary>
public sealed class LiftVeto(IDbContextFactory<GovernanceDb> databases, LaneRuntime lanes, TimeProvider clock)
{
    /// <param name="contentHash">Of the revision that was vetoed, as the person was shown it.</param>
    public Task<ApprovalRound> RunAsync(string useCaseKey, string reason, string contentHash, Actor person, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(LiftVeto), useCaseKey, person, clock, () => LiftAsync(useCaseKey, reason, contentHash, person, cancellation));

    private async Task<ApprovalRound> LiftAsync(string useCaseKey, string reason, string contentHash, Actor person, CancellationToken cancellation)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await LockedReview.BeforeItOpensAsync(db, useCaseKey, cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, person, cancellation);
        var vetoed = await db.ApprovalRounds.Include(r => r.Decisions).Where(r => r.UseCaseId == useCase.Id && r.Topic == ReviewTopic.Proposal).OrderByDescending(r => r.Number).FirstOrDefaultAsync(cancellation);
        Refuse.If(vetoed is null || useCase.Stage is not Stage.Declined, "not-vetoed", $"No veto stands against {useCaseKey}.");

        var now = clock.GetUtcNow();
        vetoed.LiftVeto(reason, contentHash, person, now);
        var revision = useCase.ReviewAgain(vetoed.RevisionNumber, now);
        var round = ApprovalRound.Open(useCase, revision, await LockedReview.NextNumberAsync(db, useCase, cancellation), person, now, liftsVetoOf: vetoed.Number);
        db.ApprovalRounds.Add(round);
        await lanes.StartAsync(db, round, useCase, revision, person, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return round;
    }
}
