using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>What usage is told apart by.</summary>
public enum UsageDimension
{
    UseCase,

    /// <summary>The business unit that answers for the use case today.</summary>
    Department,
    Model,

    /// <summary>The gateway that told of the calls; empty for what only clients told of.</summary>
    Gateway,
}

/// <summary>
/// Sums of one value of a dimension. <paramref name="Key"/> is empty for traffic of no use case, unit or gateway. Percentiles
/// are within <see cref="LatencyHistogram.RelativeError"/>; calls known from metrics alone have none.
/// </summary>
public sealed record UsageSum(
    string Key, long Calls, long UnmeteredCalls, long UnpricedCalls, long FailedCalls, long GuardrailCalls,
    long InputTokens, long OutputTokens, long CachedInputTokens, decimal Cost, LatencyHistogram Latency);

/// <summary>A point of a chart.</summary>
public sealed record UsageMoment(DateTimeOffset Start, UsageSum Sum);

/// <summary>
/// Live usage of all that somebody may see, by use case, department, model or gateway, and over time. Reads totals of
/// minutes, hours or days, whichever fits the length asked for, so it costs the same after a million calls.
/// </summary>
public sealed class UsageBreakdown(IDbContextFactory<GovernanceDb> databases)
{
    public const int MostRows = 500;

    /// <param name="dimension">What to tell apart.</param>
    /// <param name="from">Included; cut down to the unit that is read.</param>
    /// <param name="to">Excluded; cut down likewise.</param>
    /// <param name="reader">Sees the use cases that they may read; traffic of none only if they may read all.</param>
    /// <param name="useCaseKey">One use case only; null for all.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The dearest first, at most <see cref="MostRows"/>.</returns>
    public async Task<IReadOnlyList<UsageSum>> ByAsync(
        UsageDimension dimension, DateTimeOffset from, DateTimeOffset to, Actor reader, string? useCaseKey = null, CancellationToken cancellation = default)
    {
        var column = dimension switch
        {
            UsageDimension.UseCase => "t.use_case_key",
            UsageDimension.Department => "coalesce(u.business_unit, '')",
            UsageDimension.Model => "t.model",
            _ => "t.gateway",
        };
        var rows = await ReadAsync(column, "null::timestamptz", "group by 1 order by sum(t.cost) desc, sum(t.calls) desc, 1 limit " + MostRows, from, to, reader, useCaseKey, cancellation);
        return rows.ConvertAll(r => r.Sum);
    }

    /// <summary>The same over time: by minute up to six hours, by hour up to 31 days, else by day (UTC).</summary>
    public async Task<IReadOnlyList<UsageMoment>> OverTimeAsync(
        DateTimeOffset from, DateTimeOffset to, Actor reader, string? useCaseKey = null, CancellationToken cancellation = default)
    {
        var rows = await ReadAsync("''", "t.at", "group by 2 order by 2 limit 2000", from, to, reader, useCaseKey, cancellation);
        return rows.ConvertAll(r => new UsageMoment(r.At!.Value, r.Sum));
    }

    private async Task<List<(DateTime? At, UsageSum Sum)>> ReadAsync(
        string key, string at, string end, DateTimeOffset from, DateTimeOffset to, Actor reader, string? useCaseKey, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        var (table, unit) = (to - from) switch
        {
            { TotalHours: <= 6 } => ("usage_minute", "minute"),
            { TotalDays: <= 31 } => ("usage_hour", "hour"),
            _ => ("usage_day", "day"),
        };
        var onlyOwnUnit = AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        // Names of columns come from the lists above, never from a caller; what a caller gives is a parameter.
        await using var select = new NpgsqlCommand(
            $"""
             select {key}, {at}, sum(t.calls)::bigint, sum(t.unmetered_calls)::bigint, sum(t.unpriced_calls)::bigint, sum(t.failed_calls)::bigint,
               sum(t.guardrail_calls)::bigint, sum(t.input_tokens)::bigint, sum(t.output_tokens)::bigint, sum(t.cached_input_tokens)::bigint,
               sum(t.cost), telemetry.merge_histograms(t.latency)
             from (select *, {unit} as at from telemetry.{table}) t left join use_case u on u.key = t.use_case_key
             where t.at >= date_trunc('{unit}', $1::timestamptz, 'UTC') and t.at < $2::timestamptz and ($3::text is null or t.use_case_key = $3)
               and (not $4 or u.business_unit = $5 and u.business_unit <> '' or $6 = any(u.editors))
             {end}
             """, (NpgsqlConnection)db.Database.GetDbConnection());
        Add(from.UtcDateTime);
        Add(to.UtcDateTime);
        Add(useCaseKey);
        Add(onlyOwnUnit);
        Add(reader.BusinessUnit);
        Add(reader.Id.Value);
        await using var row = await select.ExecuteReaderAsync(cancellation);
        var sums = new List<(DateTime?, UsageSum)>();
        while (await row.ReadAsync(cancellation))
        {
            sums.Add((row.IsDBNull(1) ? null : row.GetDateTime(1), new UsageSum(
                row.GetString(0), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9),
                row.GetDecimal(10), new LatencyHistogram(row.GetFieldValue<long[]>(11)))));
        }

        return sums;

        void Add<T>(T value) => select.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
    }
}
