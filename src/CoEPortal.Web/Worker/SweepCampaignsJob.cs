using CoEPortal.Governance.ShadowAi;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>The campaign of the quarter, exceptions that end, deadlines, answers of the survey, and names whose time is over.</summary>
[DisallowConcurrentExecution]
public sealed class SweepCampaignsJob(SweepCampaigns sweep) : IJob
{
    public const string Name = "sweep-campaigns";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
