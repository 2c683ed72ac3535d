using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Web.Audit;

/// <summary>
/// A log that does not go on from what was signed is that of a restored database. Gateways have seen later generations of
/// enforcement than it knows, so the generation is raised, also where no node remembers how far it was.
/// </summary>
public sealed partial class NoticeRestore(LogStanding standing, SwitchBoard board, RaiseAfterRestore raise, TimeProvider clock, ILogger<NoticeRestore> log) : BackgroundService
{
    /// <summary>Longer than nodes take to look: each engages again what it remembers first, as after the raise nothing looks older to it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasBroken = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (standing.Known is { } known && wasBroken)
            {
                await RaiseAsync(known, stoppingToken);
            }

            wasBroken = standing.Known is not null;
        }
    }

    private async Task RaiseAsync(Evidence.Verify.SignedCheckpoint known, CancellationToken cancellation)
    {
        try
        {
            await board.RefreshAsync(cancellation);
            if (await raise.RunAsync(known, cancellation) is { } raised)
            {
                LogRaised(raised.Found, raised.RaisedTo, raised.SignedEntries);
            }
        }
        catch (Exception error) when (error is NpgsqlException or DbUpdateException or InvalidOperationException or RuleViolationException && !cancellation.IsCancellationRequested)
        {
            LogNotRaised(error);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The portal stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The database is not the one whose {Signed} audit entries were signed. The generation of enforcement is raised from {Found} to {RaisedTo}, so that gateways go on listening; look at every switch")]
    private partial void LogRaised(long found, long raisedTo, long signed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The generation of enforcement could not be raised after a restore; it is tried again")]
    private partial void LogNotRaised(Exception error);
}
