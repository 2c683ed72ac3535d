using System.Net;
using System.Text;

namespace CoEPortal.Tests.Enforcement;

/// <summary>A model's endpoint in the form of OpenAI's: answers whatever comes, with usage; the model <c>broken</c> fails.</summary>
internal sealed class FakeModel : IDisposable
{
    private readonly HttpListener _listener = new();
    private int _answers;

    public FakeModel()
    {
        Port = GatewayKit.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                var isBroken = (await reader.ReadToEndAsync()).Contains("\"broken\"", StringComparison.Ordinal);
                context.Response.StatusCode = isBroken ? 500 : 200;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(isBroken ? """{"error":{"message":"It broke."}}""" : AnswerOf(++_answers)));
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private string AnswerOf(int number) =>
        $$$"""
        {"id":"chatcmpl-{{{Port}}}-{{{number}}}","object":"chat.completion","created":1795375604,"model":"gpt-4o-mini-2024-07-18",
         "choices":[{"index":0,"message":{"role":"assistant","content":"a model's answer","refusal":null},"logprobs":null,"finish_reason":"stop"}],
         "usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}
        """;
}
