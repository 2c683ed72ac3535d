using System.Text.Json;
using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// <c>POST /ingest/feedback</c> and <c>/ingest/evaluations</c>: JSON as an array, an object, or one object on each line, with a
/// token of the scope <c>telemetry.write</c>. What the token is bound to wins over <c>useCase</c>. 200 with what became of it.
/// <code>
/// {"id":"f-81","callId":"chatcmpl-9x","thumbs":"down","score":2,"text":"Wrong tariff","at":"2026-11-22T08:04:00Z"}
/// {"id":"run-512","suite":"golden-set","score":0.94,"examples":400,"at":"2026-11-22T06:14:00Z"}
/// </code>
/// </summary>
public static class FeedbackEndpoints
{
    private const int Most = 1_000;
    private static readonly OtlpLimits Limits = new() { DecompressedBytes = 8 * 1024 * 1024 };

    public static void MapFeedback(this IEndpointRouteBuilder routes)
    {
        TelemetryEndpoint.Map(routes, "/ingest/feedback", (HttpContext context, IngestRequest request, RecordFeedback record, TimeProvider clock) =>
            request.RunAsync(context, Limits, "application/json", async (body, sender, cancellation) =>
            {
                var (read, rejected) = ReadAll(body, item => FeedbackOf(item, clock.GetUtcNow()));
                var done = await record.RunAsync(read, sender.UseCaseKey, sender.Name, cancellation);
                return ReceiptOf(read.Count, done.Stored, done.OfNobody, rejected, "Feedback");
            }, (receipt, _) => receipt.Json()));
        TelemetryEndpoint.Map(routes, "/ingest/evaluations", (HttpContext context, IngestRequest request, RecordEvaluations record, TimeProvider clock) =>
            request.RunAsync(context, Limits, "application/json", async (body, sender, cancellation) =>
            {
                var (read, rejected) = ReadAll(body, item => EvaluationOf(item, clock.GetUtcNow()));
                var (stored, ofNobody) = await record.RunAsync(read, sender.UseCaseKey, sender.Name, cancellation);
                return ReceiptOf(read.Count, stored, ofNobody, rejected, "Evaluations");
            }, (receipt, _) => receipt.Json()));
    }

    private static (List<T> Read, List<string> Rejected) ReadAll<T>(OtlpBody body, Func<JsonElement, T> read)
    {
        var (items, rejected) = (new List<T>(), new List<string>());
        JsonItems.ForEach(body.Bytes, item =>
        {
            if (items.Count + rejected.Count >= Most)
            {
                throw new OtlpFormatException($"More than {Most} items in one request.");
            }

            try
            {
                items.Add(read(item));
            }
            catch (RuleViolationException refusal)
            {
                rejected.Add(refusal.Message);
            }
        });
        return (items, rejected);
    }

    private static ReportedFeedback FeedbackOf(JsonElement item, DateTimeOffset now)
    {
        var fields = new LogFields(item);
        var (id, useCase, callId, thumbs) = (fields.Text("id"), fields.Text("useCase"), fields.Text("callId"), fields.Text("thumbs"));
        var (score, at) = (fields.Tokens("score"), fields.Instant("at", now));
        Demand(fields, id);
        Refuse.If(thumbs is not (null or "up" or "down"), "thumbs-unknown", "thumbs is up or down.");
        // Longer than other fields, and read by people: it is bounded and redacted in its own way.
        var text = item.TryGetProperty("text", out var said) && said.ValueKind is JsonValueKind.String ? said.GetString() : null;
        return new ReportedFeedback(id!, useCase, FeedbackDraft.Of(thumbs is null ? null : thumbs == "up", score, text, callId), at ?? now);
    }

    private static ReportedEvaluation EvaluationOf(JsonElement item, DateTimeOffset now)
    {
        var fields = new LogFields(item);
        var (id, useCase, suite) = (fields.Text("id"), fields.Text("useCase"), fields.Text("suite") ?? "evaluation");
        var (score, examples, at) = (fields.Cost("score"), fields.Tokens("examples"), fields.Instant("at", now));
        Demand(fields, id);
        Refuse.If(score is null, "score-required", "score is missing: a number from 0, higher is better.");
        Refuse.If(examples is null or < 1, "examples-required", "examples is missing: how many were scored, at least 1.");
        return new ReportedEvaluation(id!, useCase, suite, score.Value, examples.Value, at ?? now);
    }

    private static void Demand(LogFields fields, string? id)
    {
        Refuse.If(id is null, "id-required", "id is missing: with it the same is taken once.");
        Refuse.If(fields.Fault is not null, "field-unusable", fields.Fault + ".");
    }

    private static Receipt ReceiptOf(int read, int stored, int ofNobody, List<string> rejected, string what)
    {
        var reasons = ofNobody > 0 ? rejected.Append("The token is bound to no use case, and useCase names none that exists.") : rejected;
        return new Receipt(
            read + rejected.Count, stored, read - stored - ofNobody, rejected.Count + ofNobody,
            rejected.Count + ofNobody > 0 ? $"{what} rejected: {string.Join(" ", reasons.Distinct().Take(10))}" : null);
    }
}
