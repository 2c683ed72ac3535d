using System.Collections.Concurrent;
using CoEPortal.Governance.KillSwitches;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// What gateways confirm, gathered in memory and written a few times a second: a thousand acks of one generation are one
/// statement. Of each enforcer only the newest is kept, so memory and table are bounded by their number.
/// </summary>
public sealed class Acks(EnforcerAcks store, TimeProvider clock, ILogger<Acks> log) : BackgroundService
{
    public const int MostEnforcers = 10_000;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Gateway, string Instance), EnforcerAck> _waiting = new();
    private volatile TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>False when more enforcers wait to be written than this node bears.</returns>
    public bool Take(EnforcerAck ack)
    {
        var key = (ack.Gateway, ack.Instance);
        if (_waiting.Count >= MostEnforcers && !_waiting.ContainsKey(key))
        {
            return false;
        }

        // Within one generation the first word counts: later ones only say that it is still there.
        _waiting.AddOrUpdate(key, ack, (_, waiting) => ack.Generation > waiting.Generation ? ack : waiting with { SeenAt = ack.SeenAt });
        _arrived.TrySetResult();
        return true;
    }

    /// <summary>Writes what waits now.</summary>
    public async Task WriteAsync(CancellationToken cancellation = default)
    {
        var batch = _waiting.ToArray();
        if (batch.Length == 0)
        {
            return;
        }

        await store.StoreAsync([.. batch.Select(b => b.Value)], clock.GetUtcNow(), cancellation);
        foreach (var written in batch)
        {
            // What came for the same enforcer meanwhile stays for the next round.
            _waiting.TryRemove(written);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _arrived.Task.WaitAsync(stoppingToken);
                _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await WriteAsync(stoppingToken);
                await Task.Delay(WriteEvery, clock, stoppingToken);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(error, "Confirmations of gateways wait until the database answers");
                _arrived.TrySetResult();
                await Task.Delay(TryAgainAfter, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
