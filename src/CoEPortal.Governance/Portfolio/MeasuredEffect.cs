using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>What was measured of a use case, and the lift that follows from it.</summary>
public sealed record Effect(Kpi Kpi, Lift Lift, IReadOnlyList<KpiReading> Readings);

public sealed class MeasuredEffect(IDbContextFactory<GovernanceDb> databases)
{
    private const int MostReadings = 1000;

    public async Task<Effect> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await InAsync(db, useCaseKey, cancellation);
    }

    internal static async Task<Effect> InAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation)
    {
        // Against what was promised: the revision in force, before that the draft.
        var found = await db.UseCases.AsNoTracking().Where(u => u.Key == useCaseKey)
            .Select(u => new { u.Draft, InForce = u.Revisions.Where(r => r.Number == u.ApprovedRevision).Select(r => r.Proposal).FirstOrDefault() }).SingleAsync(cancellation);
        var readings = await db.KpiReadings.AsNoTracking().Where(r => r.UseCaseKey == useCaseKey)
            .OrderByDescending(r => r.MeasuredOn).ThenByDescending(r => r.Id).Take(MostReadings).ToListAsync(cancellation);
        var kpi = (found.InForce ?? found.Draft).Kpi;
        return new(kpi, Lift.Of(kpi, readings), readings);
    }
}
