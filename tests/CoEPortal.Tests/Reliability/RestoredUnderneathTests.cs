using System.Diagnostics;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// The database is restored to an earlier state, and with it the folder in which the node remembers what it enforced. Only
/// the journal of checkpoints, on another disk, knows better.
/// </summary>
public sealed class RestoredUnderneathTests : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"coe-restored-{Guid.CreateVersion7():n}");

    public ValueTask DisposeAsync()
    {
        TestPostgres.Remove(_folder);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_older_database_is_known_by_a_checkpoint_kept_outside_and_gateways_go_on_listening()
    {
        Assert.SkipUnless(FullRun.IsOn, "Takes half a minute: ./coe test --full.");
        await using var database = await EmbeddedPostgres.StartAsync(_folder, TestPostgres.BinariesSetting, durable: false);
        await using var portal = new PortalProcess(_folder, database);
        await portal.StartAsync();
        Assert.True(await portal.TryPostAsync("security", "/api/v1/switches/model/gpt-4o/engage", JsonOf("Leak.")));
        await SignedAsync(database);
        await portal.StopAsync();
        await database.CreateDatabaseAsync("backup", EmbeddedPostgres.PortalDatabase, TestContext.Current.CancellationToken);
        await portal.StartAsync();
        Assert.True(await portal.TryPostAsync("security", "/api/v1/switches/model/gpt-5/engage", JsonOf("Leak too.")));
        await SignedAsync(database);
        var seen = await GenerationAsync(database);
        await portal.StopAsync();

        NpgsqlConnection.ClearAllPools();
        await database.DropDatabaseAsync(EmbeddedPostgres.PortalDatabase, TestContext.Current.CancellationToken);
        await database.CreateDatabaseAsync(EmbeddedPostgres.PortalDatabase, "backup", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(_folder, "audit", "last-checkpoint"));
        File.Delete(Path.Combine(_folder, "enforcement", "last-known.json"));
        Assert.True(await GenerationAsync(database) < seen);
        await portal.StartAsync();

        var started = Stopwatch.GetTimestamp();
        while (await GenerationAsync(database) < RaiseGeneration.Leap)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "Nobody noticed.");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.True(await GenerationAsync(database) > seen);
        // Several rounds of looking later it was still done once.
        await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        Assert.Equal(1, await ScalarAsync<long>(database, "select count(*) from audit.event where action = 'RestoreNoticed'"));
        Assert.Contains(" were signed on ", await portal.ReadinessAsync(), StringComparison.Ordinal);
    }

    private static HttpContent JsonOf(string reason) => System.Net.Http.Json.JsonContent.Create(new { reason });

    private static async Task SignedAsync(EmbeddedPostgres database)
    {
        while (await ScalarAsync<bool>(database, "select exists (select from audit.pending) or (select coalesce(max(size), 0) from audit.checkpoint) < (select count(*) from audit.leaf)"))
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static Task<long> GenerationAsync(EmbeddedPostgres database) => ScalarAsync<long>(database, "select value from enforcement_generation");

    private static async Task<T> ScalarAsync<T>(EmbeddedPostgres database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
