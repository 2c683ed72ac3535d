using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

public sealed record ModelUsage(
    string Model, long Calls, long UnmeteredCalls, long UnpricedCalls, long FailedCalls, long InputTokens, long OutputTokens, decimal Cost);

public sealed record Usage(
    long Calls, long UnmeteredCalls, long UnpricedCalls, long FailedCalls, long InputTokens, long OutputTokens, decimal Cost, string Currency,
    IReadOnlyList<ModelUsage> ByModel);

public sealed record UsagePoint(DateTimeOffset Start, long Calls, decimal Cost);

/// <summary>A budget of the approved revision and what of it is spent in the window that holds an instant.</summary>
public sealed record BudgetUsage(int Number, KillCriterion Criterion, DateTimeOffset WindowStart, decimal Spent, DateTimeOffset? BreachedAt);

/// <summary>What a use case used and cost, from minute totals: a report costs the same after a million calls.</summary>
public sealed class UsageReport(IDbContextFactory<GovernanceDb> databases, Organisation organisation)
{
    private const string Currency = "USD";

    /// <param name="from">Included; null for the beginning.</param>
    /// <param name="to">Excluded; null for now. Both are cut down to the minute.</param>
    public async Task<Usage> OfAsync(
        string useCaseKey, DateTimeOffset? from, DateTimeOffset? to, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var (start, end) = (from ?? DateTimeOffset.UnixEpoch, to ?? DateTimeOffset.MaxValue.AddDays(-1));
        var models = await db.Database.SqlQuery<ModelUsage>(
            $"""
            select model, sum(calls)::bigint calls, sum(unmetered_calls)::bigint "UnmeteredCalls", sum(unpriced_calls)::bigint "UnpricedCalls",
              sum(failed_calls)::bigint "FailedCalls", sum(input_tokens)::bigint "InputTokens", sum(output_tokens)::bigint "OutputTokens", sum(cost) cost
            from telemetry.usage_minute where use_case_key = {useCaseKey} and minute >= date_trunc('minute', {start.ToUniversalTime()}) and minute < {end.ToUniversalTime()}
            group by model order by sum(cost) desc, model
            """).ToListAsync(cancellation);
        return new Usage(
            models.Sum(m => m.Calls), models.Sum(m => m.UnmeteredCalls), models.Sum(m => m.UnpricedCalls), models.Sum(m => m.FailedCalls),
            models.Sum(m => m.InputTokens), models.Sum(m => m.OutputTokens), models.Sum(m => m.Cost), Currency, models);
    }

    /// <summary>At most 90 points: by day of the organisation's zone, or by hour or minute when all traffic lies within less.</summary>
    public async Task<(string Unit, IReadOnlyList<UsagePoint> Points)> SeriesAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var span = await db.Database.SqlQuery<TrafficSpan>(
            $"select min(minute) \"First\", max(minute) \"Last\" from telemetry.usage_minute where use_case_key = {useCaseKey}").SingleAsync(cancellation);
        if (span is not { First: { } first, Last: { } last })
        {
            return ("day", []);
        }

        var unit = (last - first).TotalHours switch { < 1.5 => "minute", < 72 => "hour", _ => "day" };
        var points = await db.Database.SqlQuery<UsagePoint>(
            $"""
            select date_trunc({unit}, minute, {organisation.TimeZone}) start, sum(calls)::bigint calls, sum(cost) cost
            from telemetry.usage_minute where use_case_key = {useCaseKey} group by 1 order by 1 desc limit 90
            """).ToListAsync(cancellation);
        points.Reverse();
        return (unit, points);
    }

    /// <summary>The budgets that are in force, with the spend of the newest window of each.</summary>
    public async Task<IReadOnlyList<BudgetUsage>> BudgetsAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, reader, cancellation);
        if (useCase.ApprovedRevision is not { } approved)
        {
            return [];
        }

        var spends = await db.Database.SqlQuery<Spend>(
            $"""
            select distinct on (criterion) criterion, window_start "WindowStart", cost, breached_at "BreachedAt" from telemetry.spend
            where use_case_key = {useCaseKey} and revision = {approved} order by criterion, window_start desc
            """).ToDictionaryAsync(s => s.Criterion, cancellation);
        return [.. useCase.Revisions.Single(r => r.Number == approved).Proposal.KillCriteria.Select((criterion, index) =>
        {
            var spend = spends.GetValueOrDefault(index + 1);
            return new BudgetUsage(
                index + 1, criterion,
                spend?.WindowStart ?? DateTimeOffset.UnixEpoch, spend?.Cost ?? 0, spend?.BreachedAt);
        })];
    }

    private sealed record TrafficSpan(DateTimeOffset? First, DateTimeOffset? Last);

    private sealed record Spend(int Criterion, DateTimeOffset WindowStart, decimal Cost, DateTimeOffset? BreachedAt);
}
