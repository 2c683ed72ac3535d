using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Import;

/// <summary>Lets what was running before it was registered run on until a day, although nobody has approved it yet.</summary>
public sealed class GrantGrace(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <param name="useCaseKey">Registered, not approved.</param>
    /// <param name="lastDay">The last day on which it may run, in the organisation's zone.</param>
    /// <param name="reason">Why; kept in the log.</param>
    /// <param name="by">A CoE lead.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RunAsync(string useCaseKey, DateOnly lastDay, string reason, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.GrantGrace, useCase.Subject);
        Refuse.If(lastDay.Year is < 2000 or > 2200, "grace-too-long", "Give a day of this century.");
        useCase.GrantGrace(organisation.StartOf(lastDay.AddDays(1)), reason, by, clock.GetUtcNow());
        await EnforcementGeneration.SaveAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Takes a grace back before its day.</summary>
    public async Task EndAsync(string useCaseKey, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.GrantGrace, useCase.Subject);
        useCase.EndGrace(by, clock.GetUtcNow());
        await EnforcementGeneration.SaveAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
