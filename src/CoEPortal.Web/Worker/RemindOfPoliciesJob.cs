using CoEPortal.Governance.Policies;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Tells people of policies that they have not acknowledged.</summary>
[DisallowConcurrentExecution]
public sealed class RemindOfPoliciesJob(RemindOfPolicies sweep) : IJob
{
    public const string Name = "remind-of-policies";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
