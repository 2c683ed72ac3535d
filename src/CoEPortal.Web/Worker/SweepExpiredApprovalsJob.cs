using CoEPortal.Governance.KillCriteria;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Looks for approvals and cards that promised an end and reached it.</summary>
[DisallowConcurrentExecution]
public sealed class SweepExpiredApprovalsJob(SweepExpiredApprovals approvals, SweepStaleCards cards) : IJob
{
    public const string Name = "sweep-expired-approvals";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await approvals.RunAsync(cancellationToken);
        await cards.RunAsync(cancellationToken);
    }
}
