using Npgsql;

namespace CoEPortal.Governance.Persistence;

/// <summary>The files of a private server and the processes that serve them.</summary>
internal sealed class EmbeddedCluster
{
    /// <summary>107 characters fit in a socket's address, 16 of them are the socket's own name.</summary>
    private const int LongestSocketFolder = 90;

    private static readonly string[] CarelessInit = ["--no-sync"];

    private static readonly string[] Careless =
        ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"];

    private readonly EmbeddedBinaries _binaries;
    private readonly EmbeddedAccount _account;
    private FileStream? _ownership;

    private EmbeddedCluster(EmbeddedBinaries binaries, EmbeddedAccount account, string folder)
    {
        _binaries = binaries;
        _account = account;
        Folder = folder;
    }

    public string Folder { get; }

    public string SocketFolder { get; private set; } = "";

    public bool IsOwned => _ownership is not null;

    public static async Task<EmbeddedCluster> FindAsync(string folder, string? binaries, CancellationToken ct)
    {
        var account = await EmbeddedAccount.ChooseAsync(ct);
        folder = await account.BringWithinReachAsync(folder, ct);
        var found = await EmbeddedBinaries.FindAsync(binaries, MadeBy(folder), ct);
        return new EmbeddedCluster(await account.BringWithinReachAsync(found, ct), account, folder);
    }

    /// <summary>Adopts the server that runs, or starts it.</summary>
    public async Task RunAsync(bool durable, CancellationToken ct)
    {
        await MakeAsync(durable, ct);
        _ownership = EmbeddedLock.Try(Path.Combine(Folder, "portal.lock"));
        var postmaster = new EmbeddedPostmaster(Folder);
        for (var attempt = 1; !await AnswersAsync(postmaster.SocketFolder, ct); attempt++)
        {
            if (_ownership is null)
            {
                // its server may run where we cannot see it, in another container: two on one directory would destroy it
                throw new EmbeddedPostgresException(
                    $"The database in {Folder} belongs to a portal that runs, but does not answer: stop that one.");
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

        SocketFolder = postmaster.SocketFolder!;
    }

    /// <summary>Stops the server, if it is ours to stop.</summary>
    public async Task StopAsync()
    {
        if (_ownership is null)
        {
            return;
        }

        if (await AnswersAsync(SocketFolder, CancellationToken.None))
        {
            await PostgresAsync(["pg_ctl", "stop", "-D", Folder, "-m", "fast", "-w", "-s"], CancellationToken.None);
        }

        if (SocketFolder != Folder && Directory.Exists(SocketFolder))
        {
            Directory.Delete(SocketFolder, recursive: true);
        }

        await _ownership.DisposeAsync();
        _ownership = null;
    }

    public Task<NpgsqlConnection> ConnectAsync(CancellationToken ct) => ConnectAsync(SocketFolder, ct);

    private static int? MadeBy(string folder)
    {
        var version = Path.Combine(folder, "PG_VERSION");
        return File.Exists(version) ? int.Parse(File.ReadAllText(version), null) : null;
    }

    private async Task MakeAsync(bool durable, CancellationToken ct)
    {
        if (MadeBy(Folder) is not null)
        {
            return;
        }

        // made beside and renamed: half a cluster, from an initdb that was killed, would never start
        var unfinished = Folder + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await MakePrivateFolderAsync(unfinished, ct);
        await PostgresAsync(
            [
                "initdb", "-D", unfinished, "-U", EmbeddedPostgres.OwnerRole, "--encoding=UTF8", $"--locale={Locale}",
                "--auth-local=trust", "--auth-host=reject", "--no-instructions", .. durable ? [] : CarelessInit,
            ],
            ct);
        Directory.Move(unfinished, Folder);
    }

    /// <summary>Sorts and changes case the same on every machine; macOS lacks it.</summary>
    private static string Locale => OperatingSystem.IsMacOS() ? "en_US.UTF-8" : "C.UTF-8";

    private async Task LaunchAsync(bool durable, CancellationToken ct)
    {
        if (SocketFolder.Length == 0)
        {
            SocketFolder = await ChooseSocketFolderAsync(ct);
        }

        string[] settings =
        [
            $"unix_socket_directories={SocketFolder}", "unix_socket_permissions=0700", "listen_addresses=", "port=5432",
            "max_connections=200", "timezone=UTC", "log_timezone=UTC",
            // compiling a report's query takes longer than running it
            "jit=off",
            .. durable ? [] : Careless,
        ];
        var log = Path.Combine(Folder, "server.log");
        await _account.OwnAsync(Folder, ct);
        try
        {
            // pg_ctl gives the server a session of its own, so that Ctrl-C reaches the portal alone, which stops it in order
            await PostgresAsync(
                [
                    "pg_ctl", "start", "-D", Folder, "-w", "-t", "60", "-s", "-l", log,
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
        if (Folder.Length <= LongestSocketFolder
            && Folder.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-'))
        {
            return Folder;
        }

        // a name nobody can guess, for nobody else to wait there
        var folder = Directory.CreateTempSubdirectory("coe-postgres-").FullName;
        await _account.OwnAsync(folder, ct);
        return folder;
    }

    private static async Task<bool> AnswersAsync(string? socketFolder, CancellationToken ct)
    {
        while (!string.IsNullOrEmpty(socketFolder))
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

    private static async Task<NpgsqlConnection> ConnectAsync(string socketFolder, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = socketFolder,
            Database = "postgres",
            Username = EmbeddedPostgres.OwnerRole,
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
