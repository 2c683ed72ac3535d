using System.Net.Http.Headers;
using System.Text;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Audit;

/// <summary>
/// Posts checkpoints to the address in <c>Portal__CheckpointWebhook</c>, as text. The newest one contains what the earlier
/// ones say, so while the other side cannot be reached only that one is kept and tried again with the next.
/// </summary>
public sealed partial class CheckpointWebhook(Uri address, ILogger<CheckpointWebhook> log) : ICheckpointSink, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
    private Task _posting = Task.CompletedTask;
    private string? _waiting;

    public Task PublishAsync(string note, CancellationToken cancellation)
    {
        Volatile.Write(ref _waiting, note);
        if (_posting.IsCompleted)
        {
            _posting = PostAsync();
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _http.Dispose();

    private async Task PostAsync()
    {
        while (Interlocked.Exchange(ref _waiting, null) is { } note)
        {
            try
            {
                using var content = new StringContent(note, Encoding.UTF8, new MediaTypeHeaderValue("text/plain"));
                using var answer = await _http.PostAsync(address, content);
                answer.EnsureSuccessStatusCode();
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                LogNotPosted(error, address.Host);
                Interlocked.CompareExchange(ref _waiting, note, null);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A checkpoint of the audit log could not be given to {Host}; the next one is")]
    private partial void LogNotPosted(Exception error, string host);
}
