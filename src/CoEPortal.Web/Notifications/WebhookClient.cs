using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Web.Notifications;

/// <summary>
/// Calls an address that somebody entered, and nothing within this network. The name is looked up here and the connection goes to
/// exactly what was found and looked at, so a name that answers otherwise a moment later leads nowhere else. No proxy, no
/// redirect, no cookie, and no more of the answer than its status and one word. An error never says the address.
/// </summary>
public sealed class WebhookClient : IDisposable
{
    private const int LongestWord = 64;

    private readonly HttpClient _http;

    public WebhookClient()
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            // A kept connection would be one whose address was looked at long ago.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors is System.Net.Security.SslPolicyErrors.None || IsTrusted?.Invoke(certificate) is true },
        }, disposeHandler: true)
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>For all of it. Well below the lease of a message, or another worker would send it meanwhile.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Only tests name another: theirs lead to a server on this machine.</summary>
    internal Func<string, int, CancellationToken, Task<IReadOnlyList<IPEndPoint>>> LookUp { get; init; } =
        async (host, port, cancellation) => [.. (await Dns.GetHostAddressesAsync(host, cancellation)).Select(a => new IPEndPoint(a, port))];

    /// <summary>Only tests name another: theirs allow this machine.</summary>
    internal Func<IPAddress, bool> MayBeCalled { get; init; } = PublicAddress.Is;

    /// <summary>Only tests name one, for the certificate of their own server.</summary>
    internal Func<X509Certificate?, bool>? IsTrusted { get; init; }

    /// <exception cref="WebhookException">It was not taken; the message says why, without the address.</exception>
    public async Task PostAsync(Uri address, JsonObject payload, CancellationToken cancellation = default)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Patience);
        try
        {
            using var content = new StringContent(payload.ToJsonString(), Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            if ((int)answer.StatusCode is >= 300 and < 400)
            {
                throw new WebhookException("The webhook answered with a redirect, and redirects are not followed. Enter the address it leads to.");
            }

            if (!answer.IsSuccessStatusCode)
            {
                throw new WebhookException($"The webhook answered {(int)answer.StatusCode}{await WordOfAsync(answer, bounded.Token)}.");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WebhookException($"The webhook did not answer within {Patience.TotalSeconds:0} s.");
        }
        catch (IOException)
        {
            throw new WebhookException("The webhook answered with something that is no answer.");
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as WebhookException ?? new WebhookException(error.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "The name of the webhook leads nowhere from this portal.",
                HttpRequestError.SecureConnectionError => "The webhook has no certificate that this portal trusts.",
                HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => "The webhook answered with something that is no answer.",
                _ => "The webhook cannot be reached.",
            });
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        IReadOnlyList<IPEndPoint> found;
        try
        {
            found = await LookUp(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
        }
        catch (SocketException)
        {
            found = [];
        }

        // One that leads inside spoils them all: a name of Slack or Teams has none.
        if (found.Count == 0 || !found.All(e => MayBeCalled(e.Address)))
        {
            throw new WebhookException(found.Count == 0
                ? "The name of the webhook leads nowhere from this portal."
                : "The name of the webhook leads into this network (a private, loopback, link-local or reserved address), and was not called.");
        }

        Exception? last = null;
        foreach (var endPoint in found)
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(endPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                last = error;
                cancellation.ThrowIfCancellationRequested();
            }
        }

        throw last!;
    }

    /// <summary>Slack says in one word what is wrong, such as <c>no_service</c>. Anything else of an answer is not read further.</summary>
    private static async Task<string> WordOfAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var bytes = new byte[LongestWord + 1];
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        var word = Encoding.ASCII.GetString(bytes, 0, read);
        return read is > 0 and <= LongestWord && word.All(c => char.IsAsciiLetterLower(c) || c == '_') ? $", {word}" : "";
    }
}

/// <summary>Why a message did not reach a webhook, in words that hold nothing of its address.</summary>
public sealed class WebhookException(string message) : Exception(message);
