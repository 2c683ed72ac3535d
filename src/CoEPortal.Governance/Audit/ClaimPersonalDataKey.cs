using Npgsql;

namespace CoEPortal.Governance.Audit;

/// <summary>At start: the first key that a database is used with is its key. With another one nobody's name could be read again.</summary>
public sealed class ClaimPersonalDataKey(NpgsqlDataSource database)
{
    /// <returns>Whether this database has a key already, so that none may be made.</returns>
    public async Task<bool> IsClaimedAsync(CancellationToken cancellation = default)
    {
        await using var command = database.CreateCommand("select exists (select from privacy.wrapping_key)");
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <returns>False when the database is used with another key.</returns>
    public async Task<bool> RunAsync(PersonalDataKey key, CancellationToken cancellation = default)
    {
        await using (var claim = database.CreateCommand("insert into privacy.wrapping_key (fingerprint) values ($1) on conflict do nothing"))
        {
            claim.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Fingerprint });
            await claim.ExecuteNonQueryAsync(cancellation);
        }

        await using var command = database.CreateCommand("select fingerprint from privacy.wrapping_key");
        return key.Fingerprint == (string?)await command.ExecuteScalarAsync(cancellation);
    }
}
