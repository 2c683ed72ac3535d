using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// What tells one metric series from another: all its attributes, in any order, also those we do not know. The same
/// for protobuf and JSON. Arrays, maps and bytes are left out: their encodings differ, and no SDK tells series apart
/// by them.
/// </summary>
internal sealed class AttributeDigest
{
    // A sum does not depend on the order in which attributes come.
    private UInt128 _sum;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text) => Add(key, 's', text);

    public void Add(ReadOnlySpan<byte> key, bool flag) => Add(key, 'b', [flag ? (byte)1 : (byte)0]);

    public void Add(ReadOnlySpan<byte> key, long whole)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, whole);
        Add(key, 'i', bytes);
    }

    public void Add(ReadOnlySpan<byte> key, double real)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, real);
        Add(key, 'd', bytes);
    }

    /// <summary>The id of the series that has these attributes on this resource, scope and metric.</summary>
    public static Guid SeriesOf(AttributeDigest resource, string? scope, string metric, AttributeDigest point)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> sums = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128LittleEndian(sums, resource._sum);
        BinaryPrimitives.WriteUInt128LittleEndian(sums[16..], point._sum);
        hash.AppendData(sums);
        hash.AppendData(Encoding.UTF8.GetBytes(scope + "\0" + metric));
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16), bigEndian: true);
    }

    private void Add(ReadOnlySpan<byte> key, char kind, ReadOnlySpan<byte> value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(key);
        hash.AppendData([0, (byte)kind]);
        hash.AppendData(value);
        Span<byte> bytes = stackalloc byte[32];
        hash.GetHashAndReset(bytes);
        unchecked
        {
            _sum += BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        }
    }
}
