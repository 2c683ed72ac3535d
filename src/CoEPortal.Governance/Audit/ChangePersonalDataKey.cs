using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <param name="People">Whose keys were encrypted anew.</param>
public sealed record PersonalDataKeyChanged(int People, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>Encrypts the key of every person with another key of personal data. On the owner's connection, while no node runs.</summary>
public sealed class ChangePersonalDataKey(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int AtOnce = 1000;

    /// <returns>Whose keys were encrypted anew, counted.</returns>
    /// <exception cref="RuleViolationException"><c>same-key</c>, <c>nodes-running</c> or <c>other-key</c>; nothing has changed.</exception>
    public async Task<int> RunAsync(PersonalDataKey from, PersonalDataKey to, Actor by, CancellationToken cancellation = default)
    {
        Refuse.If(from.Fingerprint == to.Fingerprint, "same-key", "The new key is the one in use. Make another: openssl rand -base64 32.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Before the locks, which a node would keep us from for good; one that starts now waits, and is refused with the old key.
        var nodes = await db.Database.SqlQuery<int>(
            $"select count(*)::int as \"Value\" from pg_stat_activity where datname = current_database() and usename <> current_user").SingleAsync(cancellation);
        Refuse.If(nodes > 0, "nodes-running", "Somebody is connected to the database. Stop every node of the portal first: they would go on with the old key.");
        await db.Database.ExecuteSqlAsync($"lock table privacy.wrapping_key, privacy.person_key, privacy.sealing_key", cancellation);
        var changed = await db.Database.ExecuteSqlAsync(
            $"update privacy.wrapping_key set fingerprint = {to.Fingerprint}, changed_in = pg_current_xact_id() where fingerprint = {from.Fingerprint}", cancellation);
        Refuse.If(changed == 0, "other-key", "The database is not used with the key that was given as the old one. Nothing was changed.");

        var people = await WrapAnewAsync(db, from, to, cancellation);
        await WrapThingsAnewAsync(db, from, to, cancellation);
        await RecordAsync(db, people, by, cancellation);
        await transaction.CommitAsync(cancellation);
        return people;
    }

    private static async Task<int> WrapAnewAsync(GovernanceDb db, PersonalDataKey from, PersonalDataKey to, CancellationToken cancellation)
    {
        var (count, last) = (0, "");
        while (true)
        {
            var rows = await db.Database.SqlQuery<Row>(
                $"""
                select person_id "PersonId", wrapped_key "WrappedKey" from privacy.person_key
                where wrapped_key is not null and person_id > {last} order by person_id limit {AtOnce}
                """).ToListAsync(cancellation);
            if (rows.Count == 0)
            {
                return count;
            }

            var (people, keys) = (rows.ConvertAll(r => r.PersonId), rows.ConvertAll(r => to.Wrap(from.Unwrap(r.WrappedKey, r.PersonId), r.PersonId)));
            await db.Database.ExecuteSqlAsync(
                $"""
                update privacy.person_key k set wrapped_key = anew.key, transaction_id = pg_current_xact_id()
                from unnest({people}, {keys}) anew (person, key) where k.person_id = anew.person
                """, cancellation);
            (count, last) = (count + rows.Count, people[^1]);
        }
    }

    /// <summary>Keys of campaigns: a few each year.</summary>
    private static async Task WrapThingsAnewAsync(GovernanceDb db, PersonalDataKey from, PersonalDataKey to, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<Row>($"select name \"PersonId\", wrapped_key \"WrappedKey\" from privacy.sealing_key").ToListAsync(cancellation);
        var (names, keys) = (rows.ConvertAll(r => r.PersonId), rows.ConvertAll(r => to.Wrap(from.Unwrap(r.WrappedKey, r.PersonId), r.PersonId)));
        await db.Database.ExecuteSqlAsync(
            $"update privacy.sealing_key k set wrapped_key = anew.key from unnest({names}, {keys}) anew (name, key) where k.name = anew.name", cancellation);
    }

    private async Task RecordAsync(GovernanceDb db, int people, Actor by, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var number = await db.AuditEvents.CountAsync(e => e.SubjectType == "personal-data-key", cancellation) + 1;
        db.AuditEvents.Add(AuditEvent.Of(new RecordedEvent(EventIds.Next(now), number, new PersonalDataKeyChanged(people, by, now)), ("personal-data-key", "portal")));
        await db.SaveChangesAsync(cancellation);
    }

    private sealed record Row(string PersonId, byte[] WrappedKey);
}
