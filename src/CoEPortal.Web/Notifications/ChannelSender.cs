using CoEPortal.Governance.Notifications;

namespace CoEPortal.Web.Notifications;

/// <summary>Tells a channel: opens what waits for it, writes it as Slack or Teams reads it, and posts it.</summary>
/// <param name="channels">Knows address and words.</param>
/// <param name="portal">Where people reach the portal; null leaves links out.</param>
public sealed class ChannelSender(ChannelList channels, Uri? portal) : IDisposable
{
    public WebhookClient Client { get; init; } = new();

    public async Task SendAsync(OutboxMessage message, CancellationToken cancellation = default)
    {
        var delivery = await channels.OpenAsync(message, cancellation);
        await Client.PostAsync(delivery.Address, ChannelPayload.Of(delivery, portal), cancellation);
    }

    public void Dispose() => Client.Dispose();
}
