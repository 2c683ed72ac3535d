using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// What all telemetry goes through, whatever it is: token, gate, bounded body, storing, and an answer that tells the
/// sender whether to send again. 200 only after the commit; a passing fault is 503 with Retry-After, because senders
/// drop a batch for good on 500. No body is ever logged.
/// </summary>
internal sealed class IngestRequest(MachineDoor door, IngestGate gate, ILogger<IngestRequest> log)
{
    private const string SecondsUntilRetry = "5";

    /// <summary>Reads and stores.</summary>
    public delegate Task<Receipt> Storing(OtlpBody body, TokenHolder sender, CancellationToken cancellation);

    public async Task RunAsync(HttpContext context, OtlpLimits limits, string? contentType, Storing store, Func<Receipt, OtlpMediaType, byte[]> answer)
    {
        var mediaType = OtlpResponse.MediaTypeFor(contentType);
        if (door.Admit(context.Request, MachineToken.TelemetryWrite) is not { } sender)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await RefuseAsync(context, 401, mediaType, "Send a machine token with the scope telemetry.write as Authorization: Bearer.");
            return;
        }

        if (gate.Enter(sender.Id) is > 0 and var busy)
        {
            await AskToRetryAsync(context, busy, mediaType, busy == 429 ? "Too many requests of this token are under way. Send this again." : "The portal is busy. Send this again.");
            return;
        }

        try
        {
            AllowBodyOf(context, limits);
            using var body = await OtlpBody.ReadAsync(
                context.Request.Body, contentType, context.Request.Headers.ContentEncoding, context.Request.ContentLength, limits, context.RequestAborted);
            var receipt = await gate.StoreAsync(() => store(body, sender, context.RequestAborted), context.RequestAborted);
            await AnswerAsync(context, 200, mediaType, answer(receipt, mediaType));
        }
        catch (OtlpRefusalException refusal)
        {
            await RefuseAsync(context, refusal.StatusCode, mediaType, refusal.Message);
        }
        catch (BadHttpRequestException refusal)
        {
            await RefuseAsync(context, refusal.StatusCode, mediaType, "The request body could not be read.");
        }
        catch (Exception error) when (IsPassing(error))
        {
            log.LogWarning(error, "Telemetry could not be stored; the sender is asked to send it again");
            await AskToRetryAsync(context, 503, mediaType, "This could not be stored now. Send it again.");
        }
        finally
        {
            gate.Leave(sender.Id);
        }
    }

    private static bool IsPassing(Exception error) =>
        error is NpgsqlException { IsTransient: true } or TimeoutException or DbUpdateException or InvalidOperationException { InnerException: NpgsqlException };

    // Kestrel's own limit is lower than ours and would close the connection instead of answering.
    private static void AllowBodyOf(HttpContext context, OtlpLimits limits)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limits.DecompressedBytes + 1L;
        }
    }

    private static Task AskToRetryAsync(HttpContext context, int status, OtlpMediaType mediaType, string message)
    {
        context.Response.Headers.RetryAfter = SecondsUntilRetry;
        return RefuseAsync(context, status, mediaType, message);
    }

    private static Task RefuseAsync(HttpContext context, int status, OtlpMediaType mediaType, string message) =>
        AnswerAsync(context, status, mediaType, OtlpResponse.Refused(mediaType, message));

    private static async Task AnswerAsync(HttpContext context, int status, OtlpMediaType mediaType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType.ContentType();
        await context.Response.Body.WriteAsync(body);
    }
}
