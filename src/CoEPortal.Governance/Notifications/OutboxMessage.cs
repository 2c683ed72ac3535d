using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Something that leaves the portal. It is taken before it is sent and only then marked, so a worker that dies in between
/// leaves a message that another takes when the lease is over: it may arrive twice, under the same id, but never not at all.
/// </summary>
public sealed class OutboxMessage : Aggregate
{
    public const int LongestError = 500;
    public const int LongestReason = 300;

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

    /// <summary>Of notices, and null in rows from before it was kept.</summary>
    public string? Kind { get; private init; }

    /// <summary>What it is about, e.g. <c>UC-0001</c>.</summary>
    public string? SubjectKey { get; private init; }

    public DateTimeOffset? DroppedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("message", Id.ToString());

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

    /// <summary>Says in a new channel that it is told from now on, which also tries its address.</summary>
    internal static OutboxMessage ToChannel(NoticeChannel channel, DateTimeOffset now)
    {
        const string added = "channel-added";
        var carrier = Carrier.ToChannel(channel);
        return new()
        {
            Id = EventIds.Next(now),
            Channel = carrier.Channel,
            Recipient = carrier.Recipient!,
            Subject = "This channel is told by the portal from now on",
            Body = new ChannelNote(added, null, null, null).ToJson(),
            DedupeKey = $"{added}/{channel.Id}",
            CreatedAt = now,
            NextAttemptAt = now,
            Kind = added,
        };
    }

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

    /// <summary>From the first attempt on, at once.</summary>
    internal void Retry(Actor by, DateTimeOffset now)
    {
        Refuse.If(SentAt is not null, "already-delivered", "This message has been sent meanwhile.");
        Refuse.If(GivenUpAt is null && Attempts == 0, "not-failed", "This message has not been tried yet. It leaves by itself.");
        (GivenUpAt, DroppedAt, Attempts, NextAttemptAt) = (null, null, 0, now);
        Record(new MessageRetried(Channel, Kind, SubjectKey, by, now));
    }

    internal void Drop(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(SentAt is not null, "already-delivered", "This message has been sent meanwhile.");
        Refuse.If(DroppedAt is not null, "already-dropped", "This message was dropped before.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why nobody needs this message any more.");
        Refuse.If(reason.Length > LongestReason, "reason-too-long", $"Write at most {LongestReason} characters.");
        (GivenUpAt, DroppedAt, LastError) = (GivenUpAt ?? now, now, LastError ?? "Dropped before it was sent.");
        Record(new MessageDropped(Channel, Kind, SubjectKey, reason.Trim(), by, now));
    }

    private void DemandWaiting() => Refuse.If(SentAt is not null || GivenUpAt is not null, "already-delivered", "This message has left the portal or was given up.");
}

public sealed record MessageRetried(string Channel, string? Kind, string? Subject, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record MessageDropped(string Channel, string? Kind, string? Subject, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
