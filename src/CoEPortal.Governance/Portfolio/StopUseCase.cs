using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>Ends a use case for good, in whatever stage: with the reason, and what it taught.</summary>
public sealed class StopUseCase(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task RunAsync(string useCaseKey, string reason, string lesson, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await StopAsync(db, await db.DemandUseCaseAsync(useCaseKey, by, cancellation), reason, lesson, by, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>As part of a larger change, in its transaction.</summary>
    internal static async Task StopAsync(GovernanceDb db, UseCase useCase, string reason, string lesson, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.StopUseCases, useCase.Subject);
        var before = useCase.Stage;
        useCase.Stop(reason, lesson, by, now);
        await EnforcementGeneration.SaveAsync(db, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into stopped_use_case (use_case_key, stage_before, reason, lesson, stopped_by, stopped_by_name, stopped_at)
            values ({useCase.Key}, {before.ToString()}, {reason.Trim()}, {lesson.Trim()}, {by.Id.Value}, {by.Name}, {now})
            """, cancellation);
    }
}
