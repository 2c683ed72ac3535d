using CoEPortal.Governance.Training;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Moves the day by which training counts, and reminds whose training is due.</summary>
[DisallowConcurrentExecution]
public sealed class SweepTrainingJob(SweepTraining sweep) : IJob
{
    public const string Name = "sweep-training";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await sweep.RunAsync(cancellationToken);
}
