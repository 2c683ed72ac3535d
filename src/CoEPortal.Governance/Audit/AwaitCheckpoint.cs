using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>
/// After a commit: waits until everything that was committed before is in a signed checkpoint. Nothing is ever taken back
/// because it takes longer; whoever asked is told that it is recorded and not yet in one.
/// </summary>
public sealed class AwaitCheckpoint(NpgsqlDataSource database, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Each keeps a connection and asks ten times a second: more would take from those who work.
    private readonly SemaphoreSlim _waiting = new(8);

    /// <param name="patience">Cut at <see cref="Longest"/>; none asks nothing.</param>
    /// <returns>The size of a checkpoint that covers it; null when there was none in time.</returns>
    public async Task<long?> RunAsync(TimeSpan patience, CancellationToken cancellation = default)
    {
        patience = patience < Longest ? patience : Longest;
        var started = clock.GetTimestamp();
        if (patience <= TimeSpan.Zero || !await _waiting.WaitAsync(patience, cancellation))
        {
            return null;
        }

        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var newest = await NewestPendingAsync(connection, cancellation);
            for (long? needed = null; ;)
            {
                var (waits, leaves, signed) = await LookAsync(connection, newest, cancellation);
                needed ??= waits ? null : leaves;
                if (signed >= needed)
                {
                    return signed;
                }

                if (clock.GetElapsedTime(started) + Pause > patience)
                {
                    return null;
                }

                await Task.Delay(Pause, clock, cancellation);
            }
        }
        catch (NpgsqlException)
        {
            // The change is committed; only nobody can say now whether it is signed.
            return null;
        }
        finally
        {
            _waiting.Release();
        }
    }

    public void Dispose() => _waiting.Dispose();

    private static async Task<long> NewestPendingAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(id), 0) from audit.pending", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<(bool Waits, long Leaves, long Signed)> LookAsync(NpgsqlConnection connection, long newest, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select exists (select from audit.pending where id <= $1), (select coalesce(max(index) + 1, 0) from audit.leaf),
              (select coalesce(max(size), 0) from audit.checkpoint)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = newest });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.GetBoolean(0), row.GetInt64(1), row.GetInt64(2));
    }
}
