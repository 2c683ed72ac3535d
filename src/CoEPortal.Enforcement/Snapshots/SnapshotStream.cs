using System.Globalization;
using System.Text;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>How the streams of a node behave.</summary>
public sealed record StreamLimits
{
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Who takes longer to accept what was sent does not read, and is dropped.</summary>
    public TimeSpan WriteWithin { get; init; } = TimeSpan.FromSeconds(10);

    public int MostStreams { get; init; } = 5000;
}

/// <summary>
/// Server-sent events (HTML standard, 9.2): <c>id</c> is the generation, <c>data</c> what changed, a comment every five
/// seconds. A change says that there is something to fetch; only a snapshot may allow.
/// </summary>
public sealed class SnapshotStream(SwitchBoard board, StreamLimits limits, TimeProvider clock)
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Takes a place; false when this node has as many streams as it bears.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= limits.MostStreams)
        {
            return true;
        }

        Interlocked.Decrement(ref _open);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);

    /// <param name="output">What the client reads.</param>
    /// <param name="lastSeen">The last generation the client knows, or null when it knows none.</param>
    /// <param name="mayStay">Asked before each ping: a token that was revoked meanwhile ends the stream.</param>
    public async Task RunAsync(Stream output, long? lastSeen, Func<bool> mayStay, CancellationToken cancellation)
    {
        // Spread out, for a thousand gateways that lost the same node not to come back in the same millisecond.
        await SendAsync(output, $"retry: {Random.Shared.Next(500, 3000)}\n\n", cancellation);
        var known = lastSeen ?? -1;
        while (!cancellation.IsCancellationRequested)
        {
            // Taken before looking, or a change between looking and waiting would be slept through.
            var next = board.Changes.Next;
            var current = board.Current.Generation;
            if (known != current)
            {
                await SendAsync(output, TextSince(known, current), cancellation);
                known = current;
            }

            await Task.WhenAny(next, Task.Delay(limits.PingEvery, clock, cancellation));
            if (!next.IsCompleted)
            {
                if (!mayStay())
                {
                    return;
                }

                await SendAsync(output, Ping(), cancellation);
            }
        }
    }

    private string TextSince(long known, long current)
    {
        if (board.Changes.Since(known, current) is not { } changes)
        {
            return Event("reset", current, $$"""{"generation":{{current}},"changed":[],"more":true}""");
        }

        var text = new StringBuilder();
        foreach (var change in changes)
        {
            text.Append(Event("change", change.Generation, change.Data));
        }

        return text.ToString();
    }

    private string Ping() => board.Age > SwitchBoard.StaleAfter
        ? $$"""event: stale{{"\n"}}data: {"age_s":{{((long)board.Age.TotalSeconds).ToString(CultureInfo.InvariantCulture)}}}{{"\n\n"}}"""
        : ": ping\n\n";

    private static string Event(string name, long generation, string data) =>
        string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {generation}\ndata: {data}\n\n");

    private async Task SendAsync(Stream output, string text, CancellationToken cancellation)
    {
        using var within = new CancellationTokenSource(limits.WriteWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, within.Token);
        await output.WriteAsync(Encoding.UTF8.GetBytes(text), either.Token);
        await output.FlushAsync(either.Token);
    }
}
