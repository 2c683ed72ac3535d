using System.Collections.Concurrent;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace CoEPortal.Tests.Persistence;

/// <summary>
/// One real PostgreSQL for the whole run, whatever the environment says about another. A test class takes it as an
/// argument of its constructor and works in a database of its own. A run that asks for no database starts no server.
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private const string Template = "migrated";
    private const string FolderPrefix = "coe-tests-";

    /// <summary>Each test copies some thousand files and deletes them: in memory, where there is room for it.</summary>
    private static readonly string Root = OperatingSystem.IsLinux() && new DriveInfo("/dev/shm") is { IsReady: true, AvailableFreeSpace: > 4L << 30 } memory ? memory.Name : Path.GetTempPath();

    private readonly SemaphoreSlim _starting = new(1);
    private readonly ConcurrentDictionary<string, Lazy<Task>> _models = new();
    private string _folder = "";
    private EmbeddedPostgres? _server;
    private int _count;

    /// <summary>A database with all migrations applied and nothing in it.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => CopyAsync(Template);

    /// <summary>A database with nothing at all in it.</summary>
    public Task<TestDatabase> CreateEmptyDatabaseAsync() => CopyAsync(null);

    /// <summary>A copy of a database that is filled once in a run.</summary>
    /// <param name="model">Names what <paramref name="fill"/> writes.</param>
    /// <param name="fill">Gets a database with all migrations applied.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(string model, Func<TestDatabase, Task> fill)
    {
        await _models.GetOrAdd(model, name => new Lazy<Task>(() => FillAsync(name, fill))).Value;
        return await CopyAsync(model);
    }

    private async Task FillAsync(string model, Func<TestDatabase, Task> fill)
    {
        var server = await ServerAsync();
        await server.CreateDatabaseAsync(model, Template);
        var database = new TestDatabase(server, model);
        await fill(database);
        database.LeaveIt();
    }

    private async Task<TestDatabase> CopyAsync(string? template)
    {
        var server = await ServerAsync();
        var name = $"test_{Interlocked.Increment(ref _count)}";
        await server.CreateDatabaseAsync(name, template);
        return new TestDatabase(server, name);
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync();
            Remove(_folder);
        }
    }

    private async Task<EmbeddedPostgres> ServerAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _server ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<EmbeddedPostgres> StartAsync()
    {
        await RemoveAbandonedAsync();
        _folder = Path.Combine(Root, $"{FolderPrefix}{Guid.CreateVersion7():n}");
        var server = await EmbeddedPostgres.StartAsync(_folder, BinariesSetting, durable: false);
        await server.CreateDatabaseAsync(Template);
        await Migrator.RunAsync(server.ConnectionString(Template, EmbeddedPostgres.OwnerRole), Migrator.Scripts);
        return server;
    }

    internal static string? BinariesSetting => Environment.GetEnvironmentVariable("Portal__PostgresBin");

    /// <summary>Removes a data directory, and the cluster a link in it may lead to.</summary>
    internal static void Remove(string dataDirectory)
    {
        var cluster = new DirectoryInfo(Path.Combine(dataDirectory, "postgres")).LinkTarget;
        foreach (var folder in new[] { cluster, dataDirectory }.Where(Directory.Exists))
        {
            Directory.Delete(folder!, recursive: true);
        }
    }

    /// <summary>
    /// A run that was killed leaves its server behind. Starting it again adopts it, unless the run is alive; only its
    /// owner may stop it.
    /// </summary>
    private static async Task RemoveAbandonedAsync()
    {
        foreach (var folder in Directory.GetDirectories(Root, FolderPrefix + "*"))
        {
            try
            {
                await using var server = await EmbeddedPostgres.StartAsync(folder, BinariesSetting, durable: false);
                if (server.IsOwner)
                {
                    await server.StopAsync();
                    Remove(folder);
                }
            }
            catch (EmbeddedPostgresException)
            {
                // another user's, or being removed by its own run right now
            }
        }
    }
}

/// <summary>A database of one test class, dropped when it is disposed.</summary>
public sealed class TestDatabase(EmbeddedPostgres server, string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>May do everything: for looking at and damaging what the product wrote.</summary>
    public string OwnerConnectionString { get; } = SmallPool(server.ConnectionString(name, EmbeddedPostgres.OwnerRole));

    /// <summary>What the product works with.</summary>
    public string RuntimeConnectionString { get; } = SmallPool(server.ConnectionString(name, EmbeddedPostgres.RuntimeRole));

    public async ValueTask DisposeAsync()
    {
        LeaveIt();
        await server.DropDatabaseAsync(Name);
    }

    /// <summary>Closes what this process keeps open: a database that somebody uses cannot be copied.</summary>
    internal void LeaveIt()
    {
        foreach (var connectionString in new[] { OwnerConnectionString, RuntimeConnectionString })
        {
            using var connection = new NpgsqlConnection(connectionString);
            NpgsqlConnection.ClearPool(connection);
        }
    }

    /// <summary>Many classes run at once and share one server's connections.</summary>
    private static string SmallPool(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 8 }.ConnectionString;
}
