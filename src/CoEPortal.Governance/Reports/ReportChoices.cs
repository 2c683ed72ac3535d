using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>What a report can be about, for those who choose: the newest and the usual; anything else by its address.</summary>
public sealed class ReportChoices(IDbContextFactory<GovernanceDb> databases)
{
    private const int MostUnits = 200;
    private const int MostReal = 50;
    private const int MostCanaries = 20;

    public async Task<IReadOnlyList<string>> BusinessUnitsAsync(Actor reader, CancellationToken cancellation = default)
    {
        PackSubject.DemandWholeOrganisation(reader);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.UseCases.Where(u => u.LatestRevision > 0 && u.BusinessUnit != "").Select(u => u.BusinessUnit).Distinct().OrderBy(u => u)
            .Take(MostUnits).ToListAsync(cancellation);
    }

    /// <summary>Drills for real, then rehearsals of the canary, each newest first.</summary>
    public async Task<IReadOnlyList<Drill>> DrillsAsync(Actor reader, CancellationToken cancellation = default)
    {
        PackSubject.DemandWholeOrganisation(reader);
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return
        [
            .. await db.Drills.AsNoTracking().Where(d => d.Kind == DrillKind.Real).OrderByDescending(d => d.ClickedAt).Take(MostReal).ToListAsync(cancellation),
            .. await db.Drills.AsNoTracking().Where(d => d.Kind == DrillKind.Canary).OrderByDescending(d => d.ClickedAt).Take(MostCanaries).ToListAsync(cancellation),
        ];
    }
}
