using CoEPortal.Enforcement.Actuators;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Web.Worker;

/// <summary>
/// Tells gateways that cannot ask what is stopped, each in a loop of its own, so that a slow one holds up no other. No job of
/// the schedule: a stop does not wait for the next round of fifteen seconds.
/// </summary>
public sealed class PushToGateways(
    IReadOnlyList<ActuatorSettings> settings, RegisterActuators register, DeliverOutbox deliver, PushToGateway push, TimeProvider clock, ILogger<PushToGateways> log)
    : BackgroundService
{
    /// <summary>So long a gateway that was restarted or changed by hand may stand wrong before it is read again.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await UntilItWorksAsync(() => register.RunAsync([.. settings.Select(s => new ActuatorSetting(s.Name, s.Kind, s.Gateway, s.Models))], stoppingToken), stoppingToken);
        await Task.WhenAll(settings.Select(s => ServeAsync(s, stoppingToken)));
    }

    private async Task ServeAsync(ActuatorSettings setting, CancellationToken stopping)
    {
        using var admin = setting.Admin();
        var carrier = Carrier.ToGateway(setting.Name);
        var readAt = DateTimeOffset.MinValue;
        while (!stopping.IsCancellationRequested)
        {
            await UntilItWorksAsync(
                async () =>
                {
                    await deliver.RunAsync(carrier, (message, cancellation) => push.DeliverAsync(message, admin, cancellation), stopping);
                    if (clock.GetUtcNow() - readAt >= ReadEvery)
                    {
                        await push.RunAsync(setting.Name, admin, stopping);
                        readAt = clock.GetUtcNow();
                    }
                }, stopping);
            await Task.Delay(LookEvery, clock, stopping);
        }
    }

    /// <summary>The database may be gone for a while; that must not end the loop.</summary>
    private async Task UntilItWorksAsync(Func<Task> work, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                log.LogWarning(error, "Gateways cannot be told what is stopped; tried again in {Seconds} s", AfterFailure.TotalSeconds);
                await Task.Delay(AfterFailure, clock, stopping);
            }
        }
    }
}
