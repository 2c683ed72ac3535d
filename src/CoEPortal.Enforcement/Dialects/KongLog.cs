using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// What Kong's log plugins send of a route with <c>ai-proxy</c> and <c>logging.log_statistics</c>
/// (kong/llm/plugin/shared-filters/serialize-analytics.lua). Payloads, addresses and
/// headers are not read, but for <c>x-gov-user</c> and <c>x-gov-cohort</c>. Tested against
/// documented payloads only: Kong itself has not been run here.
/// </summary>
internal static class KongLog
{
    public static ReportedCall? Read(LogFields log, DateTimeOffset now)
    {
        if (!log.Has("ai.proxy"))
        {
            return null;
        }

        if (log.Instant("started_at", now) is not { } started)
        {
            log.Reject("started_at is missing");
            return null;
        }

        var status = log.Tokens("response.status");
        return new ReportedCall
        {
            Source = "kong",
            SourceEventId = log.Text("request.id") ?? log.Text("response.headers.x-kong-request-id") ?? log.Digest(),
            Account = Account.GatewayLog,
            Service = "kong",
            StartedAt = started,
            Duration = log.Length("latencies.request", 0.001m),
            Provider = log.Text("ai.proxy.meta.provider_name")?.ToLowerInvariant() ?? "",
            Operation = "chat",
            RequestModel = log.Text("ai.proxy.meta.request_model"),
            ResponseModel = log.Text("ai.proxy.meta.response_model"),
            InputTokens = log.Tokens("ai.proxy.usage.prompt_tokens"),
            OutputTokens = log.Tokens("ai.proxy.usage.completion_tokens"),
            // Kong says zero where nobody configured a price.
            ReportedCost = log.Cost("ai.proxy.usage.cost") is > 0 and var cost ? cost : null,
            Failed = status >= 400,
            ErrorType = status >= 400 ? log.Text("response.status") : null,
            Route = log.Text("route.name") ?? log.Text("route.id"),
            Team = log.Text("consumer.custom_id") ?? log.Text("consumer.username"),
            EndUser = log.LikelyText("request.headers.x-gov-user"),
            Cohort = log.LikelyText("request.headers.x-gov-cohort"),
        };
    }
}
