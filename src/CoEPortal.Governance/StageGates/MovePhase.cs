using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.StageGates;

/// <summary>Moves a use case from idea to proof of concept, pilot and production, or a step back, with a reason.</summary>
public sealed class MovePhase(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public Task<UseCase> RunAsync(string useCaseKey, Phase to, string reason, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(MovePhase), useCaseKey, by, clock, () => MoveAsync(useCaseKey, to, reason, by, cancellation));

    private async Task<UseCase> MoveAsync(string useCaseKey, Phase to, string reason, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.DecideStageGates, useCase.Subject);
        useCase.MoveTo(to, await FactsAsync(db, useCaseKey, cancellation), reason, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return useCase;
    }

    private static async Task<PhaseFacts> FactsAsync(GovernanceDb db, string key, CancellationToken cancellation) => new(
        await db.StageGateAnswers.CountAsync(a => a.UseCaseKey == key && a.Outcome == StageGateOutcome.Passed, cancellation) == Enum.GetValues<StageGate>().Length,
        await db.CredentialBindings.AnyAsync(b => b.UseCaseKey == key && b.RemovedAt == null, cancellation),
        await db.KillSwitches.AnyAsync(s => s.Scope == SwitchScope.UseCase && s.Target == key && s.State != SwitchState.Released, cancellation),
        await db.MissedDuties.AnyAsync(d => d.UseCaseKey == key && d.Denies, cancellation));
}
