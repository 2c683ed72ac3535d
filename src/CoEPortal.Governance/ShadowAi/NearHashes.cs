using System.Runtime.CompilerServices;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// What was looked up lately, each in the one place that the first bits of its hash name: found without comparing the words,
/// for two have the same hash by an accident of one in 2^64, and without a way through memory that is not near the processor.
/// </summary>
internal sealed class NearHashes<T>(int bits)
{
    private readonly ulong[] _hashes = new ulong[1 << bits];
    private readonly T?[] _values = new T?[1 << bits];

    /// <returns>The default when it was not lately.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Find(ulong hash)
    {
        var place = hash >> (64 - bits);
        return _hashes[place] == hash ? _values[place] : default;
    }

    public T? Keep(ulong hash, T? value)
    {
        var place = hash >> (64 - bits);
        (_hashes[place], _values[place]) = (hash, value);
        return value;
    }
}

/// <summary>
/// Hashes of hosts that are nothing, which nearly all are: eight side by side, where the first bits of a hash say. A megabyte
/// stays near the processor, which names of hundreds of thousands of hosts do not.
/// </summary>
internal sealed class NothingHosts
{
    private const int Bits = 14;
    private const int Ways = 8;

    private readonly ulong[] _hashes = new ulong[Ways << Bits];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(ulong hash) => Side(hash).Contains(hash);

    public void Add(ulong hash)
    {
        var side = Side(hash);
        var free = side.IndexOf(0UL);
        // What gives way is looked up again, no more.
        side[free >= 0 ? free : (int)(hash % Ways)] = hash;
    }

    private Span<ulong> Side(ulong hash) => _hashes.AsSpan((int)(hash >> (64 - Bits)) * Ways, Ways);
}
