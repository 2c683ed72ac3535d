using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>How somebody wants to be told: each kind that is not there comes at once. Times are local times of the organisation.</summary>
public sealed record NoticeChoices(IReadOnlyDictionary<string, MailChoice> Mail, int DigestHour = 8, TimeOnly? QuietFrom = null, TimeOnly? QuietUntil = null);

/// <summary>A person says what of each kind comes by e-mail and when: for themselves, nobody for another. In the portal everything appears.</summary>
public sealed class ChooseNotices(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<NoticeChoices> OfAsync(Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == reader.Id.Value, cancellation) ?? throw new NotFoundException("person", reader.Id.Value);
        var mail = await db.NoticeChoices.AsNoTracking().Where(c => c.PersonId == person.Id).ToDictionaryAsync(c => c.Kind, c => c.Mail, cancellation);
        return new(mail, person.DigestHour, person.QuietFrom, person.QuietUntil);
    }

    public async Task RunAsync(NoticeChoices wanted, Actor by, CancellationToken cancellation = default)
    {
        foreach (var (kind, mail) in wanted.Mail)
        {
            var known = NoticeKinds.Find(kind) ?? throw new RuleViolationException("unknown-kind", $"Nobody is told of “{kind}”. Kinds are: {string.Join(", ", NoticeKinds.All.Select(k => k.Name))}.");
            Refuse.If(known.IsUrgent && mail is MailChoice.Digest, "urgent-in-a-digest", $"“{known.Title}” cannot wait for a digest. It comes at once, or not by mail.");
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var person = await db.People.SingleOrDefaultAsync(p => p.Id == by.Id.Value, cancellation) ?? throw new NotFoundException("person", by.Id.Value);
        person.ChooseTimes(wanted.DigestHour, wanted.QuietFrom, wanted.QuietUntil);
        await db.NoticeChoices.Where(c => c.PersonId == person.Id).ExecuteDeleteAsync(cancellation);
        db.NoticeChoices.AddRange(wanted.Mail.Where(m => m.Value is not MailChoice.AtOnce).Select(m => NoticeChoice.Of(person.Id, m.Key, m.Value)));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
