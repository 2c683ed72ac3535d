using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>
/// Signs how large the log is and what is in it, and gives that away. Before that it proves to itself, as a stranger would,
/// that the log still begins with all it signed before; otherwise it signs nothing and says so.
/// </summary>
public sealed class SignCheckpoints(NpgsqlDataSource database, LogKey key, IEnumerable<ICheckpointSink> sinks, TimeProvider clock)
{
    /// <summary>Also a log in which nothing happens is signed once an hour, so that silence shows.</summary>
    public static readonly TimeSpan WhenIdle = TimeSpan.FromHours(1);

    private readonly PinnedKey _own = PinnedKey.Parse(key.Public);

    /// <returns>The note; null when nothing changed and the last one is young enough, or another node is at it.</returns>
    /// <exception cref="AuditLogException">The log is not what it was.</exception>
    public async Task<string?> RunAsync(CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var isAlone = await LogLock.TryTakeAsync(connection, LogLock.Signer, cancellation);
        // First: what others sign and give away meanwhile is of entries that the size below counts.
        var before = await RecallAsync(cancellation);
        var stored = new StoredTree(connection);
        var size = await stored.SizeAsync(cancellation);
        var tree = new MerkleTree(stored, size);
        var root = await tree.RootAsync(cancellation);
        // Also by who signs nothing now: a database that was set back looks as quiet as one in which nothing happens.
        foreach (var signed in before)
        {
            await DemandSamePastAsync(signed, tree, size, root, cancellation);
        }

        if (!isAlone)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (await StoredCheckpoint.NewestAsync(connection, cancellation) is { } last)
        {
            if (last.Size == size && now - last.At < WhenIdle)
            {
                return null;
            }

            // Another node's clock may be a little ahead; time in the log does not run backwards.
            now = now > last.At ? now : last.At.AddMicroseconds(1);
        }

        var note = key.Sign(new Checkpoint(key.Origin, size, root, now));
        await AddAsync(connection, size, root, now, note, cancellation);
        await transaction.CommitAsync(cancellation);
        foreach (var sink in sinks)
        {
            await sink.PublishAsync(note, cancellation);
        }

        return note;
    }

    /// <summary>What every place that remembers was given last.</summary>
    private async Task<List<SignedCheckpoint>> RecallAsync(CancellationToken cancellation)
    {
        var signed = new List<SignedCheckpoint>();
        foreach (var memory in sinks.OfType<ICheckpointMemory>())
        {
            if (await memory.RecallAsync(cancellation) is not { } note)
            {
                continue;
            }

            try
            {
                signed.Add(SignedCheckpoint.Open(note, [_own]));
            }
            catch (CheckFailedException notOurs) when (notOurs.Rule is "unknown-key" or "other-log")
            {
                // The key was replaced; what the old one signed is checked by those who kept it.
            }
            catch (CheckFailedException damaged)
            {
                throw new AuditLogException($"What was signed last cannot be read again, so nothing can be compared with it: {damaged.Message}");
            }
        }

        return signed;
    }

    private static async Task DemandSamePastAsync(SignedCheckpoint before, MerkleTree tree, long size, ContentHash root, CancellationToken cancellation)
    {
        if (before.Size > size)
        {
            throw new AuditLogException($"The audit log has {size:N0} entries, but {before.Size:N0} were signed on {before.At:yyyy-MM-dd HH:mm:ss} UTC: the database was set back, or entries were removed.") { Known = before };
        }

        var proof = await tree.ConsistencyAsync(before.Size, cancellation);
        if (!TreeCheck.Extends(before.Size, size, before.Root, root.ToBytes(), [.. proof.Select(h => h.ToBytes())]))
        {
            throw new AuditLogException($"The first {before.Size:N0} entries of the audit log are not those that were signed on {before.At:yyyy-MM-dd HH:mm:ss} UTC.") { Known = before };
        }
    }

    private static async Task AddAsync(
        NpgsqlConnection connection, long size, ContentHash root, DateTimeOffset at, string note, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("insert into audit.checkpoint (size, root, at, note) values ($1, $2, $3, $4)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = root.ToBytes() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = note });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
