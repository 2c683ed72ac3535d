using System.Net.Http.Headers;
using System.Text.Json;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// LiteLLM's management endpoints (docs/proxy/virtual_keys.md, docs/proxy/token_auth.md, and <c>/model/block</c> of
/// model_management_endpoints.py): keys by their hash, which is all the portal knows of them, teams, and the deployments of a
/// model that its database holds. Tested by contract only.
/// </summary>
internal sealed class LiteLlmAdmin(ActuatorSettings settings) : IGatewayAdmin
{
    private readonly AdminClient _client = new(settings, (headers, key) => headers.Authorization = new AuthenticationHeaderValue("Bearer", key));

    public void Dispose() => _client.Dispose();

    public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
    {
        var deployments = targets.Any(t => t.Kind is TargetKind.Model) ? await DeploymentsAsync(cancellation) : [];
        var states = new Dictionary<ActuatorTarget, TargetState>();
        foreach (var target in targets)
        {
            states[target] = target.Kind is TargetKind.Model ? StateOf([.. deployments.Where(d => d.Is(target.Value))]) : await StateAsync(target, cancellation);
        }

        return states;
    }

    public Task BlockAsync(ActuatorTarget target, CancellationToken cancellation) => OrderAsync(target, "block", cancellation);

    public Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation) => OrderAsync(target, "unblock", cancellation);

    private async Task<TargetState> StateAsync(ActuatorTarget target, CancellationToken cancellation)
    {
        var (path, inside) = target.Kind is TargetKind.Team
            ? ($"team/info?team_id={Uri.EscapeDataString(target.Value)}", "team_info")
            : ($"key/info?key={Uri.EscapeDataString(target.Value)}", "info");
        return await _client.GetAsync(path, cancellation) is { } answer ? StateOf(answer, inside) : TargetState.Missing;
    }

    private async Task OrderAsync(ActuatorTarget target, string verb, CancellationToken cancellation)
    {
        if (target.Kind is TargetKind.Model)
        {
            foreach (var deployment in (await DeploymentsAsync(cancellation)).Where(d => d.Is(target.Value) && d.IsBlocked != (verb == "block")))
            {
                await _client.OrderAsync(HttpMethod.Post, $"model/{verb}", new { model_id = deployment.Id }, cancellation);
            }
        }
        else if (target.Kind is TargetKind.Team)
        {
            await _client.OrderAsync(HttpMethod.Post, $"team/{verb}", new { team_id = target.Value }, cancellation);
        }
        else
        {
            await _client.OrderAsync(HttpMethod.Post, $"key/{verb}", new { key = target.Value }, cancellation);
        }
    }

    private async Task<List<Deployment>> DeploymentsAsync(CancellationToken cancellation)
    {
        if (await _client.GetAsync("model/info", cancellation) is not { } answer || !answer.TryGetProperty("data", out var data) || data.ValueKind is not JsonValueKind.Array)
        {
            throw new GatewayAdminException("Its answer has no list of models.");
        }

        return [.. data.EnumerateArray().Where(d => d.ValueKind is JsonValueKind.Object).Select(Deployment.Of)];
    }

    /// <summary>A model is stopped when nothing that serves it is left.</summary>
    private static TargetState StateOf(IReadOnlyCollection<Deployment> deployments) =>
        deployments.Count == 0 ? TargetState.Missing : deployments.All(d => d.IsBlocked) ? TargetState.Blocked : TargetState.Open;

    // A key that was never blocked has null there.
    private static TargetState StateOf(JsonElement answer, string inside) =>
        !answer.TryGetProperty(inside, out var info) || info.ValueKind is not JsonValueKind.Object ? throw new GatewayAdminException($"Its answer has no {inside}.")
        : IsTrue(info, "blocked") ? TargetState.Blocked
        : TargetState.Open;

    private static bool IsTrue(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True;

    /// <summary>One way to a model: the name that callers say, and the model behind it.</summary>
    private sealed record Deployment(string Id, string Name, string Behind, bool IsBlocked)
    {
        public static Deployment Of(JsonElement model)
        {
            var info = Inside(model, "model_info");
            return new Deployment(
                Text(info, "id") ?? throw new GatewayAdminException("Its list has a model without an id."),
                Text(model, "model_name") ?? "", Text(Inside(model, "litellm_params"), "model") ?? "", IsTrue(info, "blocked"));
        }

        public bool Is(string model) => ModelName.Readings(Name).Concat(ModelName.Readings(Behind)).Contains(model, StringComparer.OrdinalIgnoreCase);

        private static JsonElement Inside(JsonElement of, string name) =>
            of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object ? value : throw new GatewayAdminException($"Its list has a model without {name}.");

        private static string? Text(JsonElement of, string name) =>
            of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
    }
}
