using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoEPortal.Web.Notifications;

namespace CoEPortal.Tests.Notifications;

/// <summary>The other side of a webhook on loopback, with a certificate of its own, and a client that is led there whatever name it calls.</summary>
public sealed class WebhookServer : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = Make();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _serving;

    public WebhookServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public ConcurrentQueue<string> Bodies { get; } = new();

    public int Connections { get; private set; }

    /// <summary>Everything after "HTTP/1.1 ".</summary>
    public string Answer { get; set; } = "200 OK\r\nContent-Length: 2\r\n\r\nok";

    public bool IsSilent { get; set; }

    public WebhookClient Client(bool isHeldInside = false, TimeSpan? patience = null) => new()
    {
        LookUp = (_, _, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([(IPEndPoint)_listener.LocalEndpoint]),
        MayBeCalled = isHeldInside ? CoEPortal.Governance.Notifications.PublicAddress.Is : IPAddress.IsLoopback,
        IsTrusted = certificate => certificate is X509Certificate2 known && known.Thumbprint == Certificate.Thumbprint,
        Patience = patience ?? TimeSpan.FromSeconds(10),
    };

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _serving; // Only then the listener: one disposed between two calls says "not listening" instead of that it is gone.
        _listener.Dispose();
        _closed.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync(_closed.Token));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        Connections++;
        try
        {
            using (client)
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _closed.Token);
                Bodies.Enqueue(await ReadAsync(tls));
                if (IsSilent)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _closed.Token);
                }

                await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Answer}"), _closed.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
        }
    }

    private async Task<string> ReadAsync(SslStream tls)
    {
        var (text, buffer) = (new StringBuilder(), new byte[8192]);
        while (true)
        {
            var read = await tls.ReadAsync(buffer, _closed.Token);
            if (read == 0)
            {
                throw new EndOfStreamException("Whoever called has left before they said all.");
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var all = text.ToString();
            var head = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                var length = int.Parse(all[..head].Split("\r\n").Single(h => h.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
                if (Encoding.UTF8.GetByteCount(all[(head + 4)..]) >= length)
                {
                    return all[(head + 4)..];
                }
            }
        }
    }

    private static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=webhook.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
    }
}
