using CoEPortal.Governance.Approvals;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Pokes the sweep of reminders and escalations. What is due stands in rows, so a lost or doubled poke does no harm.</summary>
[DisallowConcurrentExecution]
public sealed class SweepReviewTimersJob(SweepReviewTimers sweep) : IJob
{
    public const string Name = "sweep-review-timers";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await sweep.RunAsync(cancellation: cancellationToken);
}
