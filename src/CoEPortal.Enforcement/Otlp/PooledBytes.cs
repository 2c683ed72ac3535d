using System.Buffers;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Bytes read from a stream up to a limit, in an array borrowed from the pool. Grows with what arrives, not with
/// what Content-Length promises: a promise costs the sender nothing.
/// </summary>
internal sealed class PooledBytes(int limit) : IDisposable
{
    private const int FirstRent = 64 * 1024;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(FirstRent);

    public int Length { get; private set; }

    public bool IsOverLimit { get; private set; }

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    public MemoryStream OpenRead() => new(_array, 0, Length, writable: false);

    /// <summary>Reads to the end, or to one byte over the limit, which is enough to know.</summary>
    public async Task FillAsync(Stream source, CancellationToken cancellation)
    {
        while (Length < limit)
        {
            var read = await source.ReadAsync(Room(), cancellation);
            if (read == 0)
            {
                return;
            }
            Length += read;
        }
        // Not into the array: the pool deals in powers of two, and one byte more would double it.
        IsOverLimit = await source.ReadAsync(new byte[1], cancellation) > 0;
    }

    public void Dispose()
    {
        // A second return would hand the same array to two borrowers.
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
        _array = [];
        Length = 0;
    }

    private Memory<byte> Room()
    {
        if (Length == _array.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_array.Length * 2, limit));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }
        return _array.AsMemory(Length, Math.Min(_array.Length - Length, limit - Length));
    }
}
