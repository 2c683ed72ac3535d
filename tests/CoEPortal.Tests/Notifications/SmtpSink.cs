using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CoEPortal.Tests.Notifications;

/// <summary>A mail server on loopback that keeps what it is given.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _serving;

    public SmtpSink()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    public ConcurrentQueue<ReceivedMail> Received { get; } = new();

    /// <summary>What it answers to a recipient.</summary>
    public string AnswerToRecipient { get; set; } = "250 ok";

    /// <summary>Accepts connections and says nothing.</summary>
    public bool IsSilent { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        await _serving;
        _closed.Dispose();
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_closed.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            if (IsSilent)
            {
                await Task.Delay(Timeout.Infinite, _closed.Token);
            }

            var recipients = new List<string>();
            await writer.WriteLineAsync("220 sink");
            while (await reader.ReadLineAsync(_closed.Token) is { } line && line != "QUIT")
            {
                if (line.StartsWith("RCPT", StringComparison.Ordinal))
                {
                    recipients.Add(line);
                }

                if (line != "DATA")
                {
                    await writer.WriteLineAsync(line.StartsWith("RCPT", StringComparison.Ordinal) ? AnswerToRecipient : "250 ok");
                    continue;
                }

                await writer.WriteLineAsync("354 go");
                var lines = new List<string>();
                while (await reader.ReadLineAsync(_closed.Token) is { } text && text != ".")
                {
                    lines.Add(text.StartsWith('.') ? text[1..] : text);
                }

                Received.Enqueue(new ReceivedMail([.. recipients], [.. lines.TakeWhile(l => l.Length > 0)], string.Concat(lines.SkipWhile(l => l.Length > 0))));
                recipients.Clear();
                await writer.WriteLineAsync("250 taken");
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
        }
    }
}

public sealed record ReceivedMail(string[] Recipients, string[] Headers, string Encoded)
{
    public string MessageId => HeaderOf("Message-ID");

    public string Text => Encoding.UTF8.GetString(Convert.FromBase64String(Encoded));

    public string HeaderOf(string name) => Headers.Single(h => h.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))[(name.Length + 2)..];
}
