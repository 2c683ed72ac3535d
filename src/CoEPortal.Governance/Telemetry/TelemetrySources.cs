using System.Collections.Concurrent;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Who tells of calls one by one, and since when: from then on the metrics of the same service, or of the same use case
/// once a gateway sees it, are no longer counted. Metrics that were counted for that time already, because a call was
/// told of late, are taken back in the transaction that stores the call.
/// </summary>
internal sealed class TelemetrySources
{
    private const int MostRemembered = 10_000;

    // What is committed only ever moves back in time, so what this node remembers is never too early.
    private readonly ConcurrentDictionary<string, DateTime> _remembered = new(StringComparer.Ordinal);

    public static string ServiceKey(string reportedBy, string service) => $"service:{reportedBy}/{service}";

    public static string UseCaseKey(string useCase) => "use-case:" + useCase;

    /// <summary>Notes who told of these calls. Call the result once the transaction is committed.</summary>
    /// <returns>What is to be taken out of the totals, and what to do after the commit.</returns>
    public async Task<(List<UsageChange> TakenBack, Action Remember)> NoteCallsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<StoredCall> calls, CancellationToken cancellation)
    {
        var firsts = new SortedDictionary<string, DateTime>(StringComparer.Ordinal);
        foreach (var call in calls)
        {
            Note(ServiceKey(call.ReportedBy, call.Call.Service), call.Call.StartedAt);
            if (call.UseCase is not null && call.Call.IsOfGateway)
            {
                Note(UseCaseKey(call.UseCase), call.Call.StartedAt);
            }
        }

        if (firsts.Count == 0)
        {
            return ([], () => { });
        }

        return (await TakeBackAsync(connection, await StoreAsync(connection, firsts, cancellation), cancellation), () => Remember(firsts));

        void Note(string key, DateTimeOffset at)
        {
            var minute = new DateTime(at.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
            if ((!firsts.TryGetValue(key, out var first) || minute < first) && !(_remembered.TryGetValue(key, out var known) && known <= minute))
            {
                firsts[key] = minute;
            }
        }
    }

    private void Remember(IDictionary<string, DateTime> firsts)
    {
        if (_remembered.Count > MostRemembered)
        {
            _remembered.Clear();
        }

        foreach (var (key, first) in firsts)
        {
            _remembered.AddOrUpdate(key, first, (_, known) => known < first ? known : first);
        }
    }

    private static async Task<List<string>> StoreAsync(NpgsqlConnection connection, SortedDictionary<string, DateTime> firsts, CancellationToken cancellation)
    {
        await using var store = new NpgsqlCommand(
            """
            insert into telemetry.source as s (key, calls_from) select * from unnest($1::text[], $2::timestamptz[])
            on conflict (key) do update set calls_from = excluded.calls_from where s.calls_from is null or s.calls_from > excluded.calls_from
            returning key
            """, connection);
        Add(store, firsts.Keys.ToArray());
        Add(store, firsts.Values.ToArray());
        await using var reader = await store.ExecuteReaderAsync(cancellation);
        var moved = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            moved.Add(reader.GetString(0));
        }

        return moved;
    }

    private static async Task<List<UsageChange>> TakeBackAsync(NpgsqlConnection connection, List<string> keys, CancellationToken cancellation)
    {
        if (keys.Count == 0)
        {
            return [];
        }

        await using var take = new NpgsqlCommand(
            """
            update telemetry.metric_usage m set counted = false from telemetry.source s
            where s.key = any($1) and m.counted and m.minute >= s.calls_from and (m.service = s.key or 'use-case:' || m.use_case_key = s.key)
            returning m.use_case_key, m.minute, m.model, m.gateway, m.calls, m.failed_calls, m.input_tokens, m.output_tokens, m.cost, m.unpriced_calls
            """, connection);
        Add(take, keys.ToArray());
        await using var row = await take.ExecuteReaderAsync(cancellation);
        var changes = new List<UsageChange>();
        while (await row.ReadAsync(cancellation))
        {
            changes.Add(new UsageChange(row.GetString(0) is { Length: > 0 } key ? key : null, row.GetDateTime(1), row.GetString(2), row.GetString(3), "metrics")
            {
                Calls = -row.GetInt64(4),
                FailedCalls = -row.GetInt64(5),
                InputTokens = -row.GetInt64(6),
                OutputTokens = -row.GetInt64(7),
                Cost = -row.GetDecimal(8),
                UnpricedCalls = -row.GetInt64(9),
            });
        }

        return changes;
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
