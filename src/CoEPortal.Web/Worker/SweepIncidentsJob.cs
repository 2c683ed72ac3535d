using CoEPortal.Governance.Incidents;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Deadlines, late actions, and switches that engaged by themselves.</summary>
[DisallowConcurrentExecution]
public sealed class SweepIncidentsJob(SweepIncidents sweep) : IJob
{
    public const string Name = "sweep-incidents";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
