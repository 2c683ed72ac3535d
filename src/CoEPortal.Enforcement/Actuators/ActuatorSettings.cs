using System.Text.RegularExpressions;
using CoEPortal.Governance.KillSwitches;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// One gateway that is told what to refuse: settings <c>Portal__Actuators__1__*</c>. The credential itself is not one of
/// them: it is read where the settings point, for each request, so that it can be changed there.
/// </summary>
/// <param name="Name">How the console and the audit log call it.</param>
/// <param name="Kind">How it is spoken to.</param>
/// <param name="Gateway">The gateway's name, as credentials are bound to it and switches name it.</param>
/// <param name="Address">Of its administration; for HAProxy <c>unix:/path</c> or <c>tcp://host:port</c>.</param>
/// <param name="Credential">Reads the credential; null where none is needed.</param>
/// <param name="Map">HAProxy: the map file as its configuration names it.</param>
/// <param name="Models">Whether it is told of switches of models too.</param>
/// <param name="Timeout">Of one request, whole.</param>
public sealed partial record ActuatorSettings(
    string Name, ActuatorKind Kind, string Gateway, Uri Address, Func<string>? Credential, string Map, bool Models, TimeSpan Timeout)
{
    private const int MostActuators = 50;
    private const int DefaultTimeoutMs = 3000;
    private const int LongestTimeoutMs = 10_000;

    /// <summary>The adapter that speaks to it.</summary>
    public IGatewayAdmin Admin() => Kind switch
    {
        ActuatorKind.LiteLlm => new LiteLlmAdmin(this),
        ActuatorKind.Kong => new KongAdmin(this),
        _ => new HaProxyAdmin(this),
    };

    /// <exception cref="InvalidOperationException">Something is missing or contradicts itself; the message says what to set.</exception>
    public static IReadOnlyList<ActuatorSettings> Read(IConfiguration settings)
    {
        var actuators = settings.GetSection("Portal:Actuators").GetChildren().Select(Of).ToList();
        var named = actuators.GroupBy(a => a.Name).FirstOrDefault(g => g.Count() > 1);
        var twice = actuators.GroupBy(a => (a.Kind, a.Address.AbsoluteUri, a.Map)).FirstOrDefault(g => g.Count() > 1);
        return actuators.Count > MostActuators ? throw new InvalidOperationException($"Portal__Actuators names {actuators.Count} gateways; at most {MostActuators} are told.")
            : named is not null ? throw new InvalidOperationException($"Portal__Actuators: {named.Key} is the name of two gateways.")
            : twice is not null ? throw new InvalidOperationException($"Portal__Actuators: {string.Join(" and ", twice.Select(a => a.Name))} lead to the same gateway, and would undo each other.")
            : actuators;
    }

    private static ActuatorSettings Of(IConfigurationSection section)
    {
        var given = new GatewaySection("Portal__Actuators", section);
        var name = given.Name();
        given.Demand(Enum.TryParse<ActuatorKind>(section["Kind"], ignoreCase: true, out var kind) && Enum.IsDefined(kind), "Kind", "is LiteLlm, Kong or HaProxy");
        var gateway = section["Gateway"] ?? "";
        given.Demand(gateway.Length is > 0 and <= 100 && !gateway.Any(c => c is < '!' or > '~'), "Gateway", "names the gateway as credentials are bound to it");
        var address = Uri.TryCreate(section["Url"], UriKind.Absolute, out var url) ? url : null;
        given.Demand(address is not null && address.UserInfo.Length == 0 && address.Query.Length == 0 && (kind is ActuatorKind.HaProxy
            ? address is { Scheme: "unix", AbsolutePath.Length: > 1 } or { Scheme: "tcp", Port: > 0 }
            : address.Scheme is "http" or "https"), "Url", kind is ActuatorKind.HaProxy ? "is unix:/path/of/the/socket or tcp://host:port" : "is where its administration answers, http or https, without a credential in it");
        var map = section["Map"] ?? "";
        given.Demand(kind is not ActuatorKind.HaProxy || map.Length is > 0 and <= 200 && PlainPath().IsMatch(map), "Map", "is the map file as HAProxy's configuration names it, without spaces");
        var credential = given.Credential();
        given.Demand(kind is not ActuatorKind.LiteLlm || credential is not null, "CredentialFile", "or CredentialVariable says where LiteLLM's master key is");
        var models = kind is ActuatorKind.LiteLlm;
        given.Demand(section["Models"] is not { Length: > 0 } said || bool.TryParse(said, out models), "Models", "is true or false");
        given.Demand(!models || kind is not ActuatorKind.Kong, "Models", "is not for Kong: it refuses routes and consumers only");
        return new ActuatorSettings(name, kind, gateway, address!, credential, map, models, given.Timeout(DefaultTimeoutMs, LongestTimeoutMs));
    }

    // What separates commands of the runtime API is not in it.
    [GeneratedRegex("^[A-Za-z0-9/._@-]+$")]
    private static partial Regex PlainPath();
}
