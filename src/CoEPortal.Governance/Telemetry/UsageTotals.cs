using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// The totals by minute, hour and day, kept in the transaction that stores what they count. A late call is added to the
/// minute in which it was made.
/// </summary>
internal static class UsageTotals
{
    private static readonly (string Table, string Start, TimeSpan Length)[] Levels =
    [
        ("usage_minute", "minute", TimeSpan.FromMinutes(1)),
        ("usage_hour", "hour", TimeSpan.FromHours(1)),
        ("usage_day", "day", TimeSpan.FromDays(1)),
    ];

    private readonly record struct Key(string UseCase, DateTime Start, string Model, string Gateway);

    public static async Task AddAsync(NpgsqlConnection connection, IReadOnlyCollection<UsageChange> changes, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        var sums = new Dictionary<Key, Sum>();
        foreach (var change in changes)
        {
            SumOf(sums, new Key(change.UseCase ?? "", CutTo(change.At.UtcDateTime, Levels[0].Length), change.Model, change.Gateway)).Add(change);
        }

        batch.BatchCommands.Add(Upsert(Levels[0].Table, Levels[0].Start, sums));
        foreach (var (table, start, length) in Levels.Skip(1))
        {
            var wider = new Dictionary<Key, Sum>();
            foreach (var (key, sum) in sums)
            {
                SumOf(wider, key with { Start = CutTo(key.Start, length) }).Add(sum);
            }

            batch.BatchCommands.Add(Upsert(table, start, wider));
            sums = wider;
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static Sum SumOf(Dictionary<Key, Sum> sums, Key key) => sums.TryGetValue(key, out var sum) ? sum : sums[key] = new Sum();

    private static DateTime CutTo(DateTime at, TimeSpan length) => new(at.Ticks / length.Ticks * length.Ticks, DateTimeKind.Utc);

    // Ordered, so that two batches wait for each other instead of dead-locking; always minutes before hours before days.
    private static NpgsqlBatchCommand Upsert(string table, string start, Dictionary<Key, Sum> sums)
    {
        var rows = sums.OrderBy(s => s.Key.UseCase, StringComparer.Ordinal).ThenBy(s => s.Key.Start)
            .ThenBy(s => s.Key.Model, StringComparer.Ordinal).ThenBy(s => s.Key.Gateway, StringComparer.Ordinal).ToList();
        var command = new NpgsqlBatchCommand(
            $"""
            insert into telemetry.{table} as u
              (use_case_key, {start}, model, gateway, calls, unmetered_calls, unpriced_calls, failed_calls, guardrail_calls,
               input_tokens, output_tokens, cached_input_tokens, cost, latency)
            select k, s, m, g, n1, n2, n3, n4, n5, n6, n7, n8, c, h::bigint[]
            from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
              $10::bigint[], $11::bigint[], $12::bigint[], $13::numeric[], $14::text[]) as t (k, s, m, g, n1, n2, n3, n4, n5, n6, n7, n8, c, h)
            on conflict (use_case_key, {start}, model, gateway) do update set
              calls = u.calls + excluded.calls, unmetered_calls = u.unmetered_calls + excluded.unmetered_calls,
              unpriced_calls = u.unpriced_calls + excluded.unpriced_calls, failed_calls = u.failed_calls + excluded.failed_calls,
              guardrail_calls = u.guardrail_calls + excluded.guardrail_calls,
              input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
              cached_input_tokens = u.cached_input_tokens + excluded.cached_input_tokens,
              cost = u.cost + excluded.cost, latency = telemetry.add_histograms(u.latency, excluded.latency)
            """);
        Column(r => r.Key.UseCase);
        Column(r => r.Key.Start);
        Column(r => r.Key.Model);
        Column(r => r.Key.Gateway);
        for (var i = 0; i < Sum.Counts; i++)
        {
            var index = i;
            Column(r => r.Value.Count[index]);
        }

        Column(r => r.Value.Cost);
        Column(r => r.Value.Histogram);
        return command;

        void Column<T>(Func<KeyValuePair<Key, Sum>, T> value) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = rows.ConvertAll(r => value(r)).ToArray() });
    }

    private sealed class Sum
    {
        public const int Counts = 8;

        private long[] _latency = [];

        public long[] Count { get; } = new long[Counts];

        public decimal Cost { get; private set; }

        /// <summary>As PostgreSQL writes an array: rows of different lengths cannot travel as one parameter.</summary>
        public string Histogram => $"{{{string.Join(',', _latency)}}}";

        public void Add(UsageChange change)
        {
            Count[0] += change.Calls;
            Count[1] += change.UnmeteredCalls;
            Count[2] += change.UnpricedCalls;
            Count[3] += change.FailedCalls;
            Count[4] += change.GuardrailCalls;
            Count[5] += change.InputTokens;
            Count[6] += change.OutputTokens;
            Count[7] += change.CachedInputTokens;
            Cost += change.Cost;
            if (change.LatencyBucket is { } bucket)
            {
                MakeRoom(bucket + 1);
                _latency[bucket] += change.Calls;
            }
        }

        public void Add(Sum other)
        {
            for (var i = 0; i < Counts; i++)
            {
                Count[i] += other.Count[i];
            }

            Cost += other.Cost;
            MakeRoom(other._latency.Length);
            for (var i = 0; i < other._latency.Length; i++)
            {
                _latency[i] += other._latency[i];
            }
        }

        private void MakeRoom(int buckets)
        {
            if (_latency.Length < buckets)
            {
                Array.Resize(ref _latency, buckets);
            }
        }
    }
}
