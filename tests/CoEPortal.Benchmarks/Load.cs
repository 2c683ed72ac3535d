using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace CoEPortal.Benchmarks;

/// <summary>
/// Keep-alive requests over a few connections, as a gateway keeps them. Speaks HTTP/1.1 by hand: HttpClient itself costs
/// more than the endpoint that is measured, and on two cores that would hide the difference between two servers.
/// </summary>
internal static class Load
{
    /// <returns>Answers a second with the expected status, and the latency in microseconds at the 50th and 99th percentile.</returns>
    public static async Task<(double PerSecond, double Median, double P99)> RunAsync(Uri address, string path, string headers, int status, TimeSpan duration, int connections = 4)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}\r\n");
        var expected = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}");
        var started = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, connections)
            .Select(_ => Task.Factory.StartNew(() => Ask(address, request, expected, started, duration), TaskCreationOptions.LongRunning)).ToList();
        var latencies = (await Task.WhenAll(workers)).SelectMany(l => l).Order().ToList();
        return (latencies.Count / duration.TotalSeconds, latencies[latencies.Count / 2], latencies[(int)(latencies.Count * 0.99)]);
    }

    private static List<double> Ask(Uri address, byte[] request, byte[] expected, long started, TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        var answer = new byte[4096];
        var latencies = new List<double>(1 << 16);
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            var sent = Stopwatch.GetTimestamp();
            socket.Send(request);
            var length = 0;
            do
            {
                length += socket.Receive(answer, length, answer.Length - length, SocketFlags.None);
            }
            while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8));

            if (!answer.AsSpan(0, length).StartsWith(expected))
            {
                throw new InvalidOperationException("Another answer than expected: " + Encoding.ASCII.GetString(answer, 0, length));
            }

            latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        return latencies;
    }
}
