namespace CoEPortal.Governance.Audit;

/// <summary>
/// Version-7 ids that also rise within a millisecond (RFC 9562, 6.2, method 1, with a counter of 32 bits): the events of
/// one change keep the order in which they happened, where random ones would shuffle a timeline. The counter never starts
/// again: changes of the same moment are made side by side, and each has to find a larger number than it had before.
/// </summary>
internal static class EventIds
{
    private static uint _count;

    public static Guid Next(DateTimeOffset at)
    {
        var count = Interlocked.Increment(ref _count);
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | (count >> 28));
        bytes[7] = (byte)(count >> 20);
        bytes[8] = (byte)(0x80 | ((count >> 14) & 0x3F));
        bytes[9] = (byte)(count >> 6);
        bytes[10] = (byte)((count << 2) | (bytes[10] & 3u));
        return new Guid(bytes, bigEndian: true);
    }
}
