using System.Net.Http.Headers;
using System.Text.Json;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// LiteLLM's management endpoints (docs/proxy/virtual_keys.md, docs/proxy/token_auth.md): keys by their hash, which is all
/// the portal knows of them, and teams. Tested by contract only.
/// </summary>
internal sealed class LiteLlmAdmin(ActuatorSettings settings) : IGatewayAdmin
{
    private readonly AdminClient _client = new(settings, (headers, key) => headers.Authorization = new AuthenticationHeaderValue("Bearer", key));

    public void Dispose() => _client.Dispose();

    public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
    {
        var states = new Dictionary<ActuatorTarget, TargetState>();
        foreach (var target in targets)
        {
            var (path, inside) = target.Kind is CredentialKind.Team
                ? ($"team/info?team_id={Uri.EscapeDataString(target.Value)}", "team_info")
                : ($"key/info?key={Uri.EscapeDataString(target.Value)}", "info");
            states[target] = await _client.GetAsync(path, cancellation) is { } answer ? StateOf(answer, inside) : TargetState.Missing;
        }

        return states;
    }

    public Task BlockAsync(ActuatorTarget target, CancellationToken cancellation) => OrderAsync(target, "block", cancellation);

    public Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation) => OrderAsync(target, "unblock", cancellation);

    private Task OrderAsync(ActuatorTarget target, string verb, CancellationToken cancellation) => target.Kind is CredentialKind.Team
        ? _client.OrderAsync(HttpMethod.Post, $"team/{verb}", new { team_id = target.Value }, cancellation)
        : _client.OrderAsync(HttpMethod.Post, $"key/{verb}", new { key = target.Value }, cancellation);

    // A key that was never blocked has null there.
    private static TargetState StateOf(JsonElement answer, string inside) =>
        !answer.TryGetProperty(inside, out var info) || info.ValueKind is not JsonValueKind.Object ? throw new GatewayAdminException($"Its answer has no {inside}.")
        : info.TryGetProperty("blocked", out var blocked) && blocked.ValueKind is JsonValueKind.True ? TargetState.Blocked
        : TargetState.Open;
}
