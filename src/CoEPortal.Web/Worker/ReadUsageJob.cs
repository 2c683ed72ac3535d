using CoEPortal.Governance.ShadowAi;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Reads every log and export that waits, one after the other.</summary>
[DisallowConcurrentExecution]
public sealed class ReadUsageJob(ReadUsage read) : IJob
{
    public const string Name = "read-usage";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await read.RunNextAsync(cancellationToken))
        {
        }
    }
}
