using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Tells people what concerns them, inside the transaction of the change: who is told of a change that was rolled back
/// would look for something that is not there. The e-mail is only queued here.
/// </summary>
public sealed class Notices(NoticeMail mail)
{
    /// <summary>A person who was told of an occasion already is passed over, and gets no second mail.</summary>
    /// <exception cref="InvalidOperationException">The caller has no transaction open.</exception>
    /// <exception cref="ArgumentException">A link leads out of the portal.</exception>
    public async Task SendAsync(GovernanceDb db, IReadOnlyCollection<Notice> notices, DateTimeOffset now, CancellationToken cancellation)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("A notice belongs in the transaction of the change it tells of.");
        }

        if (notices.FirstOrDefault(n => !IsPathOfPortal(n.Link)) is { } stray)
        {
            throw new ArgumentException($"The link of a notice is a path of the portal, unlike '{stray.Link}'.", nameof(notices));
        }

        // Ids in the order of sending, which a list keeps; rows in one order for all, so that two transactions that tell the
        // same people wait for each other instead of dead-locking.
        var rows = notices
            .Select(n => new Row(EventIds.Next(now), n, TitleOf(n), PlainLine.Of(n.Text, Notification.LongestText)))
            .OrderBy(r => r.Notice.Person.Value, StringComparer.Ordinal).ThenBy(r => r.Notice.DedupeKey, StringComparer.Ordinal)
            .ToList();
        if (rows.Count > 0)
        {
            await StoreAsync((NpgsqlConnection)db.Database.GetDbConnection(), rows, now, cancellation);
        }
    }

    private async Task StoreAsync(NpgsqlConnection connection, List<Row> rows, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            with notice as (
              select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
                as notice (id, person_id, kind, title, text, link, use_case_key, dedupe_key, body)
            ), told as (
              insert into notification (id, person_id, kind, title, text, link, use_case_key, created_at, dedupe_key)
              select id, person_id, kind, title, text, link, use_case_key, $10, dedupe_key from notice
              on conflict (person_id, dedupe_key) do nothing returning id
            )
            insert into outbox_message (id, channel, recipient, subject, body, dedupe_key, created_at, next_attempt_at, attempts)
            select notice.id, 'email', person.email, notice.title, notice.body, 'notification/' || notice.id, $10, $10, 0
            from told join notice using (id) join person on person.id = notice.person_id
            where $11 and person.is_active and person.wants_mail and person.email is not null
            """, connection);
        Column(r => r.Id);
        Column(r => r.Notice.Person.Value);
        Column(r => r.Notice.Kind);
        Column(r => r.Title);
        Column(r => r.Text);
        Column(r => r.Notice.Link);
        Column(r => r.Notice.UseCaseKey);
        Column(r => r.Notice.DedupeKey);
        Column(r => mail.IsOn ? mail.BodyOf(r.Id, r.Title, r.Text) : "");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = mail.IsOn });
        await command.ExecuteNonQueryAsync(cancellation);

        void Column<T>(Func<Row, T> value) => command.Parameters.Add(new NpgsqlParameter { Value = rows.ConvertAll(r => value(r)).ToArray() });
    }

    // A subject is never empty, whatever somebody called their use case.
    private static string TitleOf(Notice notice) => PlainLine.Of(notice.Title, Notification.LongestTitle) is { Length: > 0 } title ? title : notice.Kind;

    private static bool IsPathOfPortal(string link) => link is ['/', ..] and not ['/', '/' or '\\', ..] && !link.Any(char.IsControl);

    private sealed record Row(Guid Id, Notice Notice, string Title, string Text);
}
