using System.Collections.Concurrent;
using System.Net;

namespace CoEPortal.Web.Sharing;

/// <summary>How often one address may try links in a minute: nobody guesses 256 bits, but each try asks the database.</summary>
public sealed class SharedDoor(TimeProvider clock)
{
    public const int MostInAMinute = 60;

    private const int MostAddresses = 10_000;

    private readonly ConcurrentDictionary<IPAddress, (long Minute, int Count)> _tries = new();

    public bool LetsIn(IPAddress? from)
    {
        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (_tries.Count > MostAddresses)
        {
            // Old minutes say nothing any more; should they all be of this one, somebody is flooding us, and all wait.
            foreach (var old in _tries.Where(t => t.Value.Minute != minute).Select(t => t.Key))
            {
                _tries.TryRemove(old, out _);
            }

            if (_tries.Count > MostAddresses)
            {
                return false;
            }
        }

        return _tries.AddOrUpdate(from ?? IPAddress.None, (minute, 1), (_, t) => t.Minute == minute ? (minute, t.Count + 1) : (minute, 1)).Count <= MostInAMinute;
    }
}
