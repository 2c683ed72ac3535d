namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// One call of a model, as a span told it. Null means "not reported" and never zero: a stream without usage is
/// unmetered, not free. Holds no prompt and no answer. All texts are at most 200 characters and free of
/// control characters.
/// </summary>
public sealed record GenAiCall
{
    /// <summary><c>otlp:{trace id}:{span id}</c>: the same span sent twice is the same event.</summary>
    public required string EventId { get; init; }

    /// <summary>32 lower-case hex digits.</summary>
    public required string TraceId { get; init; }

    /// <summary>16 lower-case hex digits.</summary>
    public required string SpanId { get; init; }

    /// <summary>UTC, to the microsecond.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Never negative.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Lower case, e.g. <c>openai</c>, <c>aws.bedrock</c>: SDKs disagree about capitals.</summary>
    public string? Provider { get; init; }

    /// <summary>
    /// chat, generate_content, text_completion, embeddings, rerank or image_generation; what Envoy AI Gateway and
    /// OpenLLMetry call completion, embedding and messages is given its semantic convention name.
    /// </summary>
    public required string Operation { get; init; }

    public string? RequestModel { get; init; }

    public string? ResponseModel { get; init; }

    /// <summary>Includes the cached ones where the sender follows the conventions.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Includes the reasoning ones where the sender follows the conventions.</summary>
    public long? OutputTokens { get; init; }

    public long? CachedInputTokens { get; init; }

    public long? CacheWriteTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    /// <summary>US dollars, rounded to the twelve decimals the database keeps; as the gateway computed it.</summary>
    public decimal? ReportedCost { get; init; }

    public required GenAiCallStatus Status { get; init; }

    /// <summary>As sent, e.g. <c>timeout</c>, <c>500</c>, <c>InternalServerError</c>.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The provider's id of the answer: joins what client and gateway tell of one call.</summary>
    public string? ResponseId { get; init; }

    /// <summary>The gateway's id of the call (LiteLLM): its log carries the same.</summary>
    public string? GatewayCallId { get; init; }

    /// <summary>16 lower-case hex digits; null for a root span.</summary>
    public string? ParentSpanId { get; init; }

    /// <summary>
    /// What whoever deployed the sender says it is. A claim, good for attribution where the token is bound to no use
    /// case, never for a decision: baggage and attributes are in the sender's hands.
    /// </summary>
    public string? DeployedUseCase { get; init; }

    /// <summary>What the calling code says it is; a claim as well.</summary>
    public string? SpanUseCase { get; init; }

    public string? ClaimedUseCase => DeployedUseCase ?? SpanUseCase;

    /// <summary>SHA-256 of the gateway's key, lower-case hexadecimal.</summary>
    public string? KeyHash { get; init; }

    public string? Team { get; init; }

    /// <summary>The sender's <c>service.name</c>.</summary>
    public string? Service { get; init; }

    public bool IsBatch { get; init; }

    /// <summary>What the calling code says the question is about, e.g. <c>tariffs</c>.</summary>
    public string? Topic { get; init; }

    /// <summary>Who used it, as the sender knows them; null for what can be no id, which is no reason to refuse a call.</summary>
    public string? EndUser { get; init; }

    /// <summary>The group of people they belong to, e.g. <c>claims-north</c>.</summary>
    public string? Cohort { get; init; }

    /// <summary>As LiteLLM spells it: success, guardrail_intervened, guardrail_failed_to_respond.</summary>
    public string? GuardrailStatus { get; init; }

    /// <summary>Told by an event of a log, which has no length.</summary>
    public bool IsEvent { get; init; }

    /// <summary>A gateway's account of a call outranks the client's.</summary>
    public required bool IsGateway { get; init; }

    /// <summary>Only streams report it.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }
}

public enum GenAiCallStatus
{
    Ok,
    Error,
}
