using CoEPortal.Governance.Telemetry;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Makes room for calls of the months to come and drops months that are old enough.</summary>
[DisallowConcurrentExecution]
public sealed class RetainCallsJob(RetainCalls retain) : IJob
{
    public const string Name = "retain-calls";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await retain.RunAsync(cancellationToken);
}
