using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.Extensions.DependencyInjection;
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
    public static Task<int> CheckAsync() => WithDatabaseAsync(asOwner: false, async connectionString =>
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

    /// <summary>While no node runs. Both keys are read from files: a command line is seen by everybody on the machine.</summary>
    public static async Task<int> ChangePersonalDataKeyAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "from", "to");
        var (from, to) = (KeyIn(line.Optional("from") ?? Path.Combine(DataDirectory, "personal-data.key")), KeyIn(line.Required("to")));
        var people = await WithServicesAsync(asOwner: true, services => services.GetRequiredService<ChangePersonalDataKey>().RunAsync(from, to, Actor));
        Console.WriteLine($"The keys of {people:N0} people are encrypted with the key in {line.Required("to")}. Give it to every node, and keep the old one as long as backups of the database that need it.");
        return 0;
    }

    /// <summary>Who the log says it was: whoever is signed in to this machine.</summary>
    internal static Actor Actor { get; } = Actor.OnTheCommandLine(Environment.UserName);

    internal static Task<T> WithServicesAsync<T>(bool asOwner, Func<IServiceProvider, Task<T>> run) => WithDatabaseAsync(asOwner, async connectionString =>
    {
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new Organisation())
            .AddGovernance(connectionString, AppContext.BaseDirectory)
            .BuildServiceProvider();
        return await run(services);
    });

    private static PersonalDataKey KeyIn(string file)
    {
        try
        {
            return PersonalDataKey.Parse(File.ReadAllText(file));
        }
        catch (FormatException wrong)
        {
            throw new CommandException($"{file}: {wrong.Message}");
        }
    }

    private static string DataDirectory => Path.GetFullPath(Environment.GetEnvironmentVariable("Portal__DataDirectory") ?? ".data");

    /// <summary>The named database, or the embedded one, started for the while when it does not run.</summary>
    private static async Task<T> WithDatabaseAsync<T>(bool asOwner, Func<string, Task<T>> run)
    {
        if (Environment.GetEnvironmentVariable(asOwner ? "ConnectionStrings__PortalOwner" : "ConnectionStrings__Portal") is { Length: > 0 } connectionString)
        {
            return await run(connectionString);
        }

        var folder = DataDirectory;
        if (!Directory.Exists(folder))
        {
            throw new CommandException($"There is no data in {folder}. Start the portal once (./coe up), or set Portal__DataDirectory or ConnectionStrings__Portal{(asOwner ? "Owner" : "")}.");
        }

        await using var embedded = await EmbeddedPostgres.StartAsync(folder, Environment.GetEnvironmentVariable("Portal__PostgresBin"));
        try
        {
            return await run(asOwner ? embedded.OwnerConnectionString : embedded.RuntimeConnectionString);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
        }
    }
}
