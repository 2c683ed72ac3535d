using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>Work on the log that one node does at a time; any node may, for one transaction.</summary>
internal static class LogLock
{
    public const long Sequencer = 0x41554449_54534551;

    /// <summary>Two signers would sign the same size twice.</summary>
    public const long Signer = 0x41554449_5453494E;

    /// <returns>False when another node is at it. Held until the transaction ends.</returns>
    public static async Task<bool> TryTakeAsync(NpgsqlConnection connection, long work, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_xact_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = work });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
