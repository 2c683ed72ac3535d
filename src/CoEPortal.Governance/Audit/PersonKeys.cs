using System.Collections.Concurrent;
using System.Security.Cryptography;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <summary>The key of each person, with which the log seals what is personal in it. Made at the first event, destroyed when the person is erased.</summary>
public sealed class PersonKeys(PersonalDataKey wrapping, TimeProvider clock)
{
    /// <summary>How long a node can still read and seal after another one has destroyed a key.</summary>
    public static readonly TimeSpan LongestKept = TimeSpan.FromMinutes(1);

    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<string, Kept> _kept = new();

    /// <summary>After the database destroyed the key. Other nodes, and whoever read it here at that moment, forget it within <see cref="LongestKept"/>.</summary>
    public void Forget(PersonId person) => _kept.TryRemove(person.Value, out _);

    /// <summary>In the transaction that saves the events. Costs the database nothing while the keys are at hand.</summary>
    internal async Task SealAsync(GovernanceDb db, IReadOnlyList<AuditEvent> events, CancellationToken cancellation)
    {
        var people = events.SelectMany(e => e.Unsealed.Keys).Distinct().ToList();
        var keys = await OfAsync(db, people, cancellation);
        // In one order for everybody, or two who make the same keys would wait for each other.
        var newcomers = people.Where(p => !keys.ContainsKey(p)).Order(StringComparer.Ordinal).ToList();
        foreach (var person in newcomers)
        {
            var wrapped = wrapping.Wrap(RandomNumberGenerator.GetBytes(SealedTexts.KeyLength), person);
            await db.Database.ExecuteSqlAsync(
                $"insert into privacy.person_key (person_id, wrapped_key) values ({person}, {wrapped}) on conflict do nothing", cancellation);
        }

        if (newcomers.Count > 0)
        {
            // Whoever was faster made the key: it is read, not remembered.
            await ReadAsync(db, newcomers, keys, cancellation);
        }

        foreach (var happened in events)
        {
            happened.Seal(keys);
        }
    }

    /// <returns>Null for who was erased; nothing for who never had a key.</returns>
    internal async Task<Dictionary<string, byte[]?>> OfAsync(GovernanceDb db, IReadOnlyCollection<string> people, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var keys = new Dictionary<string, byte[]?>();
        var unknown = new List<string>();
        foreach (var person in people)
        {
            if (_kept.TryGetValue(person, out var kept) && (now - kept.At).Duration() < LongestKept)
            {
                keys[person] = kept.Key;
            }
            else
            {
                unknown.Add(person);
            }
        }

        if (unknown.Count > 0)
        {
            await ReadAsync(db, unknown, keys, cancellation);
        }

        return keys;
    }

    private async Task ReadAsync(GovernanceDb db, List<string> people, Dictionary<string, byte[]?> keys, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var wanted = people.ToArray();
        var found = await db.Database.SqlQuery<Row>(
            $"""
            select person_id "PersonId", wrapped_key "WrappedKey", transaction_id is distinct from pg_current_xact_id_if_assigned() "IsCommitted"
            from privacy.person_key where person_id = any ({wanted})
            """).ToListAsync(cancellation);
        if (_kept.Count > MostKept)
        {
            _kept.Clear();
        }

        foreach (var row in found)
        {
            keys[row.PersonId] = row.WrappedKey is null ? null : Unwrap(row.WrappedKey, row.PersonId);
            // What this transaction did may be rolled back; a key that then never was would seal what nobody can read.
            if (row.IsCommitted)
            {
                _kept[row.PersonId] = new Kept(keys[row.PersonId], now);
            }
        }
    }

    private byte[] Unwrap(byte[] wrapped, string person)
    {
        try
        {
            return wrapping.Unwrap(wrapped, person);
        }
        catch (CryptographicException other)
        {
            throw new InvalidOperationException("The key of a person was not encrypted with the key of personal data that this node has. Give it the right one (Portal__PersonalDataKey).", other);
        }
    }

    private sealed record Row(string PersonId, byte[]? WrappedKey, bool IsCommitted);

    private readonly record struct Kept(byte[]? Key, DateTimeOffset At);
}
