using System.Diagnostics;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
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
public sealed class SwitchBoard(
    EnforcementSnapshots snapshots, RecoverGeneration recover, NpgsqlDataSource database, NodeMemory memory, SnapshotSigner signer, Organisation organisation,
    TimeProvider clock, ILogger<SwitchBoard> log)
    : BackgroundService
{
    public const string Channel = "enforcement_changed";

    /// <summary>A node polls every second: a copy older than this says that something is broken, and each answer says so.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    // Restarts must not leave a trail of silent nodes behind, so the name says where, not which process.
    private readonly string _node = Environment.GetEnvironmentVariable("Portal__NodeName") ?? Environment.MachineName.ToLowerInvariant();

    private readonly SemaphoreSlim _refreshing = new(1);

    private volatile EnforcementSnapshot _current = EnforcementSnapshot.Nothing;
    private volatile SnapshotDocument? _document;
    private TimeSpan _ageWhenRecalled;
    private bool _recalled;
    private long _confirmedAt;
    private long _answeredStale;
    private long _failedOpen;

    public EnforcementSnapshot Current => _current;

    /// <summary>What changed lately, for those who listen.</summary>
    public ChangeLog Changes { get; } = new();

    /// <summary>The copy as gateways get it, made when first asked for.</summary>
    public SnapshotDocument Document
    {
        get
        {
            var (current, known) = (_current, _document);
            if (known?.Generation != current.Generation)
            {
                // Two who ask at once make it twice, which does no harm.
                _document = known = SnapshotDocument.Of(current, organisation, signer, clock.GetUtcNow());
            }

            return known;
        }
    }

    /// <summary>How long ago the database last confirmed the copy. Monotonic, so a changed clock cannot make it young.</summary>
    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref _confirmedAt)) + _ageWhenRecalled;

    /// <summary>What was done when this node found the database older than what it knew; null when that never happened.</summary>
    public EnforcementRecovered? Recovered { get; private set; }

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

    /// <summary>
    /// Reads the database now, one reader after the other: what was read later is then never older, unless the database
    /// itself went back. Then its generation is raised first, and what was engaged is engaged again.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellation = default)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            var loaded = await snapshots.LoadAsync(cancellation);
            DemandSameWorld(loaded);
            if (loaded.Generation < _current.Generation)
            {
                if (await recover.RunAsync(_current, cancellation) is { } recovered)
                {
                    Recovered = recovered;
                    log.LogCritical(
                        "The database was restored to generation {Found}, but generation {Remembered} was in force. It is raised to {RaisedTo}; engaged again: {Again}",
                        recovered.Found, recovered.Remembered, recovered.RaisedTo, string.Join(", ", recovered.EngagedAgain));
                }

                loaded = await snapshots.LoadAsync(cancellation);
            }

            Take(loaded);
            Confirm();
            await snapshots.AcknowledgeAsync(_node, _current.Generation, cancellation);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (memory.Recall() is { } recalled)
        {
            Take(recalled.Snapshot);
            (_ageWhenRecalled, _recalled) = (recalled.Age, true);
            Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
        }

        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (Exception error) when (IsOutage(error))
        {
            log.LogWarning(
                error, "Enforcement starts without the database, with generation {Generation} from {Age} ago (0: everything is denied)", _current.Generation, Age);
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _refreshing.Dispose();
        base.Dispose();
    }

    /// <summary>A copy of an older generation never replaces a newer one, whatever road it came by.</summary>
    /// <returns>Whether it was taken.</returns>
    internal bool Take(EnforcementSnapshot loaded)
    {
        var before = _current;
        if (loaded.Generation < before.Generation)
        {
            return false;
        }

        _current = loaded;
        if (loaded.Generation > before.Generation)
        {
            Changes.Add(before, loaded);
            memory.Keep(loaded);
        }

        return true;
    }

    /// <summary>What a node remembers from before its start may be of a database that is gone; what it serves may not change under it.</summary>
    private void DemandSameWorld(EnforcementSnapshot loaded)
    {
        if (_current.World == loaded.World || !HasLoaded)
        {
            return;
        }

        if (!_recalled)
        {
            throw new InvalidOperationException("Another database answers than the one this node serves. Start the node anew if that is meant.");
        }

        log.LogWarning("This node remembers generation {Generation} of another database and forgets it", _current.Generation);
        _current = EnforcementSnapshot.Nothing;
        Changes.Clear();
    }

    private void Confirm()
    {
        (_ageWhenRecalled, _recalled) = (TimeSpan.Zero, false);
        Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
    }

    private static bool IsOutage(Exception error) =>
        error is NpgsqlException or TimeoutException or IOException or InvalidOperationException or Microsoft.EntityFrameworkCore.DbUpdateException or RuleViolationException;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception error) when (IsOutage(error) && !stoppingToken.IsCancellationRequested)
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
                Confirm();
                await snapshots.AcknowledgeAsync(_node, before, stopping);
            }
        }
    }
}
