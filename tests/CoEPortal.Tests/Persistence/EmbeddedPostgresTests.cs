using System.Diagnostics;
using CoEPortal.Governance.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>These start servers of their own; only the one that is about durability waits for the disk.</summary>
public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"coe-embedded-{Guid.CreateVersion7():n}");

    public void Dispose() => TestPostgres.Remove(_data);

    [Fact]
    public async Task A_second_start_finds_what_the_first_one_wrote()
    {
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first.OwnerConnectionString, "create table kept as select generate_series(1, 10)");
        }

        await using var second = await StartAsync();

        Assert.Equal(10L, await ScalarAsync(second.OwnerConnectionString, "select count(*) from kept"));
    }

    [Fact]
    public async Task A_second_portal_adopts_the_running_server_and_leaves_it_running()
    {
        await using var first = await StartAsync();
        await using (var second = await StartAsync())
        {
            Assert.True(first.IsOwner);
            Assert.False(second.IsOwner);
            Assert.Equal(first.OwnerConnectionString, second.OwnerConnectionString);
        }

        Assert.Equal(1, await ScalarAsync(first.OwnerConnectionString, "select 1"));
    }

    [Fact]
    public async Task Two_portals_that_start_at_once_share_one_server()
    {
        var portals = await Task.WhenAll(StartAsync(), StartAsync());

        Assert.Single(portals, portal => portal.IsOwner);
        Assert.Equal(portals[0].RuntimeConnectionString, portals[1].RuntimeConnectionString);

        foreach (var portal in portals.OrderBy(portal => portal.IsOwner))
        {
            await portal.StopAsync();
        }
    }

    [Fact]
    public async Task Committed_rows_survive_a_kill_of_the_server()
    {
        await using (var first = await StartAsync(durable: true))
        {
            await ExecuteAsync(first.OwnerConnectionString, "create table kept as select generate_series(1, 5000)");
            await KillAsync(first);
        }

        await using var second = await StartAsync(durable: true);

        Assert.Equal(5000L, await ScalarAsync(second.OwnerConnectionString, "select count(*) from kept"));
    }

    [Fact]
    public async Task A_lock_file_that_names_somebody_elses_process_does_not_keep_the_database_shut()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what a process is.");
        string file;
        await using (var first = await StartAsync())
        {
            await KillAsync(first);
            file = Path.Combine(first.ClusterDirectory, "postmaster.pid");
        }

        var lines = await File.ReadAllLinesAsync(file);
        lines[0] = $"{Environment.ProcessId}";
        await File.WriteAllLinesAsync(file, lines);
        await using var second = await StartAsync();

        Assert.Equal(1, await ScalarAsync(second.OwnerConnectionString, "select 1"));
    }

    [Fact]
    public async Task The_copy_of_a_running_servers_directory_is_not_taken_for_the_original()
    {
        var copy = _data + "-copy";
        try
        {
            await using var original = await StartAsync();
            await RunAsync("cp", "-aL", _data, copy);
            await using var started = await EmbeddedPostgres.StartAsync(copy, TestPostgres.BinariesSetting, durable: false);

            Assert.NotEqual(original.OwnerConnectionString, started.OwnerConnectionString);
        }
        finally
        {
            TestPostgres.Remove(copy);
        }
    }

    [Fact]
    public async Task An_interrupted_first_start_is_begun_again()
    {
        Directory.CreateDirectory(Path.Combine(_data, "postgres.unfinished"));
        await File.WriteAllTextAsync(Path.Combine(_data, "postgres.unfinished", "PG_VERSION"), "15");

        await using var server = await StartAsync();

        Assert.Equal(1, await ScalarAsync(server.OwnerConnectionString, "select 1"));
    }

    [Fact]
    public async Task A_data_directory_may_lie_deeper_than_a_socket_address_is_long()
    {
        var deep = Path.Combine(_data, new string('d', 100), "with a space, 'quotes' and ümlaut");

        await using (var server = await EmbeddedPostgres.StartAsync(deep, TestPostgres.BinariesSetting, durable: false))
        {
            Assert.Equal(1, await ScalarAsync(server.RuntimeConnectionString, "select 1"));
        }

        TestPostgres.Remove(deep);
    }

    [Fact]
    public async Task The_server_listens_on_no_port()
    {
        await using var server = await StartAsync();

        Assert.Equal("", await ScalarAsync(server.OwnerConnectionString, "show listen_addresses"));
    }

    [Fact]
    public async Task The_runtime_role_owns_nothing_and_can_make_nothing()
    {
        await using var server = await StartAsync();

        foreach (var sql in new[]
        {
            "create table mine (id int)", "create temporary table mine (id int)", "create schema mine",
            "create database mine", "create role mine", "set role portal_owner",
        })
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(server.RuntimeConnectionString, sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }

        const string owned = """
            select count(*) from pg_shdepend d join pg_roles r on r.oid = d.refobjid
            where r.rolname = 'portal_runtime' and d.deptype = 'o'
            """;
        Assert.Equal(0L, await ScalarAsync(server.OwnerConnectionString, owned));
    }

    [Fact]
    public async Task A_database_of_a_version_that_is_not_installed_is_refused_with_what_to_do()
    {
        Directory.CreateDirectory(Path.Combine(_data, "postgres"));
        await File.WriteAllTextAsync(Path.Combine(_data, "postgres", "PG_VERSION"), "9");

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync());

        Assert.Contains("made by PostgreSQL 9", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Portal__PostgresBin", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_names_no_server_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(_data, "/nowhere"));

        Assert.Contains("Portal__PostgresBin names /nowhere", refusal.Message, StringComparison.Ordinal);
    }

    private Task<EmbeddedPostgres> StartAsync(bool durable = false) =>
        EmbeddedPostgres.StartAsync(_data, TestPostgres.BinariesSetting, durable);

    /// <summary>kill -9 of the postmaster: its children see it and go.</summary>
    private static async Task KillAsync(EmbeddedPostgres server)
    {
        var pid = File.ReadLines(Path.Combine(server.ClusterDirectory, "postmaster.pid")).First();
        await RunAsync("kill", "-9", pid);
    }

    private static async Task RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task ExecuteAsync(string connectionString, string sql) => await ScalarAsync(connectionString, sql);

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
