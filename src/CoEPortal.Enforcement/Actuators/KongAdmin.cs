using System.Text.Json;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// Kong's Admin API: the plugin request-termination on a route, on a consumer (which the portal binds as a team), or on
/// everything. Ours carries a tag; others are left alone. Tested by contract only.
/// </summary>
internal sealed class KongAdmin(ActuatorSettings settings) : IGatewayAdmin
{
    private const string Plugin = "request-termination";
    private const string Tag = "coe-portal";
    private const int MostPages = 20;

    private readonly AdminClient _client = new(settings, (headers, token) => headers.Add("Kong-Admin-Token", token));

    public void Dispose() => _client.Dispose();

    public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
    {
        var states = new Dictionary<ActuatorTarget, TargetState>();
        foreach (var target in targets)
        {
            var plugins = await PluginsAsync(target, cancellation);
            states[target] = plugins is null ? TargetState.Missing : plugins.Exists(p => p.Refuses) ? TargetState.Blocked : TargetState.Open;
        }

        return states;
    }

    public async Task BlockAsync(ActuatorTarget target, CancellationToken cancellation)
    {
        // Kong takes one plugin of a name in one place, so one of ours that was switched off is switched on again.
        if (await PluginsAsync(target, cancellation) is { } plugins && plugins.Find(p => p.IsOurs) is { } ours)
        {
            await _client.OrderAsync(HttpMethod.Patch, $"plugins/{ours.Id}", new { enabled = true, config = Refusal }, cancellation);
            return;
        }

        await _client.OrderAsync(HttpMethod.Post, PathOf(target), new { name = Plugin, config = Refusal, tags = new[] { Tag } }, cancellation);
    }

    public async Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation)
    {
        foreach (var ours in (await PluginsAsync(target, cancellation) ?? []).Where(p => p.IsOurs))
        {
            await _client.OrderAsync(HttpMethod.Delete, $"plugins/{ours.Id}", null, cancellation);
        }
    }

    private static object Refusal => new
    {
        status_code = 403,
        content_type = "application/json",
        body = """{"error":{"type":"governance_blocked"}}""",
        // Null in a change clears a trigger that would narrow it.
        trigger = (string?)null,
    };

    private static string PathOf(ActuatorTarget target) => target.Kind switch
    {
        TargetKind.Whole => "plugins",
        TargetKind.Team => $"consumers/{Uri.EscapeDataString(target.Value)}/plugins",
        _ => $"routes/{Uri.EscapeDataString(target.Value)}/plugins",
    };

    /// <returns>Null where the route or consumer is not known.</returns>
    private async Task<List<Found>?> PluginsAsync(ActuatorTarget target, CancellationToken cancellation)
    {
        var found = new List<Found>();
        var path = PathOf(target) + "?size=100";
        for (var page = 0; page < MostPages; page++)
        {
            if (await _client.GetAsync(path, cancellation) is not { } answer)
            {
                return null;
            }

            if (!answer.TryGetProperty("data", out var data) || data.ValueKind is not JsonValueKind.Array)
            {
                throw new GatewayAdminException("Its answer has no list of plugins.");
            }

            found.AddRange(data.EnumerateArray().Where(p => p.ValueKind is JsonValueKind.Object && Text(p, "name") == Plugin && AppliesTo(p, target)).Select(Found.Of));
            // The next page is named by offset alone, so that an answer cannot lead elsewhere.
            if (Text(answer, "offset") is not { Length: > 0 } offset)
            {
                return found;
            }

            path = $"{PathOf(target)}?size=100&offset={Uri.EscapeDataString(offset)}";
        }

        throw new GatewayAdminException($"It lists more than {MostPages} pages of plugins.");
    }

    /// <summary>A plugin of a route may be for one consumer only, and the list of all holds those of routes.</summary>
    private static bool AppliesTo(JsonElement plugin, ActuatorTarget target)
    {
        string[] narrower = target.Kind switch
        {
            TargetKind.Whole => ["route", "service", "consumer", "consumer_group"],
            TargetKind.Team => ["route", "service"],
            _ => ["consumer", "consumer_group"],
        };
        return !Array.Exists(narrower, n => plugin.TryGetProperty(n, out var of) && of.ValueKind is not JsonValueKind.Null);
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private sealed record Found(Guid Id, bool Refuses, bool IsOurs)
    {
        public static Found Of(JsonElement plugin)
        {
            var enabled = plugin.TryGetProperty("enabled", out var on) && on.ValueKind is JsonValueKind.True;
            var narrowed = plugin.TryGetProperty("config", out var config) && config.ValueKind is JsonValueKind.Object && Text(config, "trigger") is not null;
            var ours = plugin.TryGetProperty("tags", out var tags) && tags.ValueKind is JsonValueKind.Array
                && tags.EnumerateArray().Any(t => t.ValueKind is JsonValueKind.String && t.GetString() == Tag);
            return Guid.TryParse(Text(plugin, "id"), out var id)
                ? new Found(id, enabled && !narrowed, ours)
                : throw new GatewayAdminException("Its answer has a plugin without an id.");
        }
    }
}
