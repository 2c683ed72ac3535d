using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Http;

namespace CoEPortal.Enforcement;

/// <summary>Lets machines in by their bearer token, from this node's memory: no database on the way in.</summary>
public sealed class MachineDoor(SwitchBoard board, TimeProvider clock)
{
    private const string Bearer = "Bearer ";
    private const int LongestToken = 200;

    /// <returns>Null when the token is missing, unknown, revoked, expired, or lacks the scope.</returns>
    public TokenHolder? Admit(HttpRequest request, string scope)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && header.Length <= Bearer.Length + LongestToken
            && board.Current.Tokens.TryGetValue(MachineToken.HashOf(header[Bearer.Length..]), out var holder)
            && holder.Scopes.Contains(scope) && holder.ExpiresAt > clock.GetUtcNow()
                ? holder
                : null;
    }
}
