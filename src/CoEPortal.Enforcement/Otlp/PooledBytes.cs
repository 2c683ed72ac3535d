using System.Buffers;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Bytes read from a stream up to a limit, in an array borrowed from the pool. Grows with what arrives, not with
/// what Content-Length promises: a promise costs the sender nothing.
/// </summary>
internal sealed class PooledBytes : IDisposable
{
    private const int FirstRent = 64 * 1024;

    private readonly int _limit;
    private byte[] _array = ArrayPool<byte>.Shared.Rent(FirstRent);

    public PooledBytes(int limit) => _limit = limit;

    public int Length { get; private set; }

    public bool IsOverLimit => Length > _limit;

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    public MemoryStream OpenRead() => new(_array, 0, Length, writable: false);

    /// <summary>Reads to the end, or to one byte over the limit, which is enough to know.</summary>
    public async Task FillAsync(Stream source, CancellationToken cancellation)
    {
        while (!IsOverLimit)
        {
            var read = await source.ReadAsync(Room(), cancellation);
            if (read == 0)
            {
                return;
            }
            Length += read;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Length = 0;
    }

    private Memory<byte> Room()
    {
        if (Length == _array.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_array.Length * 2);
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }
        return _array.AsMemory(Length, Math.Min(_array.Length - Length, _limit + 1 - Length));
    }
}
