using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// Judges what was counted by the kill criteria of their use cases and engages their switches: the one hook of ingest. Runs in
/// the transaction that stores the calls, so what is counted is stored, and who sees the calls sees the switch.
/// </summary>
public sealed class WatchCriteria(Organisation organisation, TimeProvider clock)
{
    private readonly BudgetWatch _budgets = new(organisation, clock);
    private readonly RateWatch _rates = new(clock);

    /// <param name="db">With a transaction open; the caller saves and commits.</param>
    /// <param name="usage">What the caller counts at the same time; without a use case it is nobody's.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task RunAsync(GovernanceDb db, IReadOnlyList<CountedUsage> usage, CancellationToken cancellation)
    {
        if (usage.Count == 0)
        {
            return;
        }

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var useCases = usage.Select(u => u.UseCase).Distinct().Order(StringComparer.Ordinal).ToList();
        var ordered = usage.OrderBy(u => u.At).ThenBy(u => u.Id, StringComparer.Ordinal).ToList();
        var criteria = await WatchedCriterion.OfAsync(db, useCases, cancellation);
        await _budgets.RunAsync(db, connection, criteria, ordered, cancellation);
        await _rates.RunAsync(db, criteria, ordered, cancellation);
    }
}
