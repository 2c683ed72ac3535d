using System.Net.Http.Headers;

namespace CoEPortal.Cli;

/// <summary>The portal over HTTP: <c>COE_URL</c> says where, <c>COE_TOKEN</c> as whom, a machine token or <c>Demo persona</c>.</summary>
internal static class PortalClient
{
    public static HttpClient Open()
    {
        var token = Environment.GetEnvironmentVariable("COE_TOKEN")
            ?? throw new CommandException("Set COE_TOKEN to a machine token, or to `Demo <persona>` while demo sign-in is on.");
        var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("COE_URL") ?? "http://127.0.0.1:5080") };
        http.DefaultRequestHeaders.Authorization = token.Split(' ', 2) is ["Demo", var persona]
            ? new AuthenticationHeaderValue("Demo", persona)
            : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
