using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Who used a use case on which day (UTC), as a pseudonym: the first 16 bytes of HMAC-SHA-256 over use case and id under a key of
/// this portal. The id is stored nowhere, and nothing follows a person from one use case to another. Calls that name nobody count nobody.
/// </summary>
internal sealed class ActiveUsers
{
    public const int PseudonymLength = 16;

    private byte[]? _key;

    public async Task NoteAsync(NpgsqlConnection connection, IReadOnlyCollection<StoredCall> calls, CancellationToken cancellation)
    {
        var seen = calls.Where(c => c is { UseCase: not null, Call.EndUser: not null })
            .GroupBy(c => (UseCase: c.UseCase!, Day: DateOnly.FromDateTime(c.Call.StartedAt.UtcDateTime), User: c.Call.EndUser!), c => c.Call.Cohort).ToList();
        if (seen.Count == 0)
        {
            return;
        }

        var key = _key ??= await KeyAsync(connection, cancellation);
        // Ordered, so that two batches wait for each other instead of dead-locking.
        var rows = seen.Select(s => (s.Key.UseCase, s.Key.Day, Pseudonym: PseudonymOf(key, s.Key.UseCase, s.Key.User), Cohort: s.FirstOrDefault(c => c is not null)))
            .OrderBy(r => r.UseCase, StringComparer.Ordinal).ThenBy(r => r.Day).ThenBy(r => Convert.ToHexString(r.Pseudonym), StringComparer.Ordinal).ToList();
        await using var add = new NpgsqlCommand(
            """
            insert into telemetry.active_user as u (use_case_key, day, pseudonym, cohort) select * from unnest($1::text[], $2::date[], $3::bytea[], $4::text[])
            on conflict (use_case_key, day, pseudonym) do update set cohort = excluded.cohort where u.cohort is null and excluded.cohort is not null
            """, connection);
        add.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(r => r.UseCase)] });
        add.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = [.. rows.Select(r => r.Day)] });
        add.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. rows.Select(r => r.Pseudonym)] });
        add.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. rows.Select(r => r.Cohort)] });
        await add.ExecuteNonQueryAsync(cancellation);
    }

    // The key of a use case has a fixed alphabet without a line break, so no two pairs read the same.
    private static byte[] PseudonymOf(byte[] key, string useCase, string user) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(useCase + "\n" + user))[..PseudonymLength];

    private static async Task<byte[]> KeyAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var read = new NpgsqlCommand("select key from telemetry.end_user_key", connection);
        return (byte[])(await read.ExecuteScalarAsync(cancellation))!;
    }
}
