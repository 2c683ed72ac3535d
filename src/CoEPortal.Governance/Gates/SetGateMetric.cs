using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>Asks more of one use case than the organisation's rules: a metric of its own, or a stricter limit.</summary>
public sealed class SetGateMetric(IDbContextFactory<GovernanceDb> databases, VersionedFiles<GateRules> rules, TimeProvider clock)
{
    public const int MostOwn = 30;

    public async Task<OwnMetric> RunAsync(
        string useCaseKey, string suite, string metric, decimal? atLeast, decimal? atMost, string reason, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var subject = await db.DemandReadableAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.DecideReviews, subject);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"gate/" + useCaseKey}, 0))", cancellation);
        var now = clock.GetUtcNow();
        var ofTheOrganisation = rules.InForce(now).Suites.Find(s => s.Id == suite)?.Metrics.Find(m => m.Id == metric);
        var own = await db.OwnMetrics.SingleOrDefaultAsync(m => m.UseCaseKey == useCaseKey && m.Suite == suite && m.Metric == metric, cancellation);
        if (own is null)
        {
            Refuse.If(await db.OwnMetrics.CountAsync(m => m.UseCaseKey == useCaseKey, cancellation) >= MostOwn, "too-many-metrics", $"A use case has at most {MostOwn} metrics of its own.");
            db.OwnMetrics.Add(own = OwnMetric.For(useCaseKey, suite, metric, now));
        }

        own.Set(atLeast, atMost, ofTheOrganisation, reason, by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return own;
    }
}
