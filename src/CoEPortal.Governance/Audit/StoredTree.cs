using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>The kept hashes of the audit log, and how many leaves it has, as one connection sees them.</summary>
internal sealed class StoredTree(NpgsqlConnection connection) : ISubtrees
{
    public async Task<long> SizeAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(index) + 1, 0) from audit.leaf", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public async ValueTask<IReadOnlyList<ContentHash>> ReadAsync(int level, long first, int count, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            level == 0
                ? "select hash from audit.leaf where index between $1 and $2 order by index"
                : "select hash from audit.subtree where index between $1 and $2 and level = $3 order by index", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first + count - 1 });
        if (level > 0)
        {
            command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)level });
        }

        var hashes = new List<ContentHash>(count);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            hashes.Add(new ContentHash(reader.GetFieldValue<byte[]>(0)));
        }

        return hashes.Count == count ? hashes
            : throw new AuditLogException($"The audit log lacks hashes it must have: of level {level}, {hashes.Count} of {count} from {first}. Somebody removed them.");
    }
}

/// <summary>The audit log is not what it was. The message says where; nothing is signed until a person has looked.</summary>
public sealed class AuditLogException(string message) : Exception(message)
{
    /// <summary>What was signed of a log that this one does not go on with: another database answers, or an older state of it.</summary>
    public SignedCheckpoint? Known { get; init; }
}
