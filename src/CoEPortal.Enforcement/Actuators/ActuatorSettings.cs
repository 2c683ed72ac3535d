using System.Globalization;
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
/// <param name="Timeout">Of one request, whole.</param>
public sealed partial record ActuatorSettings(
    string Name, ActuatorKind Kind, string Gateway, Uri Address, Func<string>? Credential, string Map, TimeSpan Timeout)
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
        var name = section["Name"] ?? "";
        Demand(name.Length is >= 3 and <= 60 && PlainName().IsMatch(name), "Name", "is 3 to 60 small letters, digits and dashes, such as litellm-eu");
        Demand(Enum.TryParse<ActuatorKind>(section["Kind"], ignoreCase: true, out var kind) && Enum.IsDefined(kind), "Kind", "is LiteLlm, Kong or HaProxy");
        var gateway = section["Gateway"] ?? "";
        Demand(gateway.Length is > 0 and <= 100 && !gateway.Any(c => c is < '!' or > '~'), "Gateway", "names the gateway as credentials are bound to it");
        var address = Uri.TryCreate(section["Url"], UriKind.Absolute, out var url) ? url : null;
        Demand(address is not null && address.UserInfo.Length == 0 && address.Query.Length == 0 && (kind is ActuatorKind.HaProxy
            ? address is { Scheme: "unix", AbsolutePath.Length: > 1 } or { Scheme: "tcp", Port: > 0 }
            : address.Scheme is "http" or "https"), "Url", kind is ActuatorKind.HaProxy ? "is unix:/path/of/the/socket or tcp://host:port" : "is where its administration answers, http or https, without a credential in it");
        var map = section["Map"] ?? "";
        Demand(kind is not ActuatorKind.HaProxy || map.Length is > 0 and <= 200 && PlainPath().IsMatch(map), "Map", "is the map file as HAProxy's configuration names it, without spaces");
        var timeout = DefaultTimeoutMs;
        Demand(section["TimeoutMs"] is not { Length: > 0 } text || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out timeout) && timeout is >= 100 and <= LongestTimeoutMs,
            "TimeoutMs", $"is 100 to {LongestTimeoutMs}");
        var credential = CredentialOf(section["CredentialFile"], section["CredentialVariable"]);
        Demand(kind is not ActuatorKind.LiteLlm || credential is not null, "CredentialFile", "or CredentialVariable says where LiteLLM's master key is");
        Demand(section["Credential"] is null, "Credential", "is not a setting: put it in a file or an environment variable and name that");
        return new ActuatorSettings(name, kind, gateway, address!, credential, map, TimeSpan.FromMilliseconds(timeout));

        void Demand(bool holds, string setting, string what)
        {
            if (!holds)
            {
                throw new InvalidOperationException($"Portal__Actuators__{section.Key}__{setting} {what}.");
            }
        }

        Func<string>? CredentialOf(string? file, string? variable)
        {
            Demand(file is null or "" || variable is null or "", "CredentialFile", "and CredentialVariable are one too many");
            return file is { Length: > 0 } ? () => Checked(File.ReadAllText(file))
                : variable is { Length: > 0 } ? () => Checked(Environment.GetEnvironmentVariable(variable) ?? "")
                : null;
        }

        string Checked(string found) => found.Trim() is { Length: > 0 and <= 4096 } value && !value.Any(c => c is < '!' or > '~')
            ? value
            : throw new GatewayAdminException("Its credential is empty, or no line of printable characters.");
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex PlainName();

    // What separates commands of the runtime API is not in it.
    [GeneratedRegex("^[A-Za-z0-9/._@-]+$")]
    private static partial Regex PlainPath();
}
