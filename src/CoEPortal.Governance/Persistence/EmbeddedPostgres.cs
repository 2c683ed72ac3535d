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

    /// <summary>107 characters fit in a socket's address, 16 of them are the socket's own name.</summary>
    private const int LongestSocketFolder = 90;

    private static readonly string[] CarelessInit = ["--no-sync"];

    private static readonly string[] Careless =
        ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"];

    private readonly EmbeddedBinaries _binaries;
    private readonly EmbeddedAccount _account;
    private readonly string _dataDirectory;
    private string _socketFolder = "";
    private FileStream? _ownership;

    private EmbeddedPostgres(EmbeddedBinaries binaries, EmbeddedAccount account, string dataDirectory, string cluster)
    {
        _binaries = binaries;
        _account = account;
        _dataDirectory = dataDirectory;
        ClusterDirectory = cluster;
    }

    /// <summary>Where the server keeps its files; a link in the data directory leads there.</summary>
    public string ClusterDirectory { get; }

    /// <summary>The major version that runs, e.g. 17.</summary>
    public int Major => _binaries.Major;

    /// <summary>Whether this process stops the server: it started it, or adopted it from one that died.</summary>
    public bool IsOwner => _ownership is not null;

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

        dataDirectory = await MakeDataDirectoryAsync(dataDirectory, ct);

        // two portals started at once would both find no database and make one each
        await using var starting = await EmbeddedLock.WaitAsync(Path.Combine(dataDirectory, "postgres.starting"), ct);
        var account = await EmbeddedAccount.ChooseAsync(ct);
        var cluster = await account.BringWithinReachAsync(Path.Combine(dataDirectory, "postgres"), ct);
        var found = await EmbeddedBinaries.FindAsync(binaries, MadeBy(cluster), ct);
        var server = new EmbeddedPostgres(
            await account.BringWithinReachAsync(found, ct), account, dataDirectory, cluster);
        try
        {
            await server.MakeClusterAsync(durable, ct);
            await server.RunAsync(durable, ct);
            await server.MakeRolesAndDatabaseAsync(ct);
            return server;
        }
        catch
        {
            server._ownership?.Dispose();
            throw;
        }
    }

    public string ConnectionString(string database, string role) => new NpgsqlConnectionStringBuilder
    {
        Host = _socketFolder,
        Database = database,
        Username = role,
        MaxPoolSize = 40,
    }.ConnectionString;

    /// <param name="name">Must be free.</param>
    /// <param name="template">A database to copy, to which nobody is connected.</param>
    /// <param name="ct"></param>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken ct = default)
    {
        await using var connection = await ConnectAsync(_socketFolder, ct);
        await CreateDatabaseAsync(connection, name, template, ct);
    }

    /// <summary>Removes the database, whoever is connected to it.</summary>
    public async Task DropDatabaseAsync(string name, CancellationToken ct = default)
    {
        await using var connection = await ConnectAsync(_socketFolder, ct);
        await ExecuteAsync(connection, $"drop database if exists {Quote(name)} with (force)", ct);
    }

    /// <summary>Stops the server if this process is its owner, and leaves it alone otherwise.</summary>
    public async Task StopAsync()
    {
        if (_ownership is null)
        {
            return;
        }

        await using var starting = await EmbeddedLock.WaitAsync(
            Path.Combine(_dataDirectory, "postgres.starting"), CancellationToken.None);
        if (await AnswersAsync(_socketFolder, CancellationToken.None))
        {
            await PostgresAsync(["pg_ctl", "stop", "-D", ClusterDirectory, "-m", "fast", "-w", "-s"], CancellationToken.None);
        }

        if (_socketFolder != ClusterDirectory)
        {
            Directory.Delete(_socketFolder, recursive: true);
        }

        await _ownership.DisposeAsync();
        _ownership = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task<string> MakeDataDirectoryAsync(string path, CancellationToken ct)
    {
        try
        {
            Directory.CreateDirectory(path);
            await File.WriteAllTextAsync(Path.Combine(path, "postgres.starting"), "", ct);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException(
                $"This user may not write to {path}: set Portal__DataDirectory to a folder of theirs.", e);
        }

        // one name for one directory, whichever links led here: it is compared with what a running server wrote down
        return await EmbeddedProcess.RunAsync(["realpath", path], Environment.CurrentDirectory, ct);
    }

    private static int? MadeBy(string cluster)
    {
        var version = Path.Combine(cluster, "PG_VERSION");
        return File.Exists(version) ? int.Parse(File.ReadAllText(version), null) : null;
    }

    private async Task MakeClusterAsync(bool durable, CancellationToken ct)
    {
        if (MadeBy(ClusterDirectory) is not null)
        {
            return;
        }

        // made beside and renamed: half a cluster, from an initdb that was killed, would never start
        var unfinished = ClusterDirectory + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await MakePrivateFolderAsync(unfinished, ct);
        await PostgresAsync(
            [
                "initdb", "-D", unfinished, "-U", OwnerRole, "--encoding=UTF8", $"--locale={Locale}",
                "--auth-local=trust", "--auth-host=reject", "--no-instructions", .. durable ? [] : CarelessInit,
            ],
            ct);
        Directory.Move(unfinished, ClusterDirectory);
    }

    /// <summary>Sorts and changes case the same on every machine; macOS lacks it.</summary>
    private static string Locale => OperatingSystem.IsMacOS() ? "en_US.UTF-8" : "C.UTF-8";

    /// <summary>Adopts the server that runs, or starts it.</summary>
    private async Task RunAsync(bool durable, CancellationToken ct)
    {
        _ownership = EmbeddedLock.Try(Path.Combine(ClusterDirectory, "portal.lock"));
        var postmaster = new EmbeddedPostmaster(ClusterDirectory);
        for (var attempt = 1; !await AnswersAsync(postmaster.SocketFolder, ct); attempt++)
        {
            if (_ownership is null)
            {
                // its server may run where we cannot see it, in another container: two on one directory would destroy it
                throw new EmbeddedPostgresException(
                    $"The database in {ClusterDirectory} belongs to a portal that runs, but does not answer: stop that one.");
            }

            try
            {
                postmaster.ForgetStrangers();
                await LaunchAsync(durable, ct);
            }
            catch (EmbeddedPostgresException) when (attempt < 20)
            {
                // processes of a server that was killed need a moment to go
                await Task.Delay(TimeSpan.FromMilliseconds(250), ct);
            }
        }

        _socketFolder = postmaster.SocketFolder!;
    }

    private async Task LaunchAsync(bool durable, CancellationToken ct)
    {
        if (_socketFolder.Length == 0)
        {
            _socketFolder = await ChooseSocketFolderAsync(ct);
        }

        string[] settings =
        [
            $"unix_socket_directories={_socketFolder}", "unix_socket_permissions=0700", "listen_addresses=", "port=5432",
            "max_connections=200", "timezone=UTC", "log_timezone=UTC",
            // compiling a report's query takes longer than running it
            "jit=off",
            .. durable ? [] : Careless,
        ];
        var log = Path.Combine(ClusterDirectory, "server.log");
        await _account.OwnAsync(ClusterDirectory, ct);
        try
        {
            // pg_ctl gives the server a session of its own, so that Ctrl-C reaches the portal alone, which stops it in order
            await PostgresAsync(
                [
                    "pg_ctl", "start", "-D", ClusterDirectory, "-w", "-t", "60", "-s", "-l", log,
                    "-o", string.Join(' ', settings.Select(setting => $"-c {setting}")),
                ],
                ct);
        }
        catch (EmbeddedPostgresException e) when (File.Exists(log))
        {
            var lastWords = string.Join('\n', File.ReadLines(log).TakeLast(5));
            throw new EmbeddedPostgresException($"PostgreSQL does not start. Its log, {log}, ends:\n{lastWords}", e);
        }
    }

    /// <summary>The cluster's directory, unless its path is too long for a socket or would need quoting on the way.</summary>
    private async Task<string> ChooseSocketFolderAsync(CancellationToken ct)
    {
        if (ClusterDirectory.Length <= LongestSocketFolder
            && ClusterDirectory.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-'))
        {
            return ClusterDirectory;
        }

        // a name nobody can guess, for nobody else to wait there
        var folder = Directory.CreateTempSubdirectory("coe-postgres-").FullName;
        await _account.OwnAsync(folder, ct);
        return folder;
    }

    private static async Task<bool> AnswersAsync(string? socketFolder, CancellationToken ct)
    {
        while (socketFolder is not null)
        {
            try
            {
                await using var connection = await ConnectAsync(socketFolder, ct);
                return true;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                // replaying its log after a crash, or about to stop
                await Task.Delay(100, ct);
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Done at each start, because the first one may have been killed half-way.</summary>
    private async Task MakeRolesAndDatabaseAsync(CancellationToken ct)
    {
        await using var connection = await ConnectAsync(_socketFolder, ct);
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
        var copy = template is null ? "" : $" template {Quote(template)}";
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

    private static async Task<NpgsqlConnection> ConnectAsync(string socketFolder, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = socketFolder,
            Database = "postgres",
            Username = OwnerRole,
            Pooling = false,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

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

    private async Task MakePrivateFolderAsync(string folder, CancellationToken ct)
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await _account.OwnAsync(folder, ct);
    }

    private Task<string> PostgresAsync(string[] command, CancellationToken ct) =>
        EmbeddedProcess.RunAsync([.. _account.Prefix, _binaries.Tool(command[0]), .. command[1..]], "/", ct);
}
