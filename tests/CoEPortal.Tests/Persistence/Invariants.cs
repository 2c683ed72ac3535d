using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>The rules of <c>db/invariants.sql</c>.</summary>
internal static class Invariants
{
    private static readonly string Sql = File.ReadAllText(Path.Combine(Repository.Root, "db", "invariants.sql"));

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
}
