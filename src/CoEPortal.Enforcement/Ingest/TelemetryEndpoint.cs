using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Ingest;

/// <summary><c>POST /v1/traces</c>, <c>/v1/metrics</c> and <c>/v1/logs</c> (OTLP/HTTP, protobuf and JSON, gzip).</summary>
public static class TelemetryEndpoint
{
    public static void MapTelemetry(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/v1/traces", (HttpContext context, IngestRequest request, CallsIn calls, TimeProvider clock) => ReceiveAsync(
            context, request, "rejectedSpans", (body, sender, cancellation) => calls.StoreAsync(TraceBatch.Read(body, clock.GetUtcNow()), "Spans", sender, cancellation)));
        Map(routes, "/v1/logs", (HttpContext context, IngestRequest request, CallsIn calls, TimeProvider clock) => ReceiveAsync(
            context, request, "rejectedLogRecords", (body, sender, cancellation) => calls.StoreAsync(TraceBatch.ReadLogs(body, clock.GetUtcNow()), "Log records", sender, cancellation)));
        Map(routes, "/v1/metrics", (HttpContext context, IngestRequest request, RecordMetrics metrics, TimeProvider clock) => ReceiveAsync(
            context, request, "rejectedDataPoints", async (body, sender, cancellation) =>
            {
                var batch = MetricBatch.Read(body, clock.GetUtcNow());
                var recorded = await metrics.RunAsync(batch.Points, sender.UseCaseKey, sender.Name, cancellation);
                return new Receipt(
                    batch.Points.Count + batch.Rejected.Count, recorded.Counted + recorded.CrossChecks, recorded.AlreadyKnown, batch.Rejected.Count, batch.DescribeRejections());
            }));
    }

    internal static void Map(IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapPost(path, handler).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static Task ReceiveAsync(HttpContext context, IngestRequest request, string jsonCountName, IngestRequest.Storing store) =>
        request.RunAsync(context, OtlpLimits.Default, context.Request.ContentType, store, (receipt, mediaType) => receipt.Otlp(mediaType, jsonCountName));
}
