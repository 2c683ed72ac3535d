using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// What was looked up lately, each in one of the two places that the first bits of its hash name: found without comparing the
/// words, for two have the same hash by an accident of one in 2^64, and without a way through memory that is not near the processor.
/// </summary>
internal sealed class NearHashes<T>(int bits)
    where T : class
{
    private readonly (ulong Hash, T? Value)[] _places = new (ulong, T?)[2 << bits];

    /// <returns>Null when it was not lately.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Find(ulong hash)
    {
        var places = Side(hash);
        return places[0].Hash == hash ? places[0].Value : places[1].Hash == hash ? places[1].Value : null;
    }

    public T? Keep(ulong hash, T? value)
    {
        var places = Side(hash);
        (places[1], places[0]) = (places[0], (hash, value));
        return value;
    }

    private Span<(ulong Hash, T? Value)> Side(ulong hash) => _places.AsSpan((int)(hash >> (64 - bits)) * 2, 2);
}

/// <summary>
/// Hashes of hosts that are nothing, which nearly all are: eight side by side, where the first bits of a hash say. A megabyte
/// stays near the processor, which names of hundreds of thousands of hosts do not.
/// </summary>
internal sealed class NothingHosts
{
    private const int Bits = 14;

    private readonly ulong[] _hashes = new ulong[Vector512<ulong>.Count << Bits];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(ulong hash) => Vector512.EqualsAny(Vector512.Create<ulong>(Side(hash)), Vector512.Create(hash));

    public void Add(ulong hash)
    {
        var side = Side(hash);
        var free = side.IndexOf(0UL);
        // What gives way is looked up again, no more.
        side[free >= 0 ? free : (int)(hash % (ulong)side.Length)] = hash;
    }

    private Span<ulong> Side(ulong hash) => _hashes.AsSpan((int)(hash >> (64 - Bits)) * Vector512<ulong>.Count, Vector512<ulong>.Count);
}
