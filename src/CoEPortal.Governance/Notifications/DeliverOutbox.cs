using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.Notifications;

/// <summary>Hands a message to those who carry it; throws when they do not take it.</summary>
public delegate Task CarryMessage(OutboxMessage message, CancellationToken cancellation);

/// <summary>How many messages have not left yet, and how many never will.</summary>
public sealed record OutboxFigures(int Waiting, int GivenUp);

/// <summary>
/// Sends what waits, one after the other. No transaction is open while a message travels: a slow mail server would hold
/// locks, and rolling back does not call a sent message back.
/// </summary>
public sealed class DeliverOutbox(IDbContextFactory<GovernanceDb> databases, TimeProvider clock, ILogger<DeliverOutbox> log)
{
    public const int MostAtOnce = 50;

    /// <summary>So many failures in a row are the server's, not the message's: the rest keeps its attempts for the next sweep.</summary>
    public const int MostFailuresInARow = 3;

    /// <param name="carrier">Whose messages.</param>
    /// <param name="carry">Hands one over.</param>
    /// <param name="cancellation">Ends after the message that is on its way.</param>
    /// <returns>How many messages were sent.</returns>
    public async Task<int> RunAsync(Carrier carrier, CarryMessage carry, CancellationToken cancellation = default)
    {
        var (sent, failedInARow) = (0, 0);
        for (var taken = 0; taken < MostAtOnce && failedInARow < MostFailuresInARow; taken++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            if (await TakeAsync(db, carrier, cancellation) is not { } message)
            {
                break;
            }

            if (message.GivenUpAt is not null)
            {
                continue;
            }

            var isSent = await SendAsync(db, message, carrier, carry, cancellation);
            (sent, failedInARow) = isSent ? (sent + 1, 0) : (sent, failedInARow + 1);
        }

        return sent;
    }

    public async Task<OutboxFigures> CountAsync(Carrier carrier, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return new OutboxFigures(
            await db.OutboxMessages.CountAsync(m => m.Channel == carrier.Channel && m.SentAt == null && m.GivenUpAt == null, cancellation),
            await db.OutboxMessages.CountAsync(m => m.Channel == carrier.Channel && m.GivenUpAt != null, cancellation));
    }

    private async Task<OutboxMessage?> TakeAsync(GovernanceDb db, Carrier carrier, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var message = await db.OutboxMessages.FromSql(
            $"""
            select * from outbox_message
            where sent_at is null and given_up_at is null and next_attempt_at <= {now}
              and channel = {carrier.Channel} and ({carrier.Recipient}::text is null or recipient = {carrier.Recipient})
            order by next_attempt_at, id limit 1 for update skip locked
            """).SingleOrDefaultAsync(cancellation);
        if (message is null)
        {
            return null;
        }

        // It was taken as often as it may be, and nobody came back to say what happened.
        if (message.Attempts >= carrier.MostAttempts)
        {
            message.Fail($"The worker stopped while it sent this, {message.Attempts} attempts in all.", carrier, now);
            log.LogError("Message {Key} is given up: the worker stopped while it was sent", message.DedupeKey);
        }
        else
        {
            message.Take(carrier, now);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return message;
    }

    private async Task<bool> SendAsync(
        GovernanceDb db, OutboxMessage message, Carrier carrier, CarryMessage carry, CancellationToken cancellation)
    {
        var isSent = false;
        try
        {
            await carry(message, cancellation);
            isSent = true;
            message.MarkSent(clock.GetUtcNow());
        }
        catch (Exception error) when (!isSent && !cancellation.IsCancellationRequested)
        {
            message.Fail(error.GetBaseException().Message, carrier, clock.GetUtcNow());
            log.LogWarning(error, "Message {Key} was not sent at attempt {Attempt}{Consequence}",
                message.DedupeKey, message.Attempts, message.GivenUpAt is null ? "" : " and is given up");
        }

        try
        {
            // What has left is marked even while the portal stops, or it would leave again.
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (RuleViolationException lost) when (lost.Rule == "changed-meanwhile")
        {
            log.LogWarning("Message {Key} took longer than its lease, so another worker has it now", message.DedupeKey);
        }

        return isSent;
    }
}
