using System.Text.RegularExpressions;
using CoEPortal.Tests.Workflows;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>The rules of <c>db/invariants.sql</c>.</summary>
internal static partial class Invariants
{
    private static readonly string Sql = File.ReadAllText(Path.Combine(Repository.Root, "db", "invariants.sql"));

    /// <summary>The sentences of all rules.</summary>
    public static IReadOnlyList<string> Rules { get; } = [.. Sentence().Matches(Sql).Select(m => m.Groups[1].Value)];

    /// <summary>Nothing is broken, and every lane, told its stimuli again, is where it is.</summary>
    public static async Task DemandAsync(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString);
        await connection.OpenAsync();
        Assert.Empty(await BrokenAsync(connection));
        Assert.Empty(await Replay.DifferencesAsync(connection));
    }

    /// <returns>A sentence for each rule that is broken and by what.</returns>
    public static async Task<IReadOnlyList<string>> BrokenAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var broken = new List<string>();
        while (await reader.ReadAsync())
        {
            broken.Add($"{reader.GetString(0)}: {reader.GetString(1)}");
        }

        return broken;
    }

    [GeneratedRegex("^select '([^']+)'", RegexOptions.Multiline)]
    private static partial Regex Sentence();
}
