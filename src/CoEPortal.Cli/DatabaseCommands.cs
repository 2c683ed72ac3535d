using CoEPortal.Governance.Persistence;

namespace CoEPortal.Cli;

/// <summary>Commands that work on the database itself, for whoever holds its connection or its data directory.</summary>
internal static class DatabaseCommands
{
    public static async Task<int> MigrateAsync()
    {
        var owner = Environment.GetEnvironmentVariable("ConnectionStrings__PortalOwner");
        if (string.IsNullOrEmpty(owner))
        {
            throw new CommandException("Set ConnectionStrings__PortalOwner to the owner's connection. The embedded database migrates itself.");
        }

        var applied = await Migrator.RunAsync(owner, Migrator.Scripts, CancellationToken.None);
        Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : "Applied " + string.Join(", ", applied));
        return 0;
    }

    /// <summary>Runs with the portal's database: the named one, or the embedded one, started for the while when it does not run.</summary>
    public static async Task<T> WithDatabaseAsync<T>(Func<string, Task<T>> run)
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__Portal") is { Length: > 0 } connectionString)
        {
            return await run(connectionString);
        }

        var folder = Path.GetFullPath(Environment.GetEnvironmentVariable("Portal__DataDirectory") ?? ".data");
        if (!Directory.Exists(folder))
        {
            throw new CommandException($"There is no data in {folder}. Start the portal once (./coe up), or set Portal__DataDirectory or ConnectionStrings__Portal.");
        }

        await using var embedded = await EmbeddedPostgres.StartAsync(folder, Environment.GetEnvironmentVariable("Portal__PostgresBin"));
        try
        {
            return await run(embedded.RuntimeConnectionString);
        }
        finally
        {
            Npgsql.NpgsqlConnection.ClearAllPools();
        }
    }
}
