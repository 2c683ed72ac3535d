using CoEPortal.Enforcement.Actuators;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Enforcement.Probes;

/// <summary>
/// The canary's route through one gateway: settings <c>Portal__Probes__1__*</c>. Behind it is no model: the gateway asks the
/// portal about the use case <c>canary</c>, as it asks about any, and answers 2xx or 403 itself.
/// </summary>
/// <param name="Name">How drills call it.</param>
/// <param name="Address">Of the route, as a client of the gateway would ask for it.</param>
/// <param name="Credential">Reads the bearer token for each request; null where none is needed.</param>
/// <param name="Timeout">Of one request, whole.</param>
public sealed record RouteProbeSettings(string Name, Uri Address, Func<string>? Credential, TimeSpan Timeout)
{
    private const int MostProbes = 50;
    private const int DefaultTimeoutMs = 2000;
    private const int LongestTimeoutMs = 5000;

    /// <exception cref="InvalidOperationException">Something is missing or contradicts itself; the message says what to set.</exception>
    public static IReadOnlyList<RouteProbeSettings> Read(IConfiguration settings)
    {
        var probes = settings.GetSection("Portal:Probes").GetChildren().Select(Of).ToList();
        var twice = probes.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1);
        return probes.Count > MostProbes ? throw new InvalidOperationException($"Portal__Probes names {probes.Count} routes; at most {MostProbes} are asked.")
            : twice is not null ? throw new InvalidOperationException($"Portal__Probes: {twice.Key} is the name of two routes.")
            : probes;
    }

    private static RouteProbeSettings Of(IConfigurationSection section)
    {
        var given = new GatewaySection("Portal__Probes", section);
        var address = Uri.TryCreate(section["Url"], UriKind.Absolute, out var url) ? url : null;
        given.Demand(
            address is { Scheme: "http" or "https", UserInfo: "", Fragment: "" }, "Url",
            "is the canary's route as a client of the gateway asks for it, http or https, without a credential in it");
        return new RouteProbeSettings(given.Name(), address!, given.Credential(), given.Timeout(DefaultTimeoutMs, LongestTimeoutMs));
    }
}
