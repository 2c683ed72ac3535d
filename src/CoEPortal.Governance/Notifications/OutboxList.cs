using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Notifications;

public enum MessageState { Waiting, GivenUp, Dropped }

/// <summary>A message that has not left, without what it says and without its address.</summary>
/// <param name="To">The name of the channel; “one person” for mail.</param>
/// <param name="Error">Why the last attempt failed, without addresses.</param>
public sealed record UnsentMessage(
    Guid Id, string Channel, string To, string? Kind, string? Subject, MessageState State, DateTimeOffset CreatedAt, DateTimeOffset NextAttemptAt, int Attempts, string? Error);

public sealed record UnsentCounts(int Waiting, int GivenUp, int Dropped);

/// <summary>What has not left the portal. What it says is for its recipient: here stand only the kind and the key it is about.</summary>
public sealed partial class OutboxList(IDbContextFactory<GovernanceDb> databases)
{
    private static readonly string[] Told = ["email", "slack", "teams"];

    public async Task<Page<UnsentMessage>> PageAsync(MessageState? state, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadOutbox);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = Unsent(db);
        rows = state switch
        {
            MessageState.Waiting => rows.Where(m => m.GivenUpAt == null),
            MessageState.GivenUp => rows.Where(m => m.GivenUpAt != null && m.DroppedAt == null),
            MessageState.Dropped => rows.Where(m => m.DroppedAt != null),
            _ => rows,
        };
        var found = await rows.OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id)
            .Select(m => new { m, Name = m.Channel == "email" ? "one person" : db.NoticeChannels.Where(c => c.Id.ToString() == m.Recipient).Select(c => c.Name).FirstOrDefault() })
            .ToPageAsync(page, size, cancellation);
        return new(
            [
                .. found.Items.Select(r => new UnsentMessage(
                    r.m.Id, r.m.Channel, r.Name ?? "a channel that was removed", r.m.Kind, r.m.SubjectKey,
                    r.m.DroppedAt is not null ? MessageState.Dropped : r.m.GivenUpAt is not null ? MessageState.GivenUp : MessageState.Waiting,
                    r.m.CreatedAt, r.m.NextAttemptAt, r.m.Attempts, r.m.LastError is { } error ? Address().Replace(error, "…") : null)),
            ],
            found.Total, found.Number, found.Size);
    }

    public async Task<UnsentCounts> CountsAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadOutbox);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = Unsent(db);
        return new(
            await rows.CountAsync(m => m.GivenUpAt == null, cancellation),
            await rows.CountAsync(m => m.GivenUpAt != null && m.DroppedAt == null, cancellation),
            await rows.CountAsync(m => m.DroppedAt != null, cancellation));
    }

    private static IQueryable<OutboxMessage> Unsent(GovernanceDb db) => db.OutboxMessages.AsNoTracking().Where(m => m.SentAt == null && Told.Contains(m.Channel));

    // Mail servers repeat the recipient in what they refuse.
    [GeneratedRegex(@"[^\s<>()]+@[^\s<>()]+|https?://\S+", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
