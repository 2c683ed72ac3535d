using CoEPortal.Governance.Persistence;
using Npgsql;

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

    /// <summary>Every rule that the data must keep, asked of the whole database; exit 0 only if all hold.</summary>
    public static Task<int> CheckAsync() => WithDatabaseAsync(async connectionString =>
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var broken = await DatabaseCheck.BrokenRulesAsync(connection);
        foreach (var rule in broken)
        {
            Console.WriteLine(rule);
        }

        Console.WriteLine(broken.Count == 0 ? "Every rule of db/invariants.sql holds." : $"{broken.Count} broken.");
        return broken.Count == 0 ? 0 : 1;
    });

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
            NpgsqlConnection.ClearAllPools();
        }
    }
}
