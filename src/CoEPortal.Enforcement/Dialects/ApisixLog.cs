using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// What APISIX's logger plugins send of a route with <c>ai-proxy</c> and <c>logging.summaries</c>
/// (apisix/plugins/ai-proxy/base.lua). Bodies and headers are not read, but for the id of the request, <c>x-gov-user</c> and <c>x-gov-cohort</c>. Tested against
/// documented payloads only: APISIX itself has not been run here.
/// </summary>
internal static class ApisixLog
{
    public static ReportedCall? Read(LogFields log, DateTimeOffset now)
    {
        if (!log.Has("llm_summary"))
        {
            return null;
        }

        if (log.Instant("start_time", now) is not { } started)
        {
            log.Reject("start_time is missing");
            return null;
        }

        var status = log.Tokens("response.status");
        const string summary = "llm_summary.";
        return new ReportedCall
        {
            Source = "apisix",
            SourceEventId = log.Text("request_id") ?? log.Text("response.headers.x-request-id") ?? log.Text("request.headers.x-request-id") ?? log.Digest(),
            Account = Account.GatewayLog,
            Service = "apisix",
            StartedAt = started,
            Duration = log.Length("latency", 0.001m) ?? log.Length(summary + "duration", 0.001m),
            Operation = "chat",
            RequestModel = log.Text(summary + "request_model"),
            ResponseModel = log.Text(summary + "model"),
            InputTokens = log.Tokens(summary + "prompt_tokens"),
            OutputTokens = log.Tokens(summary + "completion_tokens"),
            CachedInputTokens = log.Tokens(summary + "cache_read_input_tokens"),
            CacheWriteTokens = log.Tokens(summary + "cache_creation_input_tokens"),
            ReasoningTokens = log.Tokens(summary + "reasoning_tokens"),
            Failed = status >= 400,
            ErrorType = status >= 400 ? log.Text("response.status") : null,
            Guardrail = log.Text(summary + "content_risk_level") is { } risk ? risk is "high" or "block" ? GuardrailOutcome.Intervened : GuardrailOutcome.Passed : null,
            Route = log.Text("route_id"),
            Team = log.Text("consumer.username"),
            EndUser = log.LikelyText("request.headers.x-gov-user"),
            Cohort = log.LikelyText("request.headers.x-gov-cohort"),
        };
    }
}
