using CoEPortal.Governance.Audit;
using Npgsql;

namespace CoEPortal.Web.Audit;

/// <summary>Keeps the audit log: gives events their numbers as they come, and signs about every second. Every node tries; one at a time does it.</summary>
public sealed partial class KeepLog(IntegrateEvents integrate, SignCheckpoints sign, LogStanding standing, TimeProvider clock, ILogger<KeepLog> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenCheckpoints = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var signed = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                var isBehind = await integrate.RunAsync(stoppingToken) == IntegrateEvents.MostAtOnce;
                // Not after everything has its number: while people work there is always more.
                if (clock.GetUtcNow() - signed >= BetweenCheckpoints)
                {
                    await sign.RunAsync(stoppingToken);
                    signed = clock.GetUtcNow();
                }

                standing.IsSound();
                pause = isBehind ? TimeSpan.Zero : Pause;
            }
            catch (AuditLogException broken)
            {
                if (standing.IsBroken(broken))
                {
                    LogBroken(broken.Message);
                }

                pause = AfterTrouble;
            }
            catch (Exception error) when (error is NpgsqlException or IOException or UnauthorizedAccessException && !stoppingToken.IsCancellationRequested)
            {
                LogNotKept(error);
                pause = AfterTrouble;
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Message} Nothing is signed until a person has looked; see the README on a broken audit log.")]
    private partial void LogBroken(string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit log could not be kept just now; nothing is lost, and it is tried again")]
    private partial void LogNotKept(Exception error);
}
