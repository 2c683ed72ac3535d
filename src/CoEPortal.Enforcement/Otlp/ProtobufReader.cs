using System.Buffers.Binary;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Walks the fields of one protobuf message without copying it. Fields come in wire order, which is any order, and
/// may repeat. Malformed input is an <see cref="OtlpFormatException"/>, never a wrong value: every length is checked
/// against what is left, and a field read as another wire type than it was sent with is refused.
/// Source: protobuf.dev, "Encoding". The deprecated groups (wire types 3 and 4) are refused; OTLP has none.
/// </summary>
public ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int WireVarint = 0;
    private const int WireFixed64 = 1;
    private const int WireBytes = 2;
    private const int WireFixed32 = 5;
    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private ulong _number;
    private int _wireType;

    /// <summary>The number of the field that <see cref="Next"/> stopped at.</summary>
    public int Field { get; private set; }

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        var tag = TakeVarint();
        if (tag is < 8 or > uint.MaxValue)
        {
            throw Malformed("a field number out of range");
        }
        Field = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        switch (_wireType)
        {
            case WireVarint:
                _number = TakeVarint();
                break;
            case WireFixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case WireBytes:
                _bytes = Take(TakeVarint());
                break;
            case WireFixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Malformed("a wire type that OTLP does not use");
        }
        return true;
    }

    /// <summary>The field as an integer, boolean or enum; negative int64 arrive as their two's complement.</summary>
    public readonly long Varint()
    {
        Expect(WireVarint);
        return (long)_number;
    }

    /// <summary>The field as a fixed64; times and doubles travel so.</summary>
    public readonly ulong Fixed64()
    {
        Expect(WireFixed64);
        return _number;
    }

    /// <summary>The field as bytes: raw, a text or a nested message. Valid as long as the message is.</summary>
    public readonly ReadOnlySpan<byte> Bytes()
    {
        Expect(WireBytes);
        return _bytes;
    }

    private ulong TakeVarint()
    {
        var value = 0UL;
        for (var i = 0; i < LongestVarint && i < _rest.Length; i++)
        {
            var part = _rest[i];
            // the tenth byte has room for one bit
            if (i == LongestVarint - 1 && part > 1)
            {
                break;
            }
            value |= (ulong)(part & 0x7f) << (7 * i);
            if (part < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }
        throw Malformed("a number that does not end");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw Malformed("a field longer than its message");
        }
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private readonly void Expect(int wireType)
    {
        if (_wireType != wireType)
        {
            throw Malformed($"field {Field} with wire type {_wireType} instead of {wireType}");
        }
    }

    private static OtlpFormatException Malformed(string what) => new($"Malformed protobuf: {what}.");
}
