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

    public static async Task<PortalDatabase> OpenAsync(IConfiguration settings, CancellationToken cancellation = default)
    {
        if (settings.GetConnectionString("Portal") is { Length: > 0 } runtime)
        {
            var owner = settings.GetConnectionString("PortalOwner");
            if (string.IsNullOrEmpty(owner))
            {
                await Migrator.CheckAsync(runtime, Migrator.Scripts, cancellation);
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
