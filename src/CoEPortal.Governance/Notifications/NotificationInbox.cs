using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Notifications;

/// <summary>What somebody was told, newest first. Everybody reads their own, nobody another's.</summary>
public sealed class NotificationInbox(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<Notification>> OfAsync(
        Actor reader, bool unreadOnly = false, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Own(db, reader).AsNoTracking().Where(n => !unreadOnly || n.ReadAt == null)
            .OrderByDescending(n => n.CreatedAt).ThenByDescending(n => n.Id)
            .ToPageAsync(page, size, cancellation);
    }

    public async Task<Notification> FindAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Own(db, reader).AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, cancellation)
            ?? throw new NotFoundException("notification", id.ToString());
    }

    public async Task<int> CountUnreadAsync(Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Own(db, reader).CountAsync(n => n.ReadAt == null, cancellation);
    }

    internal static IQueryable<Notification> Own(GovernanceDb db, Actor reader) => db.Notifications.Where(n => n.PersonId == reader.Id.Value);
}
