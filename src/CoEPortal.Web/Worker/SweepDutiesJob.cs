using CoEPortal.Governance.KillSwitches;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Looks for cards, assessments and gates that approved use cases have to have.</summary>
[DisallowConcurrentExecution]
public sealed class SweepDutiesJob(SweepDuties sweep) : IJob
{
    public const string Name = "sweep-duties";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
