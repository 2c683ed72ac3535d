using System.Collections.Frozen;
using CoEPortal.Enforcement.Alerts;
using CoEPortal.Enforcement.Dialects;
using CoEPortal.Enforcement.LiteLlm;
using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// <c>POST /ingest/litellm[/alerts]</c>, <c>/ingest/logs/{portkey|kong|apisix|nginx}</c> and <c>/ingest/alertmanager</c>:
/// JSON as an array, an object, or one object on each line. 200 with what became of it; errors as with OTLP.
/// </summary>
public static class LogEndpoints
{
    private static readonly OtlpLimits Limits = new() { DecompressedBytes = 16 * 1024 * 1024 };

    private static readonly FrozenDictionary<string, ReadLog> Dialects = new Dictionary<string, ReadLog>
    {
        ["portkey"] = PortkeyLog.Read,
        ["kong"] = KongLog.Read,
        ["apisix"] = ApisixLog.Read,
        ["nginx"] = NginxLog.Read,
    }.ToFrozenDictionary();

    private static readonly string[] JsonTypes = ["application/json", "application/x-ndjson", "application/jsonl", "application/x-jsonlines", "text/plain"];

    public static void MapLogs(this IEndpointRouteBuilder routes)
    {
        TelemetryEndpoint.Map(routes, "/ingest/litellm", (HttpContext context, IngestRequest request, CallsIn calls, TimeProvider clock) =>
            ReceiveCallsAsync(context, request, calls, clock, LiteLlmPayload.Read));
        TelemetryEndpoint.Map(routes, "/ingest/logs/{dialect}", async (string dialect, HttpContext context, IngestRequest request, CallsIn calls, TimeProvider clock) =>
        {
            if (Dialects.TryGetValue(dialect, out var readLog))
            {
                await ReceiveCallsAsync(context, request, calls, clock, readLog);
                return;
            }

            context.Response.StatusCode = 404;
            await context.Response.WriteAsJsonAsync(new { message = $"There is no such dialect. There are {string.Join(", ", Dialects.Keys.Order(StringComparer.Ordinal))}." });
        });
        TelemetryEndpoint.Map(routes, "/ingest/litellm/alerts", (HttpContext context, IngestRequest request, RecordSignals signals, TimeProvider clock) =>
            ReceiveSignalsAsync(context, request, signals, clock, (item, now, read, rejected) =>
            {
                var fields = new LogFields(item);
                var signal = LiteLlmBudgetAlert.Read(fields, now);
                if (signal is not null && fields.Fault is null)
                {
                    read.Add(signal);
                }
                else
                {
                    rejected.Add(fields.Fault!);
                }
            }));
        TelemetryEndpoint.Map(routes, "/ingest/alertmanager", (HttpContext context, IngestRequest request, RecordSignals signals, TimeProvider clock) =>
            ReceiveSignalsAsync(context, request, signals, clock, AlertmanagerWebhook.Read));
    }

    private delegate void ReadSignals(System.Text.Json.JsonElement item, DateTimeOffset now, List<ReportedSignal> signals, List<string> rejected);

    private static Task ReceiveCallsAsync(HttpContext context, IngestRequest request, CallsIn calls, TimeProvider clock, ReadLog readLog) =>
        ReceiveAsync(context, request, (body, sender, cancellation) =>
        {
            var batch = LogBatch.Read(body.Bytes, clock.GetUtcNow(), readLog);
            return calls.StoreAsync(batch.Calls, batch.Rejected.Count, batch.DescribeRejections(), sender, cancellation);
        });

    private static Task ReceiveSignalsAsync(HttpContext context, IngestRequest request, RecordSignals recordSignals, TimeProvider clock, ReadSignals read) =>
        ReceiveAsync(context, request, async (body, sender, cancellation) =>
        {
            var signals = new List<ReportedSignal>();
            var rejected = new List<string>();
            JsonItems.ForEach(body.Bytes, item => read(item, clock.GetUtcNow(), signals, rejected));
            var stored = await recordSignals.RunAsync(signals, sender.UseCaseKey, cancellation);
            return new Receipt(signals.Count + rejected.Count, stored, signals.Count - stored, rejected.Count, rejected.Count > 0 ? $"Alerts rejected: {string.Join("; ", rejected.Distinct().Take(10))}." : null);
        });

    private static Task ReceiveAsync(HttpContext context, IngestRequest request, IngestRequest.Storing store)
    {
        // Senders disagree about the type of ndjson, and some name none.
        var sent = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        var contentType = sent is null || JsonTypes.Contains(sent) ? "application/json" : sent;
        return request.RunAsync(context, Limits, contentType, store, (receipt, _) => receipt.Json());
    }
}
