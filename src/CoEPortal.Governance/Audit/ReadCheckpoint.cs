using CoEPortal.Governance.Access;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>The newest checkpoint, for whoever wants to keep one. It tells nothing of what is in the log.</summary>
public sealed class ReadCheckpoint(NpgsqlDataSource database)
{
    /// <returns>The signed note; null before the first.</returns>
    public async Task<string?> NewestAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await StoredCheckpoint.NewestAsync(connection, cancellation))?.Note;
    }
}
