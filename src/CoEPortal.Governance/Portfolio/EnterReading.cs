using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>Somebody measured the KPI of a use case, with AI or without, or takes a wrong reading back.</summary>
public sealed class EnterReading(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostOfOne = 1000;

    public async Task<KpiReading> RunAsync(string useCaseKey, ReadingDraft draft, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        await DemandRoomAsync(db, useCaseKey, cancellation);
        var now = clock.GetUtcNow();
        var reading = KpiReading.Enter(useCaseKey, draft, organisation.DayOf(now), by, now);
        db.KpiReadings.Add(reading);
        await db.SaveChangesAsync(cancellation);
        return reading;
    }

    internal static async Task DemandRoomAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) => Refuse.If(
        await db.KpiReadings.CountAsync(r => r.UseCaseKey == useCaseKey, cancellation) >= MostOfOne, "too-many-readings", $"{useCaseKey} has {MostOfOne} readings. Enter means of more cases instead.");

    public async Task WithdrawAsync(string useCaseKey, Guid id, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        AccessPolicy.Demand(by, Permission.TakePart, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        var reading = await db.KpiReadings.SingleOrDefaultAsync(r => r.Id == id && r.UseCaseKey == useCaseKey, cancellation) ?? throw new NotFoundException("reading", id.ToString());
        reading.Withdraw(by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
    }
}
