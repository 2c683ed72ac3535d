using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace CoEPortal.Governance.Persistence;

/// <summary>One file of <c>db/migrations</c>.</summary>
/// <param name="Name">Its file name, e.g. <c>0001_people.sql</c>; the number orders the scripts.</param>
/// <param name="Sql"></param>
public sealed record MigrationScript(string Name, string Sql)
{
    /// <summary>The same whichever line endings a checkout gave the file.</summary>
    public string Sha256 =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>The database cannot be brought, or is not at, the version of this program. The message says what to do.</summary>
public sealed class MigrationException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Applies numbered SQL scripts, each once and in order, and knows whether a database has them all.</summary>
public static partial class Migrator
{
    private const long LockKey = 0x434F45504F5254; // "COEPORT"

    /// <summary>The scripts this program was built with.</summary>
    public static IReadOnlyList<MigrationScript> Scripts { get; } = [.. Embedded()];

    /// <summary>
    /// Applies what is missing, each script in a transaction of its own together with the row that records it. Several
    /// nodes may start at once: one works, the others wait and find nothing to do.
    /// </summary>
    /// <returns>The names of the scripts that were applied.</returns>
    /// <exception cref="MigrationException">A script failed and left nothing, or the history forbids to go on.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string ownerConnectionString, IEnumerable<MigrationScript> scripts, CancellationToken ct = default)
    {
        var known = Ordered(scripts);
        // closing the connection frees the lock, a pooled one would keep it
        var builder = new NpgsqlConnectionStringBuilder(ownerConnectionString) { Pooling = false, CommandTimeout = 0 };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, null, "select pg_advisory_lock($1)", ct, LockKey);
        await MakeHistoryAsync(connection, ct);

        var applied = await HistoryAsync(connection, ct);
        RefuseOtherHistory(known, applied);
        var missing = known.Skip(applied.Count).ToList();
        foreach (var script in missing)
        {
            await ApplyAsync(connection, script, ct);
        }

        return [.. missing.Select(script => script.Name)];
    }

    /// <summary>For a node that may not change the schema: is it the one this program was written for?</summary>
    /// <exception cref="MigrationException">It is older or newer; the message says what to do.</exception>
    public static async Task CheckAsync(
        string runtimeConnectionString, IEnumerable<MigrationScript>? scripts = null, CancellationToken ct = default)
    {
        var known = Ordered(scripts ?? Scripts);
        await using var connection = new NpgsqlConnection(runtimeConnectionString);
        await connection.OpenAsync(ct);
        var applied = await HistoryAsync(connection, ct);
        RefuseOtherHistory(known, applied);
        if (applied.Count < known.Count)
        {
            var at = applied.Count == 0 ? "has no tables of the portal yet" : $"is at {applied[^1].Name}";
            throw new MigrationException(
                $"The database {at} and this version of the portal needs {known[^1].Name}: "
                + "run `coe db migrate` with the owner's connection, then start again.");
        }
    }

    private static List<MigrationScript> Ordered(IEnumerable<MigrationScript> scripts)
    {
        var ordered = scripts.OrderBy(script => script.Name, StringComparer.Ordinal).ToList();
        foreach (var script in ordered.Where(script => !NumberedName().IsMatch(script.Name)))
        {
            throw new MigrationException($"Migration {script.Name} must be named like 0001_what_it_adds.sql.");
        }

        foreach (var (first, second) in ordered.Zip(ordered.Skip(1)).Where(pair => pair.First.Name[..4] == pair.Second.Name[..4]))
        {
            throw new MigrationException($"Migrations {first.Name} and {second.Name} have the same number: renumber one.");
        }

        return ordered;
    }

    /// <summary>Forward only: what was applied must be the beginning of what we know, to the letter.</summary>
    private static void RefuseOtherHistory(List<MigrationScript> known, List<(string Name, string Sha256)> applied)
    {
        foreach (var (name, sha256) in applied)
        {
            var script = known.Find(script => script.Name == name) ?? throw new MigrationException(
                $"The database has {name}, which this version of the portal does not know: it is newer. Start the newer "
                + "version, or restore a backup; `coe db migrate` only goes forward.");
            if (script.Sha256 != sha256)
            {
                throw new MigrationException(
                    $"Migration {name} was edited after it was applied: put it back and add a new one, "
                    + "which `coe db migrate` will apply.");
            }
        }

        var late = known.Take(applied.Count).FirstOrDefault(script => applied.All(row => row.Name != script.Name));
        if (late is not null)
        {
            throw new MigrationException(
                $"Migration {late.Name} comes before {applied[^1].Name}, which is already applied: give it the next number, "
                + "so that `coe db migrate` makes the same schema everywhere.");
        }
    }

    private static async Task MakeHistoryAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select 1 from pg_roles where rolname = $1", connection)
        {
            Parameters = { new() { Value = EmbeddedPostgres.RuntimeRole } },
        };
        if (await command.ExecuteScalarAsync(ct) is null)
        {
            throw new MigrationException(
                $"The database server has no role {EmbeddedPostgres.RuntimeRole}, as which the portal works: create it "
                + $"(create role {EmbeddedPostgres.RuntimeRole} login password '…') and run `coe db migrate` again.");
        }

        await ExecuteAsync(
            connection,
            null,
            $"""
             create table if not exists public.schema_migration (
                 name text primary key,
                 sha256 text not null,
                 applied_at timestamptz not null default now(),
                 milliseconds integer not null
             );
             grant select on public.schema_migration to {EmbeddedPostgres.RuntimeRole};
             """,
            ct);
    }

    private static async Task<List<(string Name, string Sha256)>> HistoryAsync(
        NpgsqlConnection connection, CancellationToken ct)
    {
        var history = new List<(string, string)>();
        try
        {
            await using var command = new NpgsqlCommand(
                "select name, sha256 from public.schema_migration order by name collate \"C\"", connection);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                history.Add((reader.GetString(0), reader.GetString(1)));
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // never migrated
        }

        return history;
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await ExecuteAsync(connection, transaction, script.Sql, ct);
        }
        catch (PostgresException e)
        {
            throw new MigrationException($"Migration {script.Name} failed and left nothing: {e.MessageText}.", e);
        }

        await ExecuteAsync(
            connection,
            transaction,
            "insert into public.schema_migration (name, sha256, milliseconds) values ($1, $2, $3)",
            ct,
            script.Name,
            script.Sha256,
            (int)watch.ElapsedMilliseconds);
        await transaction.CommitAsync(ct);
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }

    private static IEnumerable<MigrationScript> Embedded()
    {
        const string folder = "migrations/";
        var assembly = typeof(Migrator).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return new MigrationScript(name[folder.Length..], reader.ReadToEnd());
        }
    }

    [GeneratedRegex(@"^\d{4}_[a-z0-9_]+\.sql$")]
    private static partial Regex NumberedName();
}
