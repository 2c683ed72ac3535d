using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Import;

/// <summary>Ends graces whose day has come: from then on the use case is denied again.</summary>
public sealed class EndGraces(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostAtOnce = 200;

    /// <returns>How many ended.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        if (!await db.UseCases.AnyAsync(u => u.GraceUntil <= now, cancellation))
        {
            return 0;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var over = await db.UseCases.Where(u => u.GraceUntil <= now).OrderBy(u => u.GraceUntil).Take(MostAtOnce).ToListAsync(cancellation);
        foreach (var useCase in over)
        {
            useCase.EndGrace(Actor.Rule("grace-ended"), now);
        }

        await EnforcementGeneration.SaveAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
        return over.Count;
    }
}
