using CoEPortal.Governance.Clearances;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Looks for what was cleared by rule and has left its pattern.</summary>
[DisallowConcurrentExecution]
public sealed class SweepClearancesJob(SweepClearances sweep) : IJob
{
    public const string Name = "sweep-clearances";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
