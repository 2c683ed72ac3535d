using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Web.Notifications;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>
/// Sends the mail that waits, and what channels are told, each channel by itself. Without a mail server what was queued before
/// stays, and is sent when there is one again.
/// </summary>
[DisallowConcurrentExecution]
public sealed class DeliverOutboxJob(DeliverOutbox deliver, MailSender mail, ChannelList channels, ChannelSender sender, TellOfSwitches switches) : IJob
{
    public const string Name = "deliver-outbox";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await switches.RunAsync(cancellationToken);
        // At once, so that a webhook that does not answer holds up no mail and no other channel.
        await Task.WhenAll([
            .. (await channels.ActiveAsync(cancellationToken)).Select(c => deliver.RunAsync(Carrier.ToChannel(c), sender.SendAsync, cancellationToken)),
            .. mail.IsOn ? [deliver.RunAsync(Carrier.Email, mail.SendAsync, cancellationToken)] : Array.Empty<Task<int>>(),
        ]);
    }
}
