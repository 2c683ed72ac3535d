using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>Puts what somebody chose to read once a day into one mail, on their first morning after it came.</summary>
public sealed class SendDigests(IDbContextFactory<GovernanceDb> databases, NoticeMail mail, Organisation organisation, TimeProvider clock)
{
    /// <summary>The rest is counted; a mail is no archive.</summary>
    public const int MostInOne = 30;

    private const int PeopleAtOnce = 200;

    /// <summary>When what came at an instant is sent: at the first such hour after it, across daylight saving.</summary>
    public static DateTimeOffset DueAt(DateTimeOffset cameAt, int hour, Organisation organisation)
    {
        var day = organisation.DayOf(cameAt);
        var morning = organisation.At(day, new TimeOnly(hour, 0));
        return morning > cameAt ? morning : organisation.At(day.AddDays(1), new TimeOnly(hour, 0));
    }

    /// <returns>How many mails were queued.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        if (!mail.IsOn)
        {
            return 0;
        }

        var (sent, after) = (0, "");
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var waiting = await db.Database.SqlQuery<Waiting>(
                $"""
                select e.person_id "Person", min(e.created_at) "First", p.digest_hour "DigestHour" from digest_entry e join person p on p.id = e.person_id
                where e.person_id > {after} group by 1, 3 order by 1 limit {PeopleAtOnce}
                """).ToListAsync(cancellation);
            if (waiting.Count == 0)
            {
                return sent;
            }

            foreach (var person in waiting.Where(w => DueAt(w.First, w.DigestHour, organisation) <= clock.GetUtcNow()))
            {
                sent += await SendAsync(person.Person, cancellation) ? 1 : 0;
            }

            after = waiting[^1].Person;
        }
    }

    private async Task<bool> SendAsync(string person, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Who comes second finds nothing left.
        var gathered = await db.Database.SqlQuery<Guid>(
            $"""delete from digest_entry where person_id = {person} and created_at <= {now} returning notification_id "Value" """).ToListAsync(cancellation);
        var entries = await db.Notifications.AsNoTracking().Where(n => gathered.Contains(n.Id)).OrderBy(n => n.CreatedAt).ThenBy(n => n.Id)
            .Select(n => new { NotificationId = n.Id, n.Title, IsRead = n.ReadAt != null }).ToListAsync(cancellation);
        // What was read in the portal meanwhile is no news.
        var unread = entries.Where(e => !e.IsRead).ToList();
        var queued = 0;
        if (unread.Count > 0)
        {
            var shown = unread.Take(MostInOne).Select(e => (e.NotificationId, e.Title)).ToList();
            var (subject, body) = (unread.Count == 1 ? "One thing for you in the portal" : $"{unread.Count} things for you in the portal", mail.DigestOf(shown, unread.Count - shown.Count));
            queued = await db.Database.ExecuteSqlAsync(
                $"""
                insert into outbox_message (id, channel, recipient, subject, body, dedupe_key, created_at, next_attempt_at, attempts, kind)
                select gen_random_uuid(), 'email', email, {subject}, {body}, {"digest/" + unread[^1].NotificationId}, {now},
                  after_quiet_hours({now}, quiet_from, quiet_until, {organisation.TimeZone}), 0, 'digest'
                from person where id = {person} and is_active and wants_mail and email is not null
                """, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return queued > 0;
    }

    private sealed record Waiting(string Person, DateTimeOffset First, int DigestHour);
}
