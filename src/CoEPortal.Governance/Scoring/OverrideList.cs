using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Scoring;

/// <summary>How the judgement of a use case was set aside, and by whom.</summary>
public sealed class OverrideList(IDbContextFactory<GovernanceDb> databases)
{
    /// <returns>The newest first.</returns>
    public async Task<IReadOnlyList<JudgementOverride>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.JudgementOverrides.AsNoTracking().Where(o => o.UseCaseKey == useCaseKey).OrderByDescending(o => o.Number).ToListAsync(cancellation);
    }

    /// <returns>What holds for the next submission; null when the rules judge alone.</returns>
    internal static Task<JudgementOverride?> StandingAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) =>
        db.JudgementOverrides.AsNoTracking().SingleOrDefaultAsync(o => o.UseCaseKey == useCaseKey && o.State == OverrideState.Confirmed, cancellation);
}
