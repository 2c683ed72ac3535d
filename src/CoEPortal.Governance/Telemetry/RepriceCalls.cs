using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Prices calls of a time again, by the books there are now, each by the one in force when it was made. A reported cost
/// is never touched, nor what metrics counted. Costs, totals, budgets and the audit event change in one transaction, so a
/// run that fails has changed nothing; a budget that is exceeded by the new prices engages its switch.
/// </summary>
public sealed class RepriceCalls(IDbContextFactory<GovernanceDb> databases, PriceBooks prices, Organisation organisation, TimeProvider clock)
{
    public const int MostDays = 366;
    private const int AtOnce = 5_000;

    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="from">Included.</param>
    /// <param name="to">Excluded.</param>
    /// <param name="reason">Why, in at most 500 characters; it stays in the audit log.</param>
    /// <param name="by">A CoE lead or an admin.</param>
    /// <param name="cancellation">Nothing is changed when cancelled.</param>
    public async Task<PriceRun> RunAsync(DateTimeOffset from, DateTimeOffset to, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.RepriceCalls);
        reason = reason.Trim();
        Refuse.If(reason.Length is 0 or > 500 || reason.Any(char.IsControl), "reason-required", "Say in at most 500 characters why calls are priced again.");
        Refuse.If(to <= from || to - from > TimeSpan.FromDays(MostDays), "period-out-of-range", $"Give a period of at most {MostDays} days.");

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        // One run at a time: two would both compare with what the other is about to change.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtext('reprice-calls'))", cancellation);
        var (calls, changed, before, after) = (0L, 0L, 0m, 0m);
        var (lastTime, lastId) = (DateTimeOffset.UnixEpoch, Guid.Empty);
        while (await CallTable.LockPricedAsync(connection, from, to, lastTime, lastId, AtOnce, cancellation) is { Count: > 0 } page)
        {
            var anew = page.ConvertAll(c => (Before: c, Now: c with { Cost = prices.CostOf(c.Call) })).FindAll(c => c.Now.Cost != c.Before.Cost);
            await CallTable.UpdateAsync(connection, anew.ConvertAll(c => c.Now), cancellation);
            var changes = anew.ConvertAll(c => UsageChange.OfCost(c.Before, c.Now));
            await UsageTotals.AddAsync(connection, changes, cancellation);
            await _watch.RunAsync(db, UsageChange.Counted(changes), cancellation);
            calls += page.Count;
            changed += anew.Count;
            before += page.Sum(c => c.Cost.Dollars ?? 0);
            after += page.Sum(c => c.Cost.Dollars ?? 0) + changes.Sum(c => c.Cost);
            (lastTime, lastId) = (page[^1].Call.StartedAt, page[^1].Id);
        }

        var run = PriceRun.Of(from, to, reason, calls, changed, before, after, by, clock.GetUtcNow());
        db.PriceRuns.Add(run);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return run;
    }
}
