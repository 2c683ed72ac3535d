namespace CoEPortal.Governance.Notifications;

/// <summary>Who takes messages out of the outbox, and how they are tried again when they are not taken.</summary>
/// <param name="Channel">As the messages name it.</param>
/// <param name="Recipient">Only messages to this one; null for all of the channel.</param>
/// <param name="Lease">Whose worker has not answered for so long is taken for dead. Sending is given up much earlier.</param>
/// <param name="FirstDelay">After the first failure; doubled each time.</param>
/// <param name="LongestDelay">The most it is doubled to.</param>
/// <param name="MostAttempts">After so many the message is given up.</param>
public sealed record Carrier(string Channel, string? Recipient, TimeSpan Lease, TimeSpan FirstDelay, TimeSpan LongestDelay, int MostAttempts)
{
    /// <summary>One minute, doubled up to six hours: the last of 14 attempts is about a day and a half after the first.</summary>
    public static Carrier Email { get; } = new("email", null, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(6), 14);

    /// <summary>
    /// Each gateway has its own, so that one that does not answer holds up no other. Never given up: a stop that was not
    /// delivered stays due for as long as the gateway is configured.
    /// </summary>
    public static Carrier ToGateway(string actuator) =>
        new("actuator", actuator, TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), int.MaxValue);

    /// <summary>Each channel has its own, so that one whose webhook is gone holds up no other. The last of 10 attempts is about eight hours after the first.</summary>
    public static Carrier ToChannel(NoticeChannel channel) =>
        new(channel.Kind.ToString().ToLowerInvariant(), channel.Id.ToString(), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1), TimeSpan.FromHours(6), 10);

    public TimeSpan DelayAfter(int attempts)
    {
        // So often doubled even a second is longer than any delay.
        var doubled = Math.Clamp(attempts - 1, 0, 20);
        return TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks << doubled, LongestDelay.Ticks));
    }
}
