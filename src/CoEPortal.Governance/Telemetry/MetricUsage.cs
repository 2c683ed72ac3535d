using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>The rows in which metrics are kept, and what is known of their senders.</summary>
internal static class MetricUsage
{
    /// <param name="CallsFrom">From when on its calls are told of one by one; null when they are not.</param>
    /// <param name="ReportsCost">Whether it ever sent a cost; then its tokens are not priced.</param>
    public sealed record Source(DateTimeOffset? CallsFrom, bool ReportsCost);

    /// <summary>Locks the senders, so that a call that is told of at the same moment waits and then takes back what is counted here.</summary>
    public static async Task<Dictionary<string, Source>> LockSourcesAsync(
        NpgsqlConnection connection, IEnumerable<string> keys, IEnumerable<string> reportCost, CancellationToken cancellation)
    {
        var sorted = keys.Distinct().Order(StringComparer.Ordinal).ToArray();
        await using var make = new NpgsqlCommand("insert into telemetry.source (key) select * from unnest($1::text[]) on conflict (key) do nothing", connection);
        Add(make, sorted);
        await make.ExecuteNonQueryAsync(cancellation);
        await using var read = new NpgsqlCommand(
            """
            with locked as (select key, calls_from, reports_cost from telemetry.source where key = any($1) order by key collate "C" for update),
                noted as (update telemetry.source s set reports_cost = true from locked l where s.key = l.key and s.key = any($2) and not l.reports_cost)
            select key, calls_from, reports_cost or key = any($2) from locked
            """, connection);
        Add(read, sorted);
        Add(read, reportCost.Distinct().ToArray());
        await using var reader = await read.ExecuteReaderAsync(cancellation);
        var sources = new Dictionary<string, Source>();
        while (await reader.ReadAsync(cancellation))
        {
            sources[reader.GetString(0)] = new Source(reader.IsDBNull(1) ? null : reader.GetDateTime(1), reader.GetBoolean(2));
        }

        return sources;
    }

    public static async Task AddAsync(NpgsqlConnection connection, List<(string Service, UsageChange Change, bool Counts)> usage, CancellationToken cancellation)
    {
        var rows = usage.GroupBy(u => (u.Service, UseCase: u.Change.UseCase ?? "", u.Change.At, u.Change.Model, u.Change.Gateway, u.Counts))
            .OrderBy(g => g.Key.Service, StringComparer.Ordinal).ThenBy(g => g.Key.UseCase, StringComparer.Ordinal).ThenBy(g => g.Key.At)
            .ThenBy(g => g.Key.Model, StringComparer.Ordinal).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        await using var add = new NpgsqlCommand(
            """
            insert into telemetry.metric_usage as u (service, use_case_key, minute, model, gateway, counted, calls, failed_calls, input_tokens, output_tokens, cost, unpriced_calls)
            select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::numeric[], $12::bigint[])
            on conflict (service, use_case_key, minute, model, gateway) do update set
              calls = u.calls + excluded.calls, failed_calls = u.failed_calls + excluded.failed_calls,
              input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens, cost = u.cost + excluded.cost,
              unpriced_calls = u.unpriced_calls + excluded.unpriced_calls
            """, connection);
        Add(add, rows.ConvertAll(r => r.Key.Service).ToArray());
        Add(add, rows.ConvertAll(r => r.Key.UseCase).ToArray());
        Add(add, rows.ConvertAll(r => r.Key.At.UtcDateTime).ToArray());
        Add(add, rows.ConvertAll(r => r.Key.Model).ToArray());
        Add(add, rows.ConvertAll(r => r.Key.Gateway).ToArray());
        Add(add, rows.ConvertAll(r => r.Key.Counts).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.Calls)).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.FailedCalls)).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.InputTokens)).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.OutputTokens)).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.Cost)).ToArray());
        Add(add, rows.ConvertAll(r => r.Sum(u => u.Change.UnpricedCalls)).ToArray());
        await add.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
