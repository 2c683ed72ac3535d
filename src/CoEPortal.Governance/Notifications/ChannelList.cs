using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Notifications;

/// <summary>A channel as people see it: without its address.</summary>
/// <param name="LastSentAt">When something reached it last.</param>
/// <param name="Waiting">How many messages have not left yet.</param>
/// <param name="GivenUp">How many were given up and not dropped.</param>
public sealed record ChannelRow(
    Guid Id, string Name, ChannelKind Kind, string Host, IReadOnlyList<string> Kinds, bool TellsTitle, TimeOnly? QuietFrom, TimeOnly? QuietUntil, bool IsPaused, int Version,
    DateTimeOffset? LastSentAt, int Waiting, int GivenUp);

/// <summary>What is sent to a channel, and where. The address is a secret: nobody logs or shows it.</summary>
public sealed record ChannelDelivery(ChannelKind Kind, Uri Address, ChannelNote Note, string Sentence, string? Title);

/// <summary>The channels that are told, and what each is told.</summary>
public sealed class ChannelList(IDbContextFactory<GovernanceDb> databases, PersonalDataKey key)
{
    public async Task<IReadOnlyList<ChannelRow>> AllAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ManageChannels);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var channels = await db.NoticeChannels.AsNoTracking().Where(c => c.RemovedAt == null).OrderBy(c => c.Name).Take(ConfigureChannel.MostChannels).ToListAsync(cancellation);
        var ids = channels.ConvertAll(c => c.Id.ToString());
        var figures = await db.OutboxMessages.Where(m => ids.Contains(m.Recipient)).GroupBy(m => m.Recipient)
            .Select(g => new
            {
                g.Key,
                Last = g.Max(m => m.SentAt),
                Waiting = g.Count(m => m.SentAt == null && m.GivenUpAt == null),
                GivenUp = g.Count(m => m.GivenUpAt != null && m.DroppedAt == null),
            }).ToDictionaryAsync(g => g.Key, cancellation);
        return
        [
            .. from c in channels
               let f = figures.GetValueOrDefault(c.Id.ToString())
               select new ChannelRow(c.Id, c.Name, c.Kind, c.Host, c.ToldKinds, c.TellsTitle, c.QuietFrom, c.QuietUntil, c.IsPaused, c.Version, f?.Last, f?.Waiting ?? 0, f?.GivenUp ?? 0),
        ];
    }

    /// <summary>Channels that something may be sent to now.</summary>
    public async Task<IReadOnlyList<NoticeChannel>> ActiveAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.NoticeChannels.AsNoTracking().Where(c => c.RemovedAt == null && !c.IsPaused).OrderBy(c => c.Id).Take(ConfigureChannel.MostChannels).ToListAsync(cancellation);
    }

    /// <summary>Titles are read when something is sent and kept nowhere with the message: one that names a person the portal knows, or holds what looks like a secret, is left out.</summary>
    /// <exception cref="RuleViolationException">The channel is gone, or its address is one that is not called.</exception>
    public async Task<ChannelDelivery> OpenAsync(OutboxMessage message, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var channel = await db.NoticeChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == Guid.Parse(message.Recipient) && c.RemovedAt == null, cancellation)
            ?? throw new RuleViolationException("channel-removed", "The channel was removed.");
        var note = ChannelNote.Read(message.Body);
        var title = channel.TellsTitle && note.UseCaseKey is { } about
            ? await db.Database.SqlQuery<string>(
                $"""
                select title "Value" from use_case u where key = {about} and not exists (
                  select from person p, regexp_split_to_table(lower(p.name), '[^[:alnum:]]+') part
                  where p.erased_at is null and length(part) > 2 and part = any (regexp_split_to_array(lower(u.title), '[^[:alnum:]]+')))
                """).SingleOrDefaultAsync(cancellation)
            : null;
        return new(channel.Kind, WebhookAddress.Parse(channel.AddressWith(key).AbsoluteUri), note, message.Subject, title is not null && PlainTitle.Is(title) ? PlainLine.Of(title, 150) : null);
    }
}
