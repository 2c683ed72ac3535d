using CoEPortal.Governance.Dpia;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Pokes the sweep of assessments that are overdue or to be looked at again.</summary>
[DisallowConcurrentExecution]
public sealed class SweepDpiasJob(SweepDpias sweep) : IJob
{
    public const string Name = "sweep-dpias";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await sweep.RunAsync(cancellation: cancellationToken);
}
