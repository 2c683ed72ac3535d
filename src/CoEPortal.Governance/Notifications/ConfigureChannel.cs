using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Notifications;

/// <summary>Adds, changes and removes the channels that are told. An address is looked up before it is kept, and again whenever it is called.</summary>
public sealed class ConfigureChannel(IDbContextFactory<GovernanceDb> databases, PersonalDataKey key, LookUpHost lookUp, TimeProvider clock)
{
    /// <summary>Each is a row for each occasion, so their number is bounded.</summary>
    public const int MostChannels = 50;

    public async Task<NoticeChannel> AddAsync(ChannelKind kind, string address, ChannelDraft draft, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageChannels);
        var parsed = await ReachableAsync(address, cancellation);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        Refuse.If(
            await db.NoticeChannels.CountAsync(c => c.RemovedAt == null, cancellation) >= MostChannels, "too-many-channels", $"At most {MostChannels} channels are told. Remove one first.");
        var channel = NoticeChannel.Add(kind, parsed, draft, key, by, clock.GetUtcNow());
        db.NoticeChannels.Add(channel);
        db.OutboxMessages.Add(OutboxMessage.ToChannel(channel, clock.GetUtcNow()));
        await SaveAsync(db, channel.Name, cancellation);
        return channel;
    }

    /// <param name="id">Which.</param>
    /// <param name="address">A new address; null or empty keeps the one there is.</param>
    /// <param name="draft">All else, as it is from now on.</param>
    /// <param name="version">What was seen; a change in between is refused. Null does not ask.</param>
    /// <param name="by">A CoE lead.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<NoticeChannel> ChangeAsync(Guid id, string? address, ChannelDraft draft, int? version, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageChannels);
        var parsed = string.IsNullOrWhiteSpace(address) ? null : await ReachableAsync(address, cancellation);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var channel = await FindAsync(db, id, cancellation);
        Refuse.If(version is not null && version != channel.Version, "changed-meanwhile", "Somebody else changed this at the same moment. Look again, then decide.");
        channel.Change(parsed, draft, key, by, clock.GetUtcNow());
        await SaveAsync(db, channel.Name, cancellation);
        return channel;
    }

    /// <summary>What waits for it is given up with the reason.</summary>
    public async Task RemoveAsync(Guid id, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageChannels);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (channel, now) = (await FindAsync(db, id, cancellation), clock.GetUtcNow());
        channel.Remove(by, now);
        await db.SaveChangesAsync(cancellation);
        var recipient = id.ToString();
        await db.OutboxMessages.Where(m => m.Recipient == recipient && m.SentAt == null && m.GivenUpAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.GivenUpAt, now).SetProperty(m => m.LastError, "The channel was removed."), cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task<Uri> ReachableAsync(string address, CancellationToken cancellation)
    {
        var parsed = WebhookAddress.Parse(address);
        await WebhookAddress.DemandReachableAsync(parsed, lookUp, cancellation);
        return parsed;
    }

    private static async Task<NoticeChannel> FindAsync(GovernanceDb db, Guid id, CancellationToken cancellation) =>
        await db.NoticeChannels.SingleOrDefaultAsync(c => c.Id == id && c.RemovedAt == null, cancellation) ?? throw new NotFoundException("channel", id.ToString());

    private static async Task SaveAsync(GovernanceDb db, string name, CancellationToken cancellation)
    {
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException twice) when (twice.InnerException is PostgresException { ConstraintName: "one_channel_of_a_name" })
        {
            throw new RuleViolationException("channel-name-taken", $"There is a channel named {name} already. Give this one another name.");
        }
    }
}
