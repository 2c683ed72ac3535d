using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Something that leaves the portal. It is taken before it is sent and only then marked, so a worker that dies in between
/// leaves a message that another takes when the lease is over: it may arrive twice, under the same id, but never not at all.
/// </summary>
public sealed class OutboxMessage
{
    public const int MostAttempts = 14;
    public const int LongestError = 500;

    /// <summary>Whose worker has not answered for so long is taken for dead. Sending is given up much earlier.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(6);

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

    /// <summary>One minute, doubled each time, at most six hours: the last attempt is about a day and a half after the first.</summary>
    public static TimeSpan DelayAfter(int attempts) =>
        attempts > 10 ? LongestDelay : TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks << Math.Max(attempts - 1, 0), LongestDelay.Ticks));

    internal void Take(DateTimeOffset now)
    {
        DemandWaiting();
        Refuse.If(Attempts >= MostAttempts, "attempts-used-up", $"This message was tried {MostAttempts} times.");
        Attempts++;
        NextAttemptAt = now + Lease;
    }

    internal void MarkSent(DateTimeOffset now)
    {
        DemandWaiting();
        (SentAt, LastError) = (now, null);
    }

    internal void Fail(string why, DateTimeOffset now)
    {
        DemandWaiting();
        LastError = PlainLine.Of(why, LongestError);
        if (Attempts >= MostAttempts)
        {
            GivenUpAt = now;
        }
        else
        {
            NextAttemptAt = now + DelayAfter(Attempts);
        }
    }

    private void DemandWaiting() => Refuse.If(SentAt is not null || GivenUpAt is not null, "already-delivered", "This message has left the portal or was given up.");
}
