using System.Net;

namespace CoEPortal.Web.SignIn;

/// <summary>Where the portal is told to listen, in the order in which Kestrel obeys the settings.</summary>
public static class ListeningAddresses
{
    /// <returns>Empty when nothing is configured; Kestrel then listens on localhost only.</returns>
    public static IReadOnlyList<string> From(IConfiguration settings)
    {
        var endpoints = settings.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0)
        {
            return endpoints;
        }

        var urls = Split(settings["urls"]);
        if (urls.Count > 0)
        {
            return urls;
        }

        // The base images of Microsoft set these two; they mean "every address of the machine".
        return
        [
            .. Split(settings["http_ports"]).Select(port => $"http://*:{port}"),
            .. Split(settings["https_ports"]).Select(port => $"https://*:{port}"),
        ];
    }

    public static bool IsThisMachineOnly(string url)
    {
        var address = BindingAddress.Parse(url);
        return address.IsUnixPipe
            || address.IsNamedPipe
            || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || address.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);
    }

    private static List<string> Split(string? list) =>
        [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
