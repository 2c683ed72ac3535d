using CoEPortal.Governance.People;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Puts what people chose to read once a day into one mail each, when their morning has come.</summary>
[DisallowConcurrentExecution]
public sealed class SendDigestsJob(SendDigests send) : IJob
{
    public const string Name = "send-digests";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await send.RunAsync(cancellationToken);
}
