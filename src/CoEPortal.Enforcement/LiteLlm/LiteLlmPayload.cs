using CoEPortal.Enforcement.Ingest;
using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.LiteLlm;

/// <summary>
/// LiteLLM's StandardLoggingPayload, as its <c>generic_api</c> callback sends it (docs.litellm.ai, proxy/logging_spec).
/// Times are seconds since 1970 or ISO 8601: the specification says one and its example the other. Messages, responses
/// and error texts are never read. Tested against documented payloads only: LiteLLM itself has not been run here.
/// </summary>
internal static class LiteLlmPayload
{
    public static ReportedCall? Read(LogFields log, DateTimeOffset now)
    {
        var callType = log.Text("call_type") ?? "";
        if (OperationOf(callType) is not { } operation)
        {
            return null;
        }

        var failed = log.Text("status") == "failure";
        var id = log.Text("id");
        if (id is null)
        {
            log.Reject("id is missing, so it cannot be counted once");
        }

        var start = log.Instant("startTime", now);
        if (start is null)
        {
            log.Reject("startTime is missing");
        }

        var end = log.Instant("endTime", now);
        var firstToken = log.Instant("completionStartTime", now);
        var provider = log.Text("custom_llm_provider");
        var (input, output) = (log.Tokens("prompt_tokens"), log.Tokens("completion_tokens"));
        // A call that failed before it reached a model is logged with zeros: nobody counted.
        var isUnmetered = failed && (input ?? 0) == 0 && (output ?? 0) == 0;
        return new ReportedCall
        {
            Source = "litellm",
            SourceEventId = id ?? "",
            Account = Account.GatewayPayload,
            GatewayCallId = log.Text("litellm_call_id") ?? log.Text("hidden_params.litellm_call_id") ?? id,
            ResponseId = id,
            Service = "litellm",
            StartedAt = start ?? now,
            Duration = end >= start ? end - start : null,
            TimeToFirstToken = firstToken > start && firstToken < end ? firstToken - start : null,
            Provider = provider?.ToLowerInvariant() ?? "",
            Operation = operation,
            RequestModel = WithoutProvider(log.Text("model"), provider),
            InputTokens = isUnmetered ? null : input,
            OutputTokens = isUnmetered ? null : output,
            CachedInputTokens = log.Tokens("metadata.usage_object.prompt_tokens_details.cached_tokens"),
            CacheWriteTokens = log.Tokens("metadata.usage_object.cache_creation_input_tokens"),
            ReasoningTokens = log.Tokens("metadata.usage_object.completion_tokens_details.reasoning_tokens"),
            IsBatch = callType.Contains("batch", StringComparison.Ordinal),
            // A cost that LiteLLM failed to compute is sent as zero, with the reason beside it.
            ReportedCost = log.Has("response_cost_failure_debug_info") ? null : log.Cost("response_cost"),
            Failed = failed,
            ErrorType = log.Text("error_information.error_class") ?? log.Text("error_information.error_code"),
            Guardrail = GuardrailOf(log),
            KeyHash = GenAiNormaliser.Sha256Of(log.Text("metadata.user_api_key_hash")),
            Team = log.Text("metadata.user_api_key_team_id"),
            TaggedUseCase = UseCaseOf(log),
            EndUser = log.LikelyText("end_user") ?? log.LikelyText("metadata.user_api_key_end_user_id"),
            Cohort = log.LikelyText("metadata.requester_metadata.cohort"),
        };
    }

    /// <summary>Null for calls of tools and of the proxy's own management.</summary>
    private static string? OperationOf(string callType) => callType switch
    {
        _ when callType.Contains("mcp", StringComparison.Ordinal) => null,
        _ when callType.Contains("embedding", StringComparison.Ordinal) => "embeddings",
        _ when callType.Contains("rerank", StringComparison.Ordinal) => "rerank",
        _ when callType.Contains("image", StringComparison.Ordinal) => "image_generation",
        _ when callType.Contains("text_completion", StringComparison.Ordinal) => "text_completion",
        "" or "completion" or "acompletion" or "responses" or "aresponses" or "anthropic_messages" or "generate_content" or "agenerate_content" => "chat",
        _ => callType,
    };

    private static string? WithoutProvider(string? model, string? provider) =>
        model is not null && provider is not null && model.StartsWith(provider + "/", StringComparison.OrdinalIgnoreCase) ? model[(provider.Length + 1)..] : model;

    private static GuardrailOutcome? GuardrailOf(LogFields log)
    {
        var outcomes = log.Elements("metadata.guardrail_information", 50).Concat(log.Elements("guardrail_information", 50))
            .Select(g => Guardrails.OutcomeOf(new LogFields(g).Text("guardrail_status")))
            .Append(Guardrails.OutcomeOf(log.Text("status_fields.guardrail_status"))).OfType<GuardrailOutcome>().ToList();
        return outcomes.Contains(GuardrailOutcome.Intervened) ? GuardrailOutcome.Intervened
            : outcomes.Contains(GuardrailOutcome.Failed) ? GuardrailOutcome.Failed
            : outcomes.Count > 0 ? GuardrailOutcome.Passed
            : null;
    }

    /// <summary>Of the project or key before what the caller sent along.</summary>
    private static string? UseCaseOf(LogFields log) =>
        log.Text("metadata.user_api_key_metadata.use_case_id")
        ?? log.Text("metadata.spend_logs_metadata.use_case_id")
        ?? log.Text("metadata.requester_metadata.use_case_id")
        ?? log.Text("metadata.requester_custom_headers.x-use-case-id")
        ?? log.Texts("request_tags", 50).Select(UseCaseTag).FirstOrDefault(t => t is not null);

    private static string? UseCaseTag(string tag)
    {
        var parts = tag.Split(':', 2);
        return parts is [var name, var value] && name.Trim() is "use_case" or "use-case" or "use_case_id" or "ai.use_case.id" ? parts[1].Trim()
            : tag.StartsWith("UC-", StringComparison.Ordinal) ? tag
            : null;
    }
}
