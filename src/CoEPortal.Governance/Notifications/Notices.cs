using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Tells people what concerns them, inside the transaction of the change: who is told of a change that was rolled back
/// would look for something that is not there. E-mail and what channels are told are only queued here, and wait where
/// somebody has quiet hours.
/// </summary>
public sealed class Notices(NoticeMail mail, Organisation organisation)
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
            .Select(n => new Row(EventIds.Next(now), n, TitleOf(n), PlainLine.Of(n.Text, Notification.LongestText), ChannelNote.Of(n)))
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
              select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $12::text[], $13::text[], $14::text[])
                as notice (id, person_id, kind, title, text, link, use_case_key, dedupe_key, body, note, sentence, subject_key)
            ), told as (
              insert into notification (id, person_id, kind, title, text, link, use_case_key, created_at, dedupe_key)
              select id, person_id, kind, title, text, link, use_case_key, $10, dedupe_key from notice
              on conflict (person_id, dedupe_key) do nothing returning id
            ), wanted as (
              select notice.*, person.email, person.quiet_from, person.quiet_until, coalesce(choice.mail, 'AtOnce') as mail
              from told join notice using (id) join person on person.id = notice.person_id
              left join notice_choice choice on choice.person_id = notice.person_id and choice.kind = notice.kind
              where $11 and person.is_active and person.wants_mail and person.email is not null
            ), digested as (
              insert into digest_entry (notification_id, person_id, created_at) select id, person_id, $10 from wanted where mail = 'Digest'
            ), channelled as (
              insert into outbox_message (id, channel, recipient, subject, body, dedupe_key, created_at, next_attempt_at, attempts, kind, subject_key)
              select gen_random_uuid(), lower(channel.kind), channel.id::text, occasion.sentence, occasion.note,
                'channel/' || channel.id || '/' || encode(sha256(convert_to(occasion.kind || '/' || occasion.dedupe_key, 'UTF8')), 'hex'), $10,
                case when occasion.kind = any ($15) then $10 else after_quiet_hours($10, channel.quiet_from, channel.quiet_until, $16) end, 0, occasion.kind, occasion.subject_key
              from (select distinct on (kind, dedupe_key) * from notice where sentence is not null order by kind, dedupe_key, id) occasion
              join notice_channel channel on channel.removed_at is null and not channel.is_paused and occasion.kind = any (channel.told_kinds)
              on conflict (dedupe_key) do nothing
            )
            insert into outbox_message (id, channel, recipient, subject, body, dedupe_key, created_at, next_attempt_at, attempts, kind, subject_key)
            select id, 'email', email, title, body, 'notification/' || id, $10,
              case when kind = any ($15) then $10 else after_quiet_hours($10, quiet_from, quiet_until, $16) end, 0, kind, subject_key
            from wanted where mail = 'AtOnce'
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
        Column(r => r.Note.ToJson());
        Column(r => NoticeKinds.Find(r.Notice.Kind)?.ToChannel);
        Column(r => r.Note.Subject);
        command.Parameters.Add(new NpgsqlParameter { Value = NoticeKinds.Urgent.ToArray() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = organisation.TimeZone });
        await command.ExecuteNonQueryAsync(cancellation);

        void Column<T>(Func<Row, T> value) => command.Parameters.Add(new NpgsqlParameter { Value = rows.ConvertAll(r => value(r)).ToArray() });
    }

    // A subject is never empty, whatever somebody called their use case.
    private static string TitleOf(Notice notice) => PlainLine.Of(notice.Title, Notification.LongestTitle) is { Length: > 0 } title ? title : notice.Kind;

    private static bool IsPathOfPortal(string link) => link is ['/', ..] and not ['/', '/' or '\\', ..] && !link.Any(char.IsControl);

    private sealed record Row(Guid Id, Notice Notice, string Title, string Text, ChannelNote Note);
}
