using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Halts the canary and lets it go: "could everything be halted now?", asked every five minutes.</summary>
[DisallowConcurrentExecution]
public sealed class RunCanaryDrillJob(StartDrill drill) : IJob
{
    public const string Name = "run-canary-drill";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        try
        {
            await drill.RunScheduledAsync(cancellationToken);
        }
        catch (RuleViolationException running) when (running.Rule == "drill-running")
        {
            // Somebody rehearses already, which is as good.
        }
    }
}
