using CoEPortal.Governance.Import;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Looks for graces whose day has come.</summary>
[DisallowConcurrentExecution]
public sealed class EndGracesJob(EndGraces end) : IJob
{
    public const string Name = "end-graces";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await end.RunAsync(cancellationToken);
}
