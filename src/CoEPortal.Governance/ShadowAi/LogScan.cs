using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Lines that said nothing for one reason.</summary>
/// <param name="FirstAt">Where the first of them begins, in bytes from the beginning of the file.</param>
public sealed record FaultyLines(LineFault Fault, long Count, long FirstAt);

/// <summary>What a log says of AI services.</summary>
/// <param name="Lines">All of them, also those that said nothing.</param>
/// <param name="Clients">Addresses that the log knows.</param>
/// <param name="IsCut">It held more people than are counted; those beyond are left out.</param>
/// <param name="Events">Requests of each department to any host, known or not.</param>
public sealed record ScannedLog(
    long Lines, long Bytes, int Clients, int People, bool IsCut, IReadOnlyList<FaultyLines> Faults, IReadOnlyDictionary<string, long> Events,
    IReadOnlyDictionary<(AiService Service, string Department), ServiceUsage> Services,
    IReadOnlyDictionary<(string Host, AiService Imitates, string Department), ServiceUsage> LookAlikes)
{
    /// <summary>Knows names, so only a campaign sees it, which keeps them under seal.</summary>
    internal UsageTally? Tally { get; init; }

    /// <summary>Of a list of bookings.</summary>
    internal string? Currency { get; init; }

    internal static ScannedLog Of(UsageTally tally, long lines, long bytes, IEnumerable<FaultyLines> faults) => new(
        lines, bytes, tally.Clients, tally.People, tally.IsCut, [.. faults.OrderBy(f => f.Fault)], tally.Events, tally.Services, tally.LookAlikes)
    { Tally = tally };
}

/// <summary>
/// Reads a log of any size in bounded memory: blocks that end with a line are counted by as many workers as there are
/// processors, and their tallies added.
/// </summary>
public sealed class LogScan(HostMatcher matcher, Departments departments)
{
    /// <summary>A longer line is no line of a proxy.</summary>
    public const int LongestLine = 64 * 1024;

    // Fits a processor's own cache: what was just read is still there when it is counted.
    private const int BlockSize = 256 * 1024;

    private readonly record struct Block(byte[] Buffer, int Length, long At, bool ContinuesLine);

    /// <param name="log">Read once, from its beginning.</param>
    /// <param name="now">What is later by more than a day is no time.</param>
    /// <param name="progress">Is told how many bytes are read.</param>
    /// <param name="since">Earlier lines do not count.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">Nothing is kept.</exception>
    public async Task<ScannedLog> RunAsync(Stream log, LogFormat format, DateTimeOffset now, IProgress<long>? progress = null, DateTimeOffset since = default, CancellationToken cancellation = default)
    {
        var workers = Math.Clamp(Environment.ProcessorCount, 1, 8);
        var blocks = Channel.CreateBounded<Block>(new BoundedChannelOptions(workers) { SingleWriter = true });
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var counting = Enumerable.Range(0, workers).Select(_ => Task.Run(() => CountAsync(blocks.Reader, new LineReader(format, now, since), failed), CancellationToken.None)).ToArray();
        long read;
        try
        {
            read = await ReadAsync(log, blocks.Writer, progress, failed.Token);
        }
        finally
        {
            blocks.Writer.TryComplete();
            await ((Task)Task.WhenAll(counting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var counts = await Task.WhenAll(counting);
        var sum = counts[0];
        foreach (var other in counts.Skip(1))
        {
            sum.Tally.Add(other.Tally);
            sum.Add(other);
        }

        return ScannedLog.Of(sum.Tally, sum.Lines, read, sum.Faults.Select(f => new FaultyLines(f.Key, f.Value.Count, f.Value.FirstAt)));
    }

    /// <summary>In blocks that end with a line; what is left is the beginning of the next.</summary>
    private static async Task<long> ReadAsync(Stream log, ChannelWriter<Block> blocks, IProgress<long>? progress, CancellationToken cancellation)
    {
        var (at, carried, continues) = (0L, Array.Empty<byte>(), false);
        while (true)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
            carried.CopyTo(buffer, 0);
            var length = carried.Length + await log.ReadAtLeastAsync(buffer.AsMemory(carried.Length, BlockSize - carried.Length), BlockSize - carried.Length, throwOnEndOfStream: false, cancellation);
            var isLast = length < BlockSize;
            var end = isLast ? length : buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            // Without an end it is one line and too long: all of it is given up, and so is what follows until the next line begins.
            var whole = end == 0 ? length : end;
            carried = buffer[whole..length];
            await blocks.WriteAsync(new Block(buffer, whole, at, continues), cancellation);
            continues = end == 0 && !isLast;
            at += whole;
            progress?.Report(at);
            if (isLast)
            {
                return at;
            }
        }
    }

    private async Task<Counts> CountAsync(ChannelReader<Block> blocks, LineReader reader, CancellationTokenSource failed)
    {
        var counts = new Counts(new UsageTally(matcher, departments));
        try
        {
            await foreach (var block in blocks.ReadAllAsync(failed.Token))
            {
                Count(block, reader, counts);
                ArrayPool<byte>.Shared.Return(block.Buffer);
            }

            return counts;
        }
        catch
        {
            // Who still reads must not wait for us.
            await failed.CancelAsync();
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(Block block, LineReader reader, Counts counts)
    {
        ReadOnlySpan<byte> rest = block.Buffer.AsSpan(0, block.Length);
        var at = block.At;
        if (block.ContinuesLine)
        {
            var next = rest.IndexOf((byte)'\n');
            at += next + 1;
            rest = next < 0 ? [] : rest[(next + 1)..];
        }

        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            counts.Lines++;
            var read = default(LogLine);
            var fault = line.Length > LongestLine ? LineFault.TooLong : reader.Read(line.TrimEnd((byte)'\r'), out read);
            if (fault is LineFault.None)
            {
                counts.Tally.Add(read);
            }
            else
            {
                counts.Note(fault, at);
            }

            at += line.Length + 1;
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
    }

    private sealed class Counts(UsageTally tally)
    {
        public UsageTally Tally { get; } = tally;

        public long Lines { get; set; }

        public Dictionary<LineFault, (long Count, long FirstAt)> Faults { get; } = [];

        public void Note(LineFault fault, long at, long count = 1)
        {
            var known = Faults.GetValueOrDefault(fault, (0, long.MaxValue));
            Faults[fault] = (known.Count + count, Math.Min(known.FirstAt, at));
        }

        public void Add(Counts other)
        {
            Lines += other.Lines;
            foreach (var (fault, (count, firstAt)) in other.Faults)
            {
                Note(fault, firstAt, count);
            }
        }
    }
}
