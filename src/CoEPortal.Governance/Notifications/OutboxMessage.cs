using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Something that leaves the portal. It is taken before it is sent and only then marked, so a worker that dies in between
/// leaves a message that another takes when the lease is over: it may arrive twice, under the same id, but never not at all.
/// </summary>
public sealed class OutboxMessage
{
    public const int LongestError = 500;

    private OutboxMessage()
    {
    }

    public Guid Id { get; private init; }

    public string Channel { get; private init; } = "";

    public string Recipient { get; private init; } = "";

    public string Subject { get; private init; } = "";

    public string Body { get; private init; } = "";

    public string DedupeKey { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset NextAttemptAt { get; private set; }

    /// <summary>Concurrency token: who was taken for dead cannot mark what another has taken since.</summary>
    public int Attempts { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    public DateTimeOffset? GivenUpAt { get; private set; }

    public string? LastError { get; private set; }

    /// <summary>Waits to be carried, in the transaction of what it tells of.</summary>
    internal static OutboxMessage To(Carrier carrier, string subject, string body, string dedupeKey, DateTimeOffset now) => new()
    {
        Id = EventIds.Next(now),
        Channel = carrier.Channel,
        Recipient = carrier.Recipient ?? throw new ArgumentException("A message goes to somebody.", nameof(carrier)),
        Subject = subject,
        Body = body,
        DedupeKey = dedupeKey,
        CreatedAt = now,
        NextAttemptAt = now,
    };

    internal void Take(Carrier carrier, DateTimeOffset now)
    {
        DemandWaiting();
        Refuse.If(Attempts >= carrier.MostAttempts, "attempts-used-up", $"This message was tried {carrier.MostAttempts} times.");
        Attempts++;
        NextAttemptAt = now + carrier.Lease;
    }

    internal void MarkSent(DateTimeOffset now)
    {
        DemandWaiting();
        (SentAt, LastError) = (now, null);
    }

    internal void Fail(string why, Carrier carrier, DateTimeOffset now)
    {
        DemandWaiting();
        LastError = PlainLine.Of(why, LongestError);
        if (Attempts >= carrier.MostAttempts)
        {
            GivenUpAt = now;
        }
        else
        {
            NextAttemptAt = now + carrier.DelayAfter(Attempts);
        }
    }

    private void DemandWaiting() => Refuse.If(SentAt is not null || GivenUpAt is not null, "already-delivered", "This message has left the portal or was given up.");
}
