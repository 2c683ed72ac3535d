using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Notifications;

/// <summary>Sends again what was given up, or drops what nobody needs any more; who did so and why stays in the log.</summary>
public sealed class RepairOutbox(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public Task RetryAsync(Guid id, Actor by, CancellationToken cancellation = default) => ChangeAsync(id, m => m.Retry(by, clock.GetUtcNow()), by, cancellation);

    public Task DropAsync(Guid id, string reason, Actor by, CancellationToken cancellation = default) => ChangeAsync(id, m => m.Drop(reason, by, clock.GetUtcNow()), by, cancellation);

    private async Task ChangeAsync(Guid id, Action<OutboxMessage> change, Actor by, CancellationToken cancellation)
    {
        AccessPolicy.Demand(by, Permission.RepairOutbox);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // What gateways are told is no message of this page, and is never dropped.
        var message = await db.OutboxMessages.FromSql($"select * from outbox_message where id = {id} and channel <> 'actuator' for update").SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("message", id.ToString());
        change(message);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
