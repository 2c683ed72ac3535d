using System.Data;
using System.Text;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>Proves one entry of the log under its newest checkpoint.</summary>
public sealed class ProveEntry(NpgsqlDataSource database)
{
    /// <param name="key">Public key of the log, to go with the proof.</param>
    /// <exception cref="NotFoundException">There is no such entry, or none is signed yet.</exception>
    public async Task<EntryProof> RunAsync(long index, string key, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        if (await StoredCheckpoint.NewestAsync(connection, cancellation) is not { } newest || index < 0 || index >= newest.Size)
        {
            throw new NotFoundException("signed entry", index.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var path = await new MerkleTree(new StoredTree(connection), newest.Size).InclusionAsync(index, cancellation);
        return new EntryProof(
            EntryProof.CurrentSchema, key, newest.Note,
            new BundleEntry(index, await DataAsync(connection, index, cancellation), [.. path.Select(h => Convert.ToBase64String(h.ToBytes()))]));
    }

    private static async Task<string> DataAsync(NpgsqlConnection connection, long index, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {LogReader.Columns} from audit.leaf l join audit.event e on e.event_id = l.event_id where l.index = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = index });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? Encoding.UTF8.GetString(LogReader.Read(row, 0).Write())
            : throw new AuditLogException($"Entry {index} of the audit log is gone. Somebody removed it.");
    }
}
