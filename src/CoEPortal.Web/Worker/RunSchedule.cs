using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>
/// Runs the schedule beside the portal: pages do not wait for it at the start, and a scheduler that cannot start is
/// tried again instead of taking the portal with it.
/// </summary>
public sealed class RunSchedule(
    ISchedulerFactory schedulers, QuartzSchema schema, RequestAuditPack requests, ReceiveUsage usage, IHostApplicationLifetime portal, ILogger<RunSchedule> log)
    : BackgroundService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(10);

    /// <summary>Less than a host waits for all of its services.</summary>
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(20);

    private readonly Lock _goodbye = new();
    private IScheduler? _scheduler;
    private Task? _ended;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested && _scheduler is null)
        {
            try
            {
                await schema.MakeAsync(stoppingToken);
                var scheduler = await schedulers.GetScheduler(stoppingToken);
                await scheduler.Start(stoppingToken);
                _scheduler = scheduler;
                requests.Requested += PrintSoon;
                usage.Received += ReadSoon;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                log.LogError(error, "The schedule could not start; it is tried again in {Seconds} s. Nothing is printed meanwhile", TryAgainAfter.TotalSeconds);
                await Task.Delay(TryAgainAfter, stoppingToken);
            }
        }
    }

    /// <summary>Told twice, as by a host in a test, both wait: the second would go on and take the database from under the first.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_goodbye)
        {
            return _ended ??= EndAsync(cancellationToken);
        }
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        requests.Requested -= PrintSoon;
        usage.Received -= ReadSoon;
        await base.StopAsync(cancellationToken);
        if (_scheduler is null)
        {
            return;
        }

        try
        {
            await _scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken).AsTask().WaitAsync(LongestGoodbye, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            log.LogWarning("A job did not end within {Seconds} s and is left behind; its next round finds what it did not finish", LongestGoodbye.TotalSeconds);
        }
    }

    /// <summary>The scheduler's first second of work would otherwise be taken from the first page, which comes as soon as it can.</summary>
    private async Task StartedAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource();
        await using var done = portal.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
        await Task.Delay(AfterStart, stopping);
    }

    /// <summary>The next round would find it too; who asked should not have to wait for that.</summary>
    private void PrintSoon() => Soon(PrintAuditPacksJob.Name);

    private void ReadSoon() => Soon(ReadUsageJob.Name);

    private async void Soon(string job)
    {
        try
        {
            await _scheduler!.TriggerJob(new JobKey(job));
        }
        catch (Exception error)
        {
            log.LogWarning(error, "{Job} waits for its next round", job);
        }
    }
}
