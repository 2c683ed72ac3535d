using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>
/// Gives committed events their numbers in the log, and adds them to the tree. One node at a time does so; an event whose
/// transaction commits late gets a later number, and writers never wait for each other.
/// </summary>
public sealed class IntegrateEvents(NpgsqlDataSource database)
{
    /// <summary>Who gets as many has more to do.</summary>
    public const int MostAtOnce = 2000;

    /// <returns>How many events were added; 0 also when another node is at it.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await LogLock.TryTakeAsync(connection, LogLock.Sequencer, cancellation))
        {
            return 0;
        }

        var events = await TakeAsync(connection, cancellation);
        if (events.Count == 0)
        {
            return 0;
        }

        var stored = new StoredTree(connection);
        var size = await stored.SizeAsync(cancellation);
        var leaves = events.ConvertAll(e => TreeHash.Leaf(e.Write()));
        var completed = await new MerkleTree(stored, size).CompletedByAsync(leaves, cancellation);
        await AddLeavesAsync(connection, size, events, leaves, cancellation);
        await AddSubtreesAsync(connection, completed, cancellation);
        await transaction.CommitAsync(cancellation);
        return events.Count;
    }

    private static async Task<List<LoggedEvent>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with taken as (delete from audit.pending where id in (select id from audit.pending order by id limit {MostAtOnce}) returning id, event_id)
            select {LogReader.Columns} from taken join audit.event e on e.event_id = taken.event_id order by taken.id
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<LoggedEvent>();
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(LogReader.Read(reader, 0));
        }

        return events;
    }

    private static async Task AddLeavesAsync(
        NpgsqlConnection connection, long size, List<LoggedEvent> events, List<ContentHash> leaves, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "insert into audit.leaf (index, event_id, hash) select * from unnest($1::bigint[], $2::uuid[], $3::bytea[]) as leaf (index, event_id, hash) order by index", connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. events.Select((_, at) => size + at)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. events.Select(e => e.EventId)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. leaves.Select(l => l.ToBytes())] });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task AddSubtreesAsync(NpgsqlConnection connection, IReadOnlyList<Subtree> subtrees, CancellationToken cancellation)
    {
        if (subtrees.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            "insert into audit.subtree (level, index, hash) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])", connection);
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. subtrees.Select(s => (short)s.Level)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. subtrees.Select(s => s.Index)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. subtrees.Select(s => s.Hash.ToBytes())] });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
