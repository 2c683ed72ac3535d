using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>What of a point is new.</summary>
internal sealed record MetricDelta(MetricPoint Point, long Count, decimal Sum);

/// <summary>
/// Turns points into what they add. The state of each series (and start) is kept with the transaction that counts, so
/// a point that is sent again, or twice at once, adds nothing; a running total that falls has started anew.
/// Source: OpenTelemetry metrics data model, "Resets and Gaps".
/// </summary>
internal static class MetricSeries
{
    private sealed record State(long Time, long Count, decimal Sum);

    public static async Task<List<MetricDelta>> AdvanceAsync(
        NpgsqlConnection connection, IReadOnlyCollection<MetricPoint> points, CancellationToken cancellation)
    {
        var states = await LockAsync(connection, [.. points.Select(p => (p.Series, p.StartNanos)).Distinct().OrderBy(k => k)], cancellation);
        var deltas = new List<MetricDelta>();
        foreach (var point in points.OrderBy(p => p.TimeNanos))
        {
            var before = states[(point.Series, point.StartNanos)];
            if (point.TimeNanos <= before.Time)
            {
                continue;
            }

            var isReset = point.Count < before.Count || point.Sum < before.Sum;
            var since = point.IsCumulative && !isReset ? before : new State(0, 0, 0);
            deltas.Add(new MetricDelta(point, point.Count - since.Count, point.Sum - since.Sum));
            states[(point.Series, point.StartNanos)] = new State(point.TimeNanos, point.Count, point.Sum);
        }

        await StoreAsync(connection, states, cancellation);
        return deltas;
    }

    private static async Task<Dictionary<(Guid, long), State>> LockAsync(NpgsqlConnection connection, List<(Guid Series, long Start)> keys, CancellationToken cancellation)
    {
        await using var make = new NpgsqlCommand(
            """
            insert into telemetry.metric_series (series, start_ns, time_ns, count, sum)
            select s, t, 0, 0, 0 from unnest($1::uuid[], $2::bigint[]) as k (s, t) on conflict (series, start_ns) do nothing
            """, connection);
        AddKeys(make, keys);
        await make.ExecuteNonQueryAsync(cancellation);
        await using var read = new NpgsqlCommand(
            """
            select m.series, m.start_ns, m.time_ns, m.count, m.sum from telemetry.metric_series m
            join unnest($1::uuid[], $2::bigint[]) as k (s, t) on k.s = m.series and k.t = m.start_ns order by m.series, m.start_ns for update of m
            """, connection);
        AddKeys(read, keys);
        await using var reader = await read.ExecuteReaderAsync(cancellation);
        var states = new Dictionary<(Guid, long), State>();
        while (await reader.ReadAsync(cancellation))
        {
            states[(reader.GetGuid(0), reader.GetInt64(1))] = new State(reader.GetInt64(2), reader.GetInt64(3), reader.GetDecimal(4));
        }

        return states;
    }

    private static async Task StoreAsync(NpgsqlConnection connection, Dictionary<(Guid Series, long Start), State> states, CancellationToken cancellation)
    {
        var rows = states.ToList();
        await using var update = new NpgsqlCommand(
            """
            update telemetry.metric_series m set time_ns = k.w, count = k.c, sum = k.v, updated_at = clock_timestamp()
            from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::numeric[]) as k (s, t, w, c, v) where m.series = k.s and m.start_ns = k.t
            """, connection);
        AddKeys(update, rows.ConvertAll(r => r.Key));
        Add(update, rows.ConvertAll(r => r.Value.Time).ToArray());
        Add(update, rows.ConvertAll(r => r.Value.Count).ToArray());
        Add(update, rows.ConvertAll(r => r.Value.Sum).ToArray());
        await update.ExecuteNonQueryAsync(cancellation);
    }

    private static void AddKeys(NpgsqlCommand command, List<(Guid Series, long Start)> keys)
    {
        Add(command, keys.ConvertAll(k => k.Series).ToArray());
        Add(command, keys.ConvertAll(k => k.Start).ToArray());
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
