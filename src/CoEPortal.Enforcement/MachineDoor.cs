using System.Collections.Concurrent;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Http;

namespace CoEPortal.Enforcement;

/// <summary>Lets machines in by their bearer token, from this node's memory: no database on the way in.</summary>
public sealed class MachineDoor(SwitchBoard board, TimeProvider clock)
{
    private const string Bearer = "Bearer ";
    private const int LongestToken = 200;

    // A gateway sends the same header thousands of times a second; hashing it each time costs more than the verdict.
    // Whoever was let in is remembered for one copy of the board only: a token that is revoked makes a new copy.
    private Guests _guests = new(EnforcementSnapshot.Nothing);

    /// <returns>Null when the token is missing, unknown, revoked, expired, or lacks the scope.</returns>
    public TokenHolder? Admit(HttpRequest request, string scope)
    {
        var header = request.Headers.Authorization.ToString();
        return Find(header) is { } holder && holder.Scopes.Contains(scope) && holder.ExpiresAt > clock.GetUtcNow() ? holder : null;
    }

    private TokenHolder? Find(string header)
    {
        var snapshot = board.Current;
        var guests = Volatile.Read(ref _guests);
        if (!ReferenceEquals(guests.Snapshot, snapshot))
        {
            guests = new Guests(snapshot);
            Volatile.Write(ref _guests, guests);
        }

        if (guests.ByHeader.TryGetValue(header, out var known))
        {
            return known;
        }

        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || header.Length > Bearer.Length + LongestToken
            || !snapshot.Tokens.TryGetValue(MachineToken.HashOf(header[Bearer.Length..]), out var holder))
        {
            return null;
        }

        // Only good tokens are remembered, so the number of tokens bounds the memory.
        guests.ByHeader.TryAdd(header, holder);
        return holder;
    }

    private sealed record Guests(EnforcementSnapshot Snapshot)
    {
        public ConcurrentDictionary<string, TokenHolder> ByHeader { get; } = new(StringComparer.Ordinal);
    }
}
