using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>
/// Judges stored calls by the kill criteria of their use cases and engages their switches: the one hook of ingest. Runs in
/// the transaction that stores the calls, so what is counted is stored, and who sees the calls sees the switch.
/// </summary>
public sealed class WatchCriteria(Organisation organisation, TimeProvider clock)
{
    private readonly BudgetWatch _budgets = new(organisation, clock);
    private readonly RateWatch _rates = new(clock);

    /// <param name="db">With a transaction open; the caller saves and commits.</param>
    /// <param name="calls">Stored for the first time and attributed, in the order of their event time.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task RunAsync(GovernanceDb db, IReadOnlyList<CountedCall> calls, CancellationToken cancellation)
    {
        if (calls.Count == 0)
        {
            return;
        }

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var useCases = calls.Select(c => c.UseCase).Distinct().Order(StringComparer.Ordinal).ToList();
        var criteria = await WatchedCriterion.OfAsync(db, useCases, cancellation);
        await _budgets.RunAsync(db, connection, criteria, calls, cancellation);
        await _rates.RunAsync(db, criteria, calls, cancellation);
    }
}
