using System.Net;
using System.Net.Http.Headers;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Probes;

/// <summary>One request through a gateway. Only its status is read; it is never redirected, for a credential may go with it.</summary>
internal sealed class RouteProbe(RouteProbeSettings settings) : IRouteProbe, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = settings.Timeout,
        MaxResponseHeadersLength = 64,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = settings.Timeout,
    };

    public string Name => settings.Name;

    public async Task<ProbeAnswer> AskAsync(CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, settings.Address);
            request.Headers.Authorization = settings.Credential is { } credential ? new AuthenticationHeaderValue("Bearer", credential()) : null;
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return answer.IsSuccessStatusCode ? ProbeAnswer.Allowed
                : answer.StatusCode is HttpStatusCode.Forbidden ? ProbeAnswer.Refused
                : ProbeAnswer.Unclear;
        }
        catch (Exception error) when (
            error is HttpRequestException or IOException or GatewayAdminException || error is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return ProbeAnswer.Unclear;
        }
    }

    public void Dispose() => _http.Dispose();
}
