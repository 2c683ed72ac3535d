using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What of the tightest budget of each use case is left now, in US dollars, and among how many nodes it is shared.</summary>
public sealed class RemainingBudgets(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    public async Task<(IReadOnlyDictionary<string, decimal> Left, int Nodes)> ReadAsync(IReadOnlyCollection<string> useCases, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var budgets = (await WatchedCriterion.OfAsync(db, useCases, cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.Budget).ToList();
        var keys = useCases.ToList();
        var spends = await db.Database.SqlQuery<Spend>(
            $"""
            select use_case_key "UseCase", revision "Revision", criterion "Criterion", window_start "WindowStart", cost "Cost"
            from telemetry.spend where use_case_key = any ({keys})
            """).ToDictionaryAsync(s => (s.UseCase, s.Revision, s.Criterion, s.WindowStart), s => s.Cost, cancellation);
        var now = clock.GetUtcNow();
        var left = budgets.GroupBy(b => b.UseCaseKey).ToDictionary(g => g.Key, g => g.Min(b =>
            b.Limit - spends.GetValueOrDefault((b.UseCaseKey, b.Revision, b.Number, BudgetWatch.WindowOf(organisation, b.Criterion.Window, now)))));
        var nodes = (await db.Database.SqlQuery<int>(
            $"select count(*)::int as \"Value\" from enforcement_node where seen_at > clock_timestamp() - interval '10 seconds'").ToListAsync(cancellation))[0];
        return (left, Math.Max(1, nodes));
    }

    private sealed record Spend(string UseCase, int Revision, int Criterion, DateTimeOffset WindowStart, decimal Cost);
}
