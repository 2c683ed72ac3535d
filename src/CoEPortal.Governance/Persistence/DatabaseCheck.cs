using Npgsql;

namespace CoEPortal.Governance.Persistence;

/// <summary>The rules of <c>db/invariants.sql</c>, asked of a database that may be in use: one statement, so one moment.</summary>
public static class DatabaseCheck
{
    /// <returns>A sentence for each rule that is broken, and by what; empty when all hold.</returns>
    public static async Task<IReadOnlyList<string>> BrokenRulesAsync(NpgsqlConnection connection, CancellationToken cancellation = default)
    {
        await using var command = new NpgsqlCommand(await RulesAsync(cancellation), connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var broken = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            broken.Add($"{reader.GetString(0)}: {reader.GetString(1)}");
        }

        return broken;
    }

    private static async Task<string> RulesAsync(CancellationToken cancellation)
    {
        using var file = new StreamReader(typeof(DatabaseCheck).Assembly.GetManifestResourceStream("invariants.sql")!);
        return await file.ReadToEndAsync(cancellation);
    }
}
