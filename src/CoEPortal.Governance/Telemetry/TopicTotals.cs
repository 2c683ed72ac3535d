using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>How many calls of a use case were about what, by day (UTC); only calls that say so. Kept as long as calls are.</summary>
internal static class TopicTotals
{
    public static async Task AddAsync(NpgsqlConnection connection, IEnumerable<UsageChange> changes, CancellationToken cancellation)
    {
        var totals = changes.Where(c => c is { UseCase: not null, Topic: not null, Calls: not 0 })
            .GroupBy(c => (UseCase: c.UseCase!, Day: c.At.UtcDateTime.Date, Topic: c.Topic!), c => c.Calls)
            // Ordered, so that two batches wait for each other instead of dead-locking.
            .OrderBy(g => g.Key.UseCase, StringComparer.Ordinal).ThenBy(g => g.Key.Day).ThenBy(g => g.Key.Topic, StringComparer.Ordinal).ToList();
        if (totals.Count == 0)
        {
            return;
        }

        await using var add = new NpgsqlCommand(
            """
            insert into telemetry.topic_day as t (use_case_key, day, topic, calls) select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[])
            on conflict (use_case_key, day, topic) do update set calls = t.calls + excluded.calls
            """, connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. totals.Select(t => t.Key.UseCase)] });
        add.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. totals.Select(t => DateTime.SpecifyKind(t.Key.Day, DateTimeKind.Utc))] });
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. totals.Select(t => t.Key.Topic)] });
        add.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. totals.Select(t => t.Sum())] });
        await add.ExecuteNonQueryAsync(cancellation);
    }
}
