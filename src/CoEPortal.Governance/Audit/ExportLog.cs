using System.Data;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>Writes the whole log as one file that <c>coe audit verify</c> checks without this portal: entries in their order, and each checkpoint after the last entry it covers.</summary>
public sealed class ExportLog(NpgsqlDataSource database)
{
    private const string Schema = "coeportal/audit-log/1";

    public async Task RunAsync(Stream file, string origin, Actor auditor, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(auditor, Permission.ExportAuditLog);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // One moment, however long it takes to write.
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var checkpoints = await CheckpointsAsync(connection, cancellation);
        await using var writer = new StreamWriter(file, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync(Encoding.UTF8.GetString(CanonicalJson.Write(new JsonObject { ["schema"] = Schema, ["origin"] = origin })));
        await WriteAsync(0);
        await using var command = new NpgsqlCommand($"select l.hash, {LogReader.Columns} from audit.leaf l join audit.event e on e.event_id = l.event_id order by l.index", connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        for (var size = 1L; await reader.ReadAsync(cancellation); size++)
        {
            await writer.WriteAsync("leaf ");
            await writer.WriteAsync(Convert.ToBase64String(reader.GetFieldValue<byte[]>(0)));
            await writer.WriteAsync(' ');
            await writer.WriteLineAsync(Encoding.UTF8.GetString(LogReader.Read(reader, 1).Write()));
            await WriteAsync(size);
        }

        // Of entries that are not there: whoever checks has to see them too.
        await WriteAsync(long.MaxValue);

        async Task WriteAsync(long size)
        {
            while (checkpoints.TryPeek(out var next) && next.Size <= size)
            {
                checkpoints.Dequeue();
                await writer.WriteLineAsync("checkpoint " + Convert.ToBase64String(Encoding.UTF8.GetBytes(next.Note)));
            }
        }
    }

    private static async Task<Queue<(long Size, string Note)>> CheckpointsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select size, note from audit.checkpoint order by id", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var checkpoints = new Queue<(long, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            checkpoints.Enqueue((reader.GetInt64(0), reader.GetString(1)));
        }

        return checkpoints;
    }
}
