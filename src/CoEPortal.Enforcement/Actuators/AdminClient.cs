using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CoEPortal.Governance.KillSwitches;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>
/// Requests to the HTTP administration of a gateway: bounded in time and size, never redirected, for a credential goes with
/// them. What is said of a failure names the status, and nothing that came back.
/// </summary>
internal sealed class AdminClient(ActuatorSettings settings, Action<HttpRequestHeaders, string> sign) : IDisposable
{
    private const int LargestAnswer = 4 << 20;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = settings.Timeout,
        MaxResponseHeadersLength = 64,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        BaseAddress = new Uri(settings.Address.AbsoluteUri.TrimEnd('/') + "/"),
        Timeout = settings.Timeout,
        MaxResponseContentBufferSize = LargestAnswer,
    };

    public void Dispose() => _http.Dispose();

    /// <returns>Null for 404.</returns>
    public async Task<JsonElement?> GetAsync(string path, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }

        Demand(answer, path);
        try
        {
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation), new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new GatewayAdminException($"GET {Plain(path)} did not answer with an object.");
        }
        catch (JsonException error)
        {
            throw new GatewayAdminException($"GET {Plain(path)} did not answer with JSON.", error);
        }
    }

    public async Task OrderAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        using var answer = await SendAsync(method, path, body, cancellation);
        Demand(answer, path);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path.TrimStart('/'), UriKind.Relative));
            if (settings.Credential is { } credential)
            {
                sign(request.Headers, credential());
            }

            request.Content = body is null ? null : JsonContent.Create(body);
            return await _http.SendAsync(request, cancellation);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new GatewayAdminException($"No answer within {settings.Timeout.TotalSeconds:0.#} s.", error);
        }
        catch (HttpRequestException error)
        {
            throw new GatewayAdminException(error.HttpRequestError switch
            {
                HttpRequestError.ConfigurationLimitExceeded => "The answer is too large.",
                HttpRequestError.SecureConnectionError => "No trusted TLS connection.",
                HttpRequestError.NameResolutionError => "The name of its host is not known.",
                HttpRequestError.ConnectionError => "It takes no connection.",
                _ => "The connection broke.",
            }, error);
        }
        catch (IOException error)
        {
            throw new GatewayAdminException("Its credential cannot be read.", error);
        }
    }

    private static void Demand(HttpResponseMessage answer, string path)
    {
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new GatewayAdminException($"It does not take our credential ({(int)answer.StatusCode}).");
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw new GatewayAdminException($"{answer.RequestMessage!.Method} {Plain(path)} was answered with {(int)answer.StatusCode}.");
        }
    }

    // Without what names a key.
    private static string Plain(string path) => "/" + path.Split('?')[0].TrimStart('/');
}
