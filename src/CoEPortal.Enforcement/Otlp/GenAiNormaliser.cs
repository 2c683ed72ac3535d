namespace CoEPortal.Enforcement.Otlp;

/// <summary>What a span turned out to be.</summary>
public abstract record SpanReading
{
    private SpanReading()
    {
    }

    /// <summary>A call of a model, to be counted.</summary>
    public sealed record ModelCall(GenAiCall Call) : SpanReading;

    /// <summary>A call of a model that cannot be counted as sent; the reason is for the sender.</summary>
    public sealed record Rejected(string Reason) : SpanReading;

    /// <summary>An agent, tool, workflow or the HTTP child of a call. Counting it would count twice.</summary>
    public sealed record NotACall : SpanReading
    {
        internal static NotACall Instance { get; } = new();
    }
}

/// <summary>
/// From a span of any SDK or gateway to the one shape we count. Pure. Sources: OpenTelemetry GenAI client spans
/// (semantic-conventions-genai, "Inference" and "Embeddings"), observed SDKs, Envoy AI Gateway, OpenLLMetry.
/// </summary>
public static class GenAiNormaliser
{
    private static readonly DateTimeOffset Earliest = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(24);

    public static SpanReading Read(OtlpSpan span, DateTimeOffset now)
    {
        if (OperationOf(span.Attributes) is not { } operation)
        {
            return SpanReading.NotACall.Instance;
        }
        if (span is not { TraceId: { } traceId, SpanId: { } spanId })
        {
            return new SpanReading.Rejected("trace id or span id is not valid");
        }

        var attributes = new CheckedAttributes(span.Attributes);
        CheckTimes(span, now, attributes);
        var errorType = attributes.Text(CallAttribute.ErrorType, "error type");
        var call = new GenAiCall
        {
            EventId = $"otlp:{traceId}:{spanId}",
            TraceId = traceId,
            SpanId = spanId,
            StartedAt = span.StartedAt,
            Duration = span.EndedAt - span.StartedAt,
            Provider = attributes.Text(CallAttribute.Provider, "provider")?.ToLowerInvariant(),
            Operation = operation,
            RequestModel = attributes.Text(CallAttribute.RequestModel, "request model"),
            ResponseModel = attributes.Text(CallAttribute.ResponseModel, "response model"),
            InputTokens = attributes.Tokens(CallAttribute.InputTokens, "input tokens"),
            OutputTokens = attributes.Tokens(CallAttribute.OutputTokens, "output tokens"),
            CachedInputTokens = attributes.Tokens(CallAttribute.CachedInputTokens, "cached input tokens"),
            CacheWriteTokens = attributes.Tokens(CallAttribute.CacheWriteTokens, "cache write tokens"),
            ReasoningTokens = attributes.Tokens(CallAttribute.ReasoningTokens, "reasoning tokens"),
            ReportedCost = attributes.Cost(CallAttribute.ReportedCost, "cost"),
            Status = span.StatusCode is OtlpStatusCode.Error || errorType is not null
                ? GenAiCallStatus.Error
                : GenAiCallStatus.Ok,
            ErrorType = errorType,
            ResponseId = attributes.Text(CallAttribute.ResponseId, "response id"),
            GatewayCallId = attributes.Text(CallAttribute.GatewayCallId, "call id"),
            ParentSpanId = span.ParentSpanId,
            DeployedUseCase = attributes.Text(span.Resource[CallAttribute.UseCase], "use case"),
            SpanUseCase = attributes.Text(CallAttribute.UseCase, "use case"),
            KeyHash = Sha256Of(attributes.Text(CallAttribute.KeyHash, "key hash")),
            Team = attributes.Text(CallAttribute.Team, "team"),
            Service = attributes.Text(span.Resource[CallAttribute.Service], "service name"),
            IsBatch = attributes.Text(CallAttribute.ServiceTier, "service tier") is "batch",
            GuardrailStatus = attributes.Text(CallAttribute.GuardrailStatus, "guardrail status"),
            Topic = attributes.Text(CallAttribute.Topic, "topic"),
            EndUser = span.Attributes[CallAttribute.EndUser].Text ?? span.Resource[CallAttribute.EndUser].Text,
            Cohort = span.Attributes[CallAttribute.Cohort].Text ?? span.Resource[CallAttribute.Cohort].Text,
            IsGateway = IsGateway(span),
            TimeToFirstToken = attributes.Seconds(CallAttribute.TimeToFirstToken, "time to first token"),
        };
        return attributes.Fault is { } reason ? new SpanReading.Rejected(reason) : new SpanReading.ModelCall(call);
    }

    /// <summary>Null for what is not a call of a model.</summary>
    internal static string? OperationOf(OtlpAttributes attributes) => attributes[CallAttribute.Operation].Text switch
    {
        "chat" or "messages" => "chat",
        "generate_content" => "generate_content",
        "text_completion" or "completion" => "text_completion",
        "embeddings" or "embedding" => "embeddings",
        "rerank" => "rerank",
        "image_generation" => "image_generation",
        _ => null,
    };

    private static void CheckTimes(OtlpSpan span, DateTimeOffset now, CheckedAttributes attributes)
    {
        if (span.StartedAt < Earliest || span.EndedAt < Earliest)
        {
            attributes.Reject("start or end is missing or before 2015");
        }
        else if (span.StartedAt > now + ClockTolerance || span.EndedAt > now + ClockTolerance)
        {
            attributes.Reject("start or end is more than 24 hours ahead of our clock");
        }
        else if (span.EndUnixNanos < span.StartUnixNanos)
        {
            attributes.Reject("ends before it starts");
        }
    }

    // Anything else could be the key itself, which must not be stored.
    internal static string? Sha256Of(string? hash) =>
        hash is { Length: 64 } && hash.All(char.IsAsciiHexDigit) ? hash.ToLowerInvariant() : null;

    // "litellm" is the proxy's tracer; "opentelemetry.instrumentation.litellm" is a client library and no gateway.
    private static bool IsGateway(OtlpSpan span) => span.Kind is OtlpSpanKind.Server || IsGateway(span.Scope);

    internal static bool IsGateway(OtlpScope scope) =>
        scope.Name is { } name && (name is "litellm" || name.StartsWith("envoyproxy/ai-gateway", StringComparison.Ordinal));
}
