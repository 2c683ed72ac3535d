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
                while (await integrate.RunAsync(stoppingToken) > 0)
                {
                }

                if (clock.GetUtcNow() - signed >= BetweenCheckpoints)
                {
                    await sign.RunAsync(stoppingToken);
                    signed = clock.GetUtcNow();
                }

                standing.IsSound();
            }
            catch (AuditLogException broken)
            {
                if (standing.IsBroken(broken.Message))
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

/// <summary>Whether the log is what was signed, for the pages and for /health/ready.</summary>
public sealed class LogStanding
{
    private volatile string? _trouble;

    /// <summary>What is wrong, in a sentence; null when nothing is.</summary>
    public string? Trouble => _trouble;

    internal void IsSound() => _trouble = null;

    /// <returns>Whether that is news.</returns>
    internal bool IsBroken(string trouble)
    {
        var isNews = _trouble != trouble;
        _trouble = trouble;
        return isNews;
    }
}
