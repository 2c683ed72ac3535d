using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Notifications;

/// <summary>Takes note that somebody has read what they were told. When it was read first stays.</summary>
public sealed class MarkNotificationsRead(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public const int MostAtOnce = 200;

    /// <summary>Marks these, all of them or none: another's reads as one that does not exist.</summary>
    public async Task RunAsync(IReadOnlyCollection<Guid> ids, Actor reader, CancellationToken cancellation = default)
    {
        Refuse.If(ids.Count > MostAtOnce, "too-many-notifications", $"At most {MostAtOnce} notifications are marked at once. Name none to mark all.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var own = NotificationInbox.Own(db, reader).Where(n => ids.Contains(n.Id));
        var known = await own.Select(n => n.Id).ToListAsync(cancellation);
        if (ids.Except(known).Select(id => (Guid?)id).FirstOrDefault() is { } stranger)
        {
            throw new NotFoundException("notification", stranger.ToString());
        }

        await MarkAsync(own, cancellation);
    }

    public async Task AllAsync(Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await MarkAsync(NotificationInbox.Own(db, reader), cancellation);
    }

    private Task<int> MarkAsync(IQueryable<Notification> notifications, CancellationToken cancellation)
    {
        DateTimeOffset? now = clock.GetUtcNow();
        return notifications.Where(n => n.ReadAt == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), cancellation);
    }
}
