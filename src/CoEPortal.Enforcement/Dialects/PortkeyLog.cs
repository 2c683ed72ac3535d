using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// What Portkey's <c>default.log</c> hook sends (observed with gateway 1.15.2). It carries the request's headers, among
/// them <c>x-portkey-config</c> with the provider's API key, and prompt and answer: none of these is read. It has no time
/// and, for streams, no answer; such a log is told apart by its trace.
/// </summary>
internal static class PortkeyLog
{
    public static ReportedCall? Read(LogFields log, DateTimeOffset now)
    {
        var operation = log.Text("requestType") switch
        {
            "chatComplete" or "messages" or "createModelResponse" => "chat",
            "complete" => "text_completion",
            "embed" => "embeddings",
            "imageGenerate" => "image_generation",
            _ => null,
        };
        if (operation is null || log.Text("eventType") is "beforeRequestHook")
        {
            return null;
        }

        var id = log.Text("response.json.id");
        var status = log.Tokens("response.statusCode");
        const string usage = "response.json.usage.";
        return new ReportedCall
        {
            Source = "portkey",
            SourceEventId = id ?? log.Text("request.headers.x-portkey-trace-id") ?? log.Digest(),
            Account = Account.GatewayLog,
            ResponseId = id,
            Service = "portkey",
            StartedAt = log.LikelyInstant("response.json.created", now) ?? now,
            Provider = log.Text("provider")?.ToLowerInvariant() ?? "",
            Operation = operation,
            RequestModel = log.Text("request.json.model"),
            ResponseModel = log.Text("response.json.model"),
            InputTokens = log.Tokens(usage + "prompt_tokens") ?? log.Tokens(usage + "input_tokens"),
            OutputTokens = log.Tokens(usage + "completion_tokens") ?? log.Tokens(usage + "output_tokens"),
            CachedInputTokens = log.Tokens(usage + "prompt_tokens_details.cached_tokens") ?? log.Tokens(usage + "cache_read_input_tokens"),
            ReasoningTokens = log.Tokens(usage + "completion_tokens_details.reasoning_tokens"),
            IsBatch = log.Text("response.json.service_tier") is "batch",
            Failed = status >= 400,
            ErrorType = status >= 400 ? log.Text("response.statusCode") : null,
            // 446 and 246: a hook of Portkey refused the call
            Guardrail = status is 446 or 246 ? GuardrailOutcome.Intervened : null,
            TaggedUseCase = log.Text("metadata.use_case_id") ?? log.Text("metadata.use_case"),
            EndUser = log.LikelyText("metadata._user"),
            Cohort = log.LikelyText("metadata.cohort"),
        };
    }
}
