using CoEPortal.Governance.Persistence;

namespace CoEPortal.Web.Startup;

/// <summary>
/// Where the data is. Without <c>ConnectionStrings__Portal</c> the portal runs a PostgreSQL of its own in the data
/// directory. With an owner connection it migrates; without one it refuses to start on a schema of another version.
/// </summary>
public sealed class PortalDatabase : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _embedded;

    private PortalDatabase(string runtime, string? owner, EmbeddedPostgres? embedded)
    {
        RuntimeConnectionString = runtime;
        OwnerConnectionString = owner;
        _embedded = embedded;
    }

    public string RuntimeConnectionString { get; }

    public string? OwnerConnectionString { get; }

    public bool IsEmbedded => _embedded is not null;

    public static string DataDirectoryOf(IConfiguration settings) =>
        Path.GetFullPath(settings["Portal:DataDirectory"] ?? Path.Combine(AppContext.BaseDirectory, ".data"));

    /// <param name="settings">Where it is.</param>
    /// <param name="mayWait">A node that only decides starts without the database too, and serves what it remembers.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<PortalDatabase> OpenAsync(IConfiguration settings, bool mayWait = false, CancellationToken cancellation = default)
    {
        if (settings.GetConnectionString("Portal") is { Length: > 0 } runtime)
        {
            var owner = settings.GetConnectionString("PortalOwner");
            if (string.IsNullOrEmpty(owner))
            {
                try
                {
                    await Migrator.CheckAsync(runtime, Migrator.Scripts, cancellation);
                }
                catch (Npgsql.NpgsqlException outage) when (mayWait && outage is not Npgsql.PostgresException { SqlState: not (Npgsql.PostgresErrorCodes.CannotConnectNow or Npgsql.PostgresErrorCodes.AdminShutdown) })
                {
                    await Console.Error.WriteLineAsync($"The database does not answer ({outage.Message}); this node decides by what it remembers.");
                }

                return new PortalDatabase(runtime, null, null);
            }

            await Migrator.RunAsync(owner, Migrator.Scripts, cancellation);
            return new PortalDatabase(runtime, owner, null);
        }

        var embedded = await EmbeddedPostgres.StartAsync(DataDirectoryOf(settings), settings["Portal:PostgresBin"], ct: cancellation);
        await Migrator.RunAsync(embedded.OwnerConnectionString, Migrator.Scripts, cancellation);
        return new PortalDatabase(embedded.RuntimeConnectionString, embedded.OwnerConnectionString, embedded);
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            Npgsql.NpgsqlConnection.ClearAllPools();
            await _embedded.DisposeAsync();
        }
    }
}
