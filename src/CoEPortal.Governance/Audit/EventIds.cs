namespace CoEPortal.Governance.Audit;

/// <summary>
/// Version-7 ids that also rise within a millisecond (RFC 9562, 6.2, method 1): the events of one change keep the order
/// in which they happened, where random ones would shuffle a timeline.
/// </summary>
internal static class EventIds
{
    private const int CounterLimit = 0x1000;

    private static readonly Lock Gate = new();
    private static long _millisecond;
    private static int _counter;

    public static Guid Next(DateTimeOffset at)
    {
        int count;
        lock (Gate)
        {
            var millisecond = at.ToUnixTimeMilliseconds();
            _counter = millisecond == _millisecond ? _counter + 1 : 0;
            _millisecond = millisecond;
            count = _counter % CounterLimit;
        }

        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | (count >> 8));
        bytes[7] = (byte)count;
        return new Guid(bytes, bigEndian: true);
    }
}
