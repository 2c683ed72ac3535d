using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CoEPortal.Tests.Enforcement;

/// <summary>A line that can be cut: connections through it end, and new ones are refused until it is mended.</summary>
public sealed class TcpForwarder : IDisposable
{
    private readonly int _to;
    private readonly ConcurrentBag<TcpClient> _open = [];
    private TcpListener? _listener;

    public TcpForwarder(int to)
    {
        (_to, Port) = (to, GatewayKit.FreePort());
        Mend();
    }

    public int Port { get; }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public void Cut()
    {
        _listener?.Stop();
        while (_open.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    public void Dispose() => Cut();

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var from = await listener.AcceptTcpClientAsync();
                var to = new TcpClient();
                await to.ConnectAsync(IPAddress.Loopback, _to);
                _open.Add(from);
                _open.Add(to);
                _ = PumpAsync(from, to);
                _ = PumpAsync(to, from);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            to.Dispose();
        }
    }
}
