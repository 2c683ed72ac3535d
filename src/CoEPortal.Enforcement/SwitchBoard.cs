using System.Diagnostics;
using CoEPortal.Governance.KillSwitches;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoEPortal.Enforcement;

/// <summary>
/// This node's copy of everything a verdict depends on. A change arrives by LISTEN/NOTIFY within milliseconds; a
/// poll every second finds what a broken connection missed. When the database is gone the last copy keeps serving,
/// and each use case decides by its tier how old it may get.
/// </summary>
public sealed class SwitchBoard(EnforcementSnapshots snapshots, NpgsqlDataSource database, TimeProvider clock, ILogger<SwitchBoard> log)
    : BackgroundService
{
    public const string Channel = "enforcement_changed";

    /// <summary>A node polls every second: a copy older than this says that something is broken, and each answer says so.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    // Restarts must not leave a trail of silent nodes behind, so the name says where, not which process.
    private readonly string _node = Environment.GetEnvironmentVariable("Portal__NodeName") ?? Environment.MachineName.ToLowerInvariant();

    private volatile EnforcementSnapshot _current = EnforcementSnapshot.Nothing;
    private long _confirmedAt;
    private long _answeredStale;
    private long _failedOpen;

    public EnforcementSnapshot Current => _current;

    /// <summary>How long ago the database last confirmed the copy. Monotonic, so a changed clock cannot make it young.</summary>
    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref _confirmedAt));

    /// <summary>Answers given from a copy that was too old to be sure of, and those of them that allowed beyond the limit of the tier.</summary>
    public (long Stale, long FailedOpen) Answered => (Volatile.Read(ref _answeredStale), Volatile.Read(ref _failedOpen));

    public void AnsweredStale(Verdict verdict)
    {
        Interlocked.Increment(ref _answeredStale);
        if (verdict.Reason == Verdict.FailOpen)
        {
            Interlocked.Increment(ref _failedOpen);
        }
    }

    public bool HasLoaded => _current.Generation > 0;

    /// <summary>Reads the database now. A copy of an older generation never replaces a newer one.</summary>
    public async Task RefreshAsync(CancellationToken cancellation = default)
    {
        var loaded = await snapshots.LoadAsync(cancellation);
        if (loaded.Generation >= _current.Generation)
        {
            _current = loaded;
        }

        Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
        await snapshots.AcknowledgeAsync(_node, _current.Generation, cancellation);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (NpgsqlException error)
        {
            log.LogWarning(error, "Enforcement starts without the database: everything is denied until it answers");
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException or InvalidOperationException && !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(error, "Enforcement lost the database and serves generation {Generation}", _current.Generation);
                await Task.Delay(PollEvery, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        await using (var listen = new NpgsqlCommand("listen " + Channel, connection))
        {
            await listen.ExecuteNonQueryAsync(stopping);
        }

        // What was committed between the last read and LISTEN was not announced to this connection.
        await RefreshAsync(stopping);
        while (true)
        {
            var announced = await connection.WaitAsync(PollEvery, stopping);
            var started = Stopwatch.GetTimestamp();
            var before = _current.Generation;
            if (announced || await snapshots.GenerationAsync(stopping) != before)
            {
                await RefreshAsync(stopping);
                log.LogDebug("Generation {Generation} applied in {Elapsed}", _current.Generation, Stopwatch.GetElapsedTime(started));
            }
            else
            {
                Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
                await snapshots.AcknowledgeAsync(_node, before, stopping);
            }
        }
    }
}
