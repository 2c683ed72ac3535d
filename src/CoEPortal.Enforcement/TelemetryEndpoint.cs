using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoEPortal.Enforcement;

/// <summary>
/// <c>POST /v1/traces</c> (OTLP/HTTP). 200 only after the calls are committed; a passing fault is 503 with
/// Retry-After, because senders drop a batch for good on 500.
/// </summary>
public static class TelemetryEndpoint
{
    private static readonly OtlpLimits Limits = new();

    public static void MapTelemetry(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/traces", ReceiveTracesAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static async Task ReceiveTracesAsync(
        HttpContext context, MachineDoor door, RecordCalls recordCalls, TimeProvider clock, ILoggerFactory logs)
    {
        var mediaType = OtlpResponse.MediaTypeFor(context.Request.ContentType);
        if (door.Admit(context.Request, MachineToken.TelemetryWrite) is not { } sender)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await AnswerAsync(context, 401, mediaType, OtlpResponse.Refused(mediaType, "Send a machine token with the scope telemetry.write as Authorization: Bearer."));
            return;
        }

        // Kestrel's own limit is lower than ours and would close the connection instead of answering.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Limits.DecompressedBytes + 1L;
        }

        try
        {
            using var body = await OtlpBody.ReadAsync(
                context.Request.Body, context.Request.ContentType, context.Request.Headers.ContentEncoding, context.Request.ContentLength,
                Limits, context.RequestAborted);
            var batch = TraceBatch.Read(body, clock.GetUtcNow());
            var recorded = await recordCalls.RunAsync([.. batch.Calls.Select(ReportedCallOf)], sender.UseCaseKey, context.RequestAborted);
            await AnswerAsync(context, 200, mediaType, OtlpResponse.Accepted(mediaType, batch.Rejected.Count, MessageOf(batch, recorded)));
        }
        catch (OtlpRefusalException refusal)
        {
            await AnswerAsync(context, refusal.StatusCode, mediaType, OtlpResponse.Refused(mediaType, refusal.Message));
        }
        catch (BadHttpRequestException refusal)
        {
            await AnswerAsync(context, refusal.StatusCode, mediaType, OtlpResponse.Refused(mediaType, "The request body could not be read."));
        }
        catch (Exception error) when (error is NpgsqlException { IsTransient: true } or TimeoutException or Microsoft.EntityFrameworkCore.DbUpdateException or InvalidOperationException { InnerException: NpgsqlException })
        {
            logs.CreateLogger(typeof(TelemetryEndpoint)).LogWarning(error, "Telemetry could not be stored; the sender is asked to send it again");
            context.Response.Headers.RetryAfter = "5";
            await AnswerAsync(context, 503, mediaType, OtlpResponse.Refused(mediaType, "The calls could not be stored now. Send them again."));
        }
    }

    private static string? MessageOf(TraceBatch batch, RecordedBatch recorded) =>
        (batch.DescribeRejections(), recorded.Unattributed) switch
        {
            (null, 0) => null,
            ({ } rejections, 0) => rejections,
            (var rejections, var count) => $"{rejections} {count} calls name no known use case. They are stored and shown as unattributed.".Trim(),
        };

    private static ReportedCall ReportedCallOf(GenAiCall call) => new()
    {
        Source = "otlp",
        SourceEventId = call.EventId,
        ClaimedUseCase = call.ClaimedUseCase,
        StartedAt = call.StartedAt,
        Duration = call.Duration,
        Provider = call.Provider ?? "",
        Operation = call.Operation,
        RequestModel = call.RequestModel,
        ResponseModel = call.ResponseModel,
        InputTokens = call.InputTokens,
        OutputTokens = call.OutputTokens,
        CachedInputTokens = call.CachedInputTokens,
        ReasoningTokens = call.ReasoningTokens,
        ReportedCost = call.ReportedCost,
        Failed = call.Status is GenAiCallStatus.Error,
        ErrorType = call.ErrorType,
        ResponseId = call.ResponseId,
        TraceId = call.TraceId,
        SpanId = call.SpanId,
    };

    private static async Task AnswerAsync(HttpContext context, int status, OtlpMediaType mediaType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType.ContentType();
        await context.Response.Body.WriteAsync(body);
    }
}
