using System.Text.RegularExpressions;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Who tells of a call. The higher one wins where two tell of the same: a gateway sees what went over the wire, a client
/// what its library made of it; a span says more than a line of a log.
/// </summary>
public enum Account
{
    ClientEvent,
    ClientSpan,
    GatewayLog,
    GatewaySpan,
    GatewayPayload,
}

/// <summary>
/// One call of a model as a gateway or client reports it. Never holds prompt or response. What is missing stays
/// missing: a call without usage is unmetered, not free.
/// </summary>
public sealed partial record ReportedCall
{
    /// <summary>Which way it came, e.g. <c>otlp</c>. Together with <see cref="SourceEventId"/> it counts once.</summary>
    public required string Source { get; init; }

    public required string SourceEventId { get; init; }

    public Account Account { get; init; } = Account.ClientSpan;

    /// <summary>The use case that whoever deployed the sender wrote into its configuration. A claim, like the next two.</summary>
    public string? ClaimedUseCase { get; init; }

    /// <summary>The use case that the calling code named.</summary>
    public string? SpanUseCase { get; init; }

    /// <summary>The use case in metadata or tags of the request.</summary>
    public string? TaggedUseCase { get; init; }

    /// <summary>SHA-256 of the gateway's key in hexadecimal, never the key; only gateways know it.</summary>
    public string? KeyHash { get; init; }

    public string? Team { get; init; }

    public string? Route { get; init; }

    /// <summary>What calls itself so, e.g. <c>service.name</c>.</summary>
    public string Service { get; init; } = "";

    public required DateTimeOffset StartedAt { get; init; }

    public TimeSpan? Duration { get; init; }

    public TimeSpan? TimeToFirstToken { get; init; }

    public string Provider { get; init; } = "";

    public string Operation { get; init; } = "";

    public string? RequestModel { get; init; }

    public string? ResponseModel { get; init; }

    /// <summary>Includes what was read from and written to the provider's cache.</summary>
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CachedInputTokens { get; init; }

    public long? CacheWriteTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    /// <summary>Sent as a batch job, which providers price lower.</summary>
    public bool IsBatch { get; init; }

    /// <summary>US dollars.</summary>
    public decimal? ReportedCost { get; init; }

    public bool Failed { get; init; }

    public string? ErrorType { get; init; }

    /// <summary>What the gateway's guardrails did; null when nobody says.</summary>
    public GuardrailOutcome? Guardrail { get; init; }

    /// <summary>The provider's id of the answer.</summary>
    public string? ResponseId { get; init; }

    /// <summary>The gateway's own id of the call, which its span and its log share.</summary>
    public string? GatewayCallId { get; init; }

    public string? TraceId { get; init; }

    public string? SpanId { get; init; }

    /// <summary>The span that called; for a gateway that is the client's.</summary>
    public string? ParentSpanId { get; init; }

    /// <summary>
    /// What the calling code says the question is about: a short name such as <c>tariffs</c>. A sentence is not kept, because
    /// it might be what somebody asked.
    /// </summary>
    public string? Topic
    {
        get;
        init => field = value?.Trim().ToLowerInvariant() is { } name && TopicName().IsMatch(name) ? name : null;
    }

    /// <summary>Who used it, as the sender knows them. Only a keyed pseudonym is stored, see <see cref="ActiveUsers"/>; what can be no id names nobody.</summary>
    public string? EndUser
    {
        get;
        init => field = value?.Trim() is { Length: > 0 and <= LongestEndUser } and not "-" and var id ? id : null;
    }

    /// <summary>The group of people they belong to, as the calling code says: a short name, like <see cref="Topic"/>.</summary>
    public string? Cohort
    {
        get;
        init => field = value?.Trim().ToLowerInvariant() is { } name && TopicName().IsMatch(name) ? name : null;
    }

    private const int LongestEndUser = 200;

    [GeneratedRegex(@"^[\p{Ll}0-9][\p{Ll}0-9._/-]{0,39}\z")]
    private static partial Regex TopicName();

    public string Model => ResponseModel ?? RequestModel ?? "unknown";

    public bool IsMetered => InputTokens is not null || OutputTokens is not null;

    public bool IsOfGateway => Account >= Account.GatewayLog;

    /// <summary>What of the credential may be shown and stored: the beginning of a hash, or a name.</summary>
    public string Credential
    {
        get => field ?? (KeyHash is not null ? "key:" + KeyHash[..12] : Team is not null ? "team:" + Team : Route is not null ? "route:" + Route : "");
        init;
    }
}

public enum GuardrailOutcome
{
    Passed,

    /// <summary>Blocked or changed something.</summary>
    Intervened,

    /// <summary>Did not answer.</summary>
    Failed,
}

/// <summary>What became of a batch. <paramref name="Merged"/> completed a call that somebody else had told of.</summary>
public sealed record RecordedBatch(int Received, int Stored, int AlreadyKnown, int Unattributed, int Merged = 0);
