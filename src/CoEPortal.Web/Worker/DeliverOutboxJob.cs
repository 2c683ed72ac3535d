using CoEPortal.Governance.Notifications;
using CoEPortal.Web.Notifications;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Sends the mail that waits. Without a mail server what was queued before stays, and is sent when there is one again.</summary>
[DisallowConcurrentExecution]
public sealed class DeliverOutboxJob(DeliverOutbox deliver, MailSender mail) : IJob
{
    public const string Name = "deliver-outbox";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (mail.IsOn)
        {
            await deliver.RunAsync(Carrier.Email, mail.SendAsync, cancellationToken);
        }
    }
}
