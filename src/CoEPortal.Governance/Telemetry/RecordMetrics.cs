using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Keeps what metrics say, and counts it for services that tell of no calls: their calls, tokens and cost go into the
/// totals and budgets. Where calls are told of, by the service itself or by the gateway of its use case, the same figures
/// would count twice, so they are only kept to compare. Latencies of metrics are not kept: their buckets are the sender's.
/// </summary>
public sealed class RecordMetrics(IDbContextFactory<GovernanceDb> databases, PriceBooks prices, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="points">In any order, with repetitions.</param>
    /// <param name="boundUseCase">The use case of the token that reports.</param>
    /// <param name="reportedBy">The name of the token that reports.</param>
    /// <param name="cancellation">Nothing is stored when cancelled.</param>
    public async Task<RecordedMetrics> RunAsync(
        IReadOnlyCollection<MetricPoint> points, string? boundUseCase, string reportedBy, CancellationToken cancellation = default)
    {
        if (points.Count == 0)
        {
            return new RecordedMetrics(0, 0, 0, 0);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var attribution = await UseCaseAttribution.ForAsync(db, [.. points.Select(p => p.Of)], boundUseCase, cancellation);
        var deltas = (await MetricSeries.AdvanceAsync(connection, points, cancellation))
            .ConvertAll(d => (Delta: d, Service: TelemetrySources.ServiceKey(reportedBy, d.Point.Of.Service), attribution.Of(d.Point.Of).UseCase));
        var sources = await MetricUsage.LockSourcesAsync(
            connection, deltas.SelectMany(d => d.UseCase is null ? [d.Service] : (string[])[d.Service, TelemetrySources.UseCaseKey(d.UseCase)]),
            deltas.Where(d => d.Delta.Point.Measure is Measure.Cost).Select(d => d.Service), cancellation);
        var usage = deltas.ConvertAll(d =>
        {
            var change = ChangeOf(d.Delta, d.UseCase, reportedBy, sources[d.Service].ReportsCost);
            var counts = IsCounted(d.Service, change.At) && (d.UseCase is null || IsCounted(TelemetrySources.UseCaseKey(d.UseCase), change.At));
            return (d.Service, Change: change, Counts: counts);
        });

        await MetricUsage.AddAsync(connection, usage, cancellation);
        var counted = usage.Where(u => u.Counts).Select(u => u.Change).ToList();
        await UsageTotals.AddAsync(connection, counted, cancellation);
        await _watch.RunAsync(db, UsageChange.Counted(counted), cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new RecordedMetrics(points.Count, counted.Count, usage.Count - counted.Count, points.Count - usage.Count);

        bool IsCounted(string key, DateTimeOffset at) => sources[key].CallsFrom is not { } from || at < from;
    }

    private UsageChange ChangeOf(MetricDelta delta, string? useCase, string reportedBy, bool reportsCost)
    {
        var (point, of) = (delta.Point, delta.Point.Of);
        var at = DateTimeOffset.UnixEpoch.AddTicks(point.TimeNanos / 100 / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute);
        var change = new UsageChange(useCase, at, of.Model, of.IsOfGateway ? reportedBy : "", "metrics");
        var whole = (long)Math.Round(delta.Sum, MidpointRounding.ToEven);
        return point.Measure switch
        {
            Measure.Calls => change with { Calls = delta.Count, UnpricedCalls = UnpricedOf(delta.Count) },
            Measure.FailedCalls => change with { Calls = delta.Count, FailedCalls = delta.Count, UnpricedCalls = UnpricedOf(delta.Count) },
            Measure.InputTokens => change with { InputTokens = whole, Cost = CostOf(of with { InputTokens = whole }) },
            Measure.OutputTokens => change with { OutputTokens = whole, Cost = CostOf(of with { OutputTokens = whole }) },
            _ => change with { Cost = Math.Round(delta.Sum, PriceBooks.Decimals, MidpointRounding.ToEven) },
        };

        decimal CostOf(ReportedCall tokens) => reportsCost ? 0 : prices.CostOf(tokens with { StartedAt = at }).Dollars ?? 0;

        // Tokens and calls are told of by different points, so calls are without a price where their tokens would be.
        long UnpricedOf(long calls) =>
            reportsCost || prices.CostOf(of with { StartedAt = at, InputTokens = 0, OutputTokens = 0 }).Dollars is not null ? 0 : calls;
    }
}
