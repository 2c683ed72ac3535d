using CoEPortal.Governance.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>A database that already has calls is brought to calls by month, with the same totals.</summary>
public sealed class TelemetryMigrationTests(TestPostgres postgres) : IAsyncLifetime
{
    private const string CallsAsTheyWere =
        """
        insert into telemetry.call (source, source_event_id, use_case_key, claimed_use_case, started_at, duration_us, provider, operation, model, request_model,
          input_tokens, output_tokens, cached_input_tokens, cost, cost_origin, failed, response_id)
        select 'otlp', 'otlp:' || md5(i::text) || ':' || substr(md5(i::text), 1, 16), case when i % 5 > 0 then 'UC-0001' end, 'UC-0001',
          timestamptz '2026-08-30 10:00Z' + i * interval '1 hour', i * 1000, 'openai', 'chat', 'gpt-4o', 'gpt-4o', 10, 5, 2, 0.01, 'reported', false, 'r' || (i % 95)
        from generate_series(1, 100) i;
        insert into telemetry.call (source, source_event_id, started_at, provider, operation, model, cost_origin, failed)
        values ('demo', 'UC-1/1', '2023-11-16 10:00Z', 'o', 'chat', 'm', 'unknown', false);
        insert into telemetry.usage_minute
        select coalesce(use_case_key, ''), date_trunc('minute', started_at, 'UTC'), model, count(*), count(*) filter (where input_tokens is null),
          count(*) filter (where cost is null), 0, coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cost), 0)
        from telemetry.call group by 1, 2, 3;
        """;

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateEmptyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Calls_that_are_there_keep_their_totals_and_are_known_when_they_are_told_again()
    {
        await Migrator.RunAsync(_database.OwnerConnectionString, Migrator.Scripts.Where(s => string.CompareOrdinal(s.Name, "0011") < 0));
        await using var connection = new NpgsqlConnection(_database.OwnerConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, CallsAsTheyWere);

        await Migrator.RunAsync(_database.OwnerConnectionString, Migrator.Scripts);

        Assert.Empty(await Invariants.BrokenAsync(connection));
        Assert.Equal("101 1.000000000000", await ScalarAsync(connection, "select count(*) || ' ' || sum(cost) from telemetry.call"));
        Assert.Equal("101 1.000000000000", await ScalarAsync(connection, "select sum(calls) || ' ' || sum(cost) from telemetry.usage_day"));
        Assert.Equal("100", await ScalarAsync(connection, "select sum(n)::text from telemetry.usage_day, unnest(latency) n"));
        // each by its own name; of two that shared a response id the first has it
        Assert.Equal("196", await ScalarAsync(connection, "select count(*)::text from telemetry.call_alias"));
        Assert.Equal("1", await ScalarAsync(connection, "select count(*)::text from telemetry.call_alias a where alias = telemetry.alias_of('demo:UC-1/1')"));
        Assert.Equal("1", await ScalarAsync(connection, "select count(*)::text from telemetry.call_other_months"));
        await Assert.ThrowsAsync<PostgresException>(() => AsRuntimeAsync("drop table telemetry.call_2026_08"));
    }

    private async Task AsRuntimeAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.RuntimeConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
