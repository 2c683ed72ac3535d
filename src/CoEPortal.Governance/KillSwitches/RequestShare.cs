using System.Text;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Which requests a limited release lets through: those whose id has a CRC-32 (IEEE 802.3, as <c>ngx.crc32_long</c> and zlib
/// compute it) whose remainder by 100 is below the share. The same request gets the same answer from every enforcer.
/// </summary>
public static class RequestShare
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        var value = (uint)i;
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
        }

        return value;
    })];

    /// <param name="requestId">Made by the gateway, UTF-8. Without one nothing is let through: it could not be decided twice alike.</param>
    /// <param name="share">Per cent, 0 to 100.</param>
    public static bool Includes(string? requestId, int share) => requestId is { Length: > 0 } && Crc32(requestId) % 100 < share;

    private static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            crc = Table[(crc ^ octet) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }
}
