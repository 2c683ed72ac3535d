using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.StageGates;

/// <summary>Somebody who wrote nothing for a gate decides on the answer that waits there. Killed, the use case ends in the same transaction.</summary>
public sealed class DecideStageGate(IDbContextFactory<GovernanceDb> databases, StageGateNotices notices, TimeProvider clock)
{
    /// <param name="contentHash">Of the answer that was read; another is not decided on unseen.</param>
    /// <param name="lesson">What it taught; needed to kill, and only then.</param>
    public Task<StageGateAnswer> RunAsync(
        string useCaseKey, StageGate gate, StageGateOutcome outcome, string reason, string? lesson, string contentHash, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(DecideStageGate), $"{useCaseKey} {gate}", by, clock, () => DecideAsync(useCaseKey, gate, outcome, reason, lesson, contentHash, by, cancellation));

    private async Task<StageGateAnswer> DecideAsync(
        string useCaseKey, StageGate gate, StageGateOutcome outcome, string reason, string? lesson, string contentHash, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.DecideStageGates, useCase.Subject);
        Refuse.If(useCase.Stage is Intake.Stage.Retired, "retired", $"{useCaseKey} has ended already.");
        var here = await db.StageGateAnswers.Where(a => a.UseCaseKey == useCaseKey && a.Gate == gate).OrderByDescending(a => a.Number).ToListAsync(cancellation);
        Refuse.If(here.Count == 0, "nothing-to-decide", "Nobody has answered this gate yet.");
        Refuse.If(here[0].ContentHash != contentHash, "answer-outdated", "This is not the newest answer. Look again, then decide.");
        var now = clock.GetUtcNow();
        here[0].Decide(outcome, reason, [.. here.Select(a => a.WrittenBy)], by, now);
        if (outcome is StageGateOutcome.Killed)
        {
            await StopUseCase.StopAsync(db, useCase, reason, lesson ?? "", by, now, cancellation);
        }
        else
        {
            await db.SaveChangesAsync(cancellation);
        }

        await notices.DecidedAsync(db, useCase, here[0], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return here[0];
    }
}
