using CoEPortal.Evidence;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>A row of <c>audit.checkpoint</c>: what was signed, and the note that says so.</summary>
internal sealed record StoredCheckpoint(long Size, ContentHash Root, DateTimeOffset At, string Note)
{
    /// <returns>Null when nothing was signed yet.</returns>
    public static async Task<StoredCheckpoint?> NewestAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select size, root, at, note from audit.checkpoint order by id desc limit 1", connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new StoredCheckpoint(row.GetInt64(0), new ContentHash(row.GetFieldValue<byte[]>(1)), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3))
            : null;
    }
}
