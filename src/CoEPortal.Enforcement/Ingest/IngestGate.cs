using System.Collections.Concurrent;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// How much telemetry this node takes at once. A batch that cannot be taken soon is turned away with the time to come
/// again: senders keep it and retry, whereas a node that queues without end runs out of memory and drops everything.
/// </summary>
internal sealed class IngestGate : IDisposable
{
    /// <summary>Requests that may be read, waiting or stored at the same time; each holds at most a body's limit.</summary>
    public const int MostAtOnce = 32;

    /// <summary>Of these, how many may come from one sender, so that one does not shut the others out.</summary>
    public const int MostOfOneSender = 16;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // Storing is work of the database; more at once only wait for each other's rows there.
    private readonly SemaphoreSlim _storing = new(Math.Max(4, Environment.ProcessorCount * 2));
    private readonly ConcurrentDictionary<Guid, int> _bySender = new();
    private int _inside;

    /// <returns>0 when let in (then <see cref="Leave"/> afterwards); 429 when this sender has too much under way; 503 when all together have.</returns>
    public int Enter(Guid sender)
    {
        if (Interlocked.Increment(ref _inside) > MostAtOnce)
        {
            Interlocked.Decrement(ref _inside);
            return 503;
        }

        if (_bySender.AddOrUpdate(sender, 1, (_, n) => n + 1) > MostOfOneSender)
        {
            Leave(sender);
            return 429;
        }

        return 0;
    }

    public void Leave(Guid sender)
    {
        _bySender.AddOrUpdate(sender, 0, (_, n) => n - 1);
        Interlocked.Decrement(ref _inside);
    }

    /// <summary>Waits for its turn at the database.</summary>
    /// <exception cref="TimeoutException">It did not come within ten seconds.</exception>
    public async Task<T> StoreAsync<T>(Func<Task<T>> store, CancellationToken cancellation)
    {
        if (!await _storing.WaitAsync(LongestWait, cancellation))
        {
            throw new TimeoutException("The database did not get to it in time.");
        }

        try
        {
            return await store();
        }
        finally
        {
            _storing.Release();
        }
    }

    public void Dispose() => _storing.Dispose();
}
