using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>Somebody who proposes states what a unit of the KPI is worth, by which source, and what the use case costs beside its calls.</summary>
public sealed class StateWorth(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostOfOne = 1000;

    /// <param name="currency">Null: the one in which spend is kept. Another is refused: there is no dated rate table to convert by.</param>
    public async Task<KpiWorth> RunAsync(string useCaseKey, WorthDraft draft, string? currency, Actor by, CancellationToken cancellation = default)
    {
        Refuse.If(currency is not (null or KpiWorth.Currency), "currency-not-kept", $"State it in {KpiWorth.Currency}, in which spend is kept.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        AccessPolicy.Demand(by, Permission.ProposeUseCase, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"worth/" + useCaseKey}, 0))", cancellation);
        var number = await db.KpiWorths.CountAsync(w => w.UseCaseKey == useCaseKey, cancellation) + 1;
        Refuse.If(number > MostOfOne, "too-many-statements", $"{useCaseKey} has {MostOfOne} statements of its worth.");
        var now = clock.GetUtcNow();
        var worth = KpiWorth.State(useCaseKey, number, draft, organisation.DayOf(now), by, now);
        db.KpiWorths.Add(worth);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return worth;
    }
}
