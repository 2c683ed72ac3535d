using Npgsql;

namespace CoEPortal.Governance.Persistence;

/// <summary>
/// A private PostgreSQL in a data directory, for a portal that was given no server: no port (a Unix socket only the user
/// may enter), no password, gone when the portal stops. It outlives a portal that is killed; the next one adopts it.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    public const string OwnerRole = "portal_owner";
    public const string RuntimeRole = "portal_runtime";
    public const string PortalDatabase = "portal";

    private const string StartingLock = "postgres.starting";

    private readonly EmbeddedCluster _cluster;
    private readonly string _dataDirectory;

    private EmbeddedPostgres(EmbeddedCluster cluster, string dataDirectory)
    {
        _cluster = cluster;
        _dataDirectory = dataDirectory;
    }

    /// <summary>Where the server keeps its files, usually <c>postgres</c> in the data directory.</summary>
    public string ClusterDirectory => _cluster.Folder;

    /// <summary>Whether this process stops the server: it started it, or adopted it from one that died.</summary>
    public bool IsOwner => _cluster.IsOwned;

    public string OwnerConnectionString => ConnectionString(PortalDatabase, OwnerRole);

    public string RuntimeConnectionString => ConnectionString(PortalDatabase, RuntimeRole);

    /// <param name="dataDirectory">The portal's data directory; the server gets the folder <c>postgres</c> in it.</param>
    /// <param name="binaries">The setting <c>Portal__PostgresBin</c>: a folder with initdb, pg_ctl and postgres.</param>
    /// <param name="durable">False only for tests: a crash of the machine may then lose everything.</param>
    /// <param name="ct"></param>
    /// <exception cref="EmbeddedPostgresException">No server can be provided; the message says what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        string dataDirectory, string? binaries = null, bool durable = true, CancellationToken ct = default)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new EmbeddedPostgresException(
                "The embedded database runs on Linux and macOS: set ConnectionStrings__Portal to a PostgreSQL server.");
        }

        try
        {
            Directory.CreateDirectory(dataDirectory);
            // one name for one directory, whichever links led here: it is compared with what a running server wrote down
            dataDirectory = await EmbeddedProcess.RunAsync(["realpath", dataDirectory], Environment.CurrentDirectory, ct);
            // two portals started at once would both find no database and make one each
            await using var starting = await EmbeddedLock.WaitAsync(Path.Combine(dataDirectory, StartingLock), ct);
            return await StartLockedAsync(dataDirectory, binaries, durable, ct);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException(
                $"This user may not use {dataDirectory}: set Portal__DataDirectory to a folder of theirs.", e);
        }
    }

    public string ConnectionString(string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = _cluster.SocketFolder,
        Database = database,
        Username = role,
        MaxPoolSize = 40,
    }.ConnectionString;

    /// <param name="name">Must be free.</param>
    /// <param name="template">A database to copy, to which nobody is connected.</param>
    /// <param name="ct"></param>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken ct = default)
    {
        await using var connection = await _cluster.ConnectAsync(ct);
        await CreateDatabaseAsync(connection, name, template, ct);
    }

    /// <summary>Removes the database, whoever is connected to it.</summary>
    public async Task DropDatabaseAsync(string name, CancellationToken ct = default)
    {
        await using var connection = await _cluster.ConnectAsync(ct);
        await ExecuteAsync(connection, $"drop database if exists {Quote(name)} with (force)", ct);
    }

    /// <summary>Stops the server if this process is its owner, and leaves it alone otherwise.</summary>
    public async Task StopAsync()
    {
        if (IsOwner)
        {
            await using var starting = await EmbeddedLock.WaitAsync(
                Path.Combine(_dataDirectory, StartingLock), CancellationToken.None);
            await _cluster.StopAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task<EmbeddedPostgres> StartLockedAsync(
        string dataDirectory, string? binaries, bool durable, CancellationToken ct)
    {
        var cluster = await EmbeddedCluster.FindAsync(Path.Combine(dataDirectory, "postgres"), binaries, ct);
        try
        {
            await cluster.RunAsync(durable, ct);
            var server = new EmbeddedPostgres(cluster, dataDirectory);
            await server.MakeRolesAndDatabaseAsync(ct);
            return server;
        }
        catch
        {
            await cluster.StopAsync();
            throw;
        }
    }

    /// <summary>Done at each start, because the first one may have been killed half-way.</summary>
    private async Task MakeRolesAndDatabaseAsync(CancellationToken ct)
    {
        await using var connection = await _cluster.ConnectAsync(ct);
        if (!await ExistsAsync(connection, "select 1 from pg_roles where rolname = $1", RuntimeRole, ct))
        {
            await ExecuteAsync(connection, $"create role {RuntimeRole} login", ct);
        }

        if (await ExistsAsync(connection, "select 1 from pg_database where datname = $1", PortalDatabase, ct))
        {
            await OpenToRuntimeAsync(connection, PortalDatabase, ct);
        }
        else
        {
            await CreateDatabaseAsync(connection, PortalDatabase, null, ct);
        }
    }

    private static async Task CreateDatabaseAsync(
        NpgsqlConnection connection, string name, string? template, CancellationToken ct)
    {
        var copy = template is null ? "" : $" template {Quote(template)} strategy file_copy";
        await ExecuteAsync(connection, $"create database {Quote(name)}{copy}", ct);
        await OpenToRuntimeAsync(connection, name, ct);
    }

    /// <summary>A copy does not take its template's rights along.</summary>
    private static Task OpenToRuntimeAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        ExecuteAsync(
            connection,
            $"revoke all on database {Quote(database)} from public; "
            + $"grant connect on database {Quote(database)} to {RuntimeRole}",
            ct);

    private static async Task<bool> ExistsAsync(
        NpgsqlConnection connection, string query, string name, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(query, connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
