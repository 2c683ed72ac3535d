using System.Collections.Frozen;
using System.Text;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>What an attribute tells us about a model call, whatever name it goes by.</summary>
public enum CallAttribute
{
    Operation,
    Provider,
    RequestModel,
    ResponseModel,
    ResponseId,
    InputTokens,
    OutputTokens,
    CachedInputTokens,
    CacheWriteTokens,
    ReasoningTokens,
    ReportedCost,
    TimeToFirstToken,
    ErrorType,
    UseCase,
    Service,
    EventName,
    TokenType,
    ServiceTier,
    GatewayCallId,
    KeyHash,
    Team,
    GuardrailStatus,
    Topic,
    EndUser,
    Cohort,
}

/// <summary>A name found in the table: what it means, and its place among its synonyms; 0 is preferred.</summary>
public readonly record struct AttributeName(CallAttribute Meaning, int Preference);

/// <summary>
/// The one place that knows how the GenAI conventions were and are spelled. SDKs of the same year send different
/// generations of names, some send two at once; the first of a row wins. Sources: open-telemetry
/// semantic-conventions-genai (current names), semantic-conventions 1.27 to 1.37 (gen_ai.system, prompt_tokens),
/// Traceloop OpenLLMetry (llm.*, cache_read_input_tokens), LiteLLM's otel callback (cost). Totals are not here on
/// purpose: adding a total to its parts counts twice.
/// </summary>
public static class AttributeNames
{
    private static readonly (CallAttribute Meaning, string[] Names)[] Rows =
    [
        (CallAttribute.Operation, ["gen_ai.operation.name", "llm.request.type"]),
        (CallAttribute.Provider, ["gen_ai.provider.name", "gen_ai.system"]),
        (CallAttribute.RequestModel, ["gen_ai.request.model", "llm.request.model"]),
        (CallAttribute.ResponseModel, ["gen_ai.response.model", "llm.response.model"]),
        (CallAttribute.ResponseId, ["gen_ai.response.id"]),
        (CallAttribute.InputTokens,
        [
            "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
            "llm.usage.input_tokens", "llm.usage.prompt_tokens",
        ]),
        (CallAttribute.OutputTokens,
        [
            "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
            "llm.usage.output_tokens", "llm.usage.completion_tokens",
        ]),
        (CallAttribute.CachedInputTokens,
        [
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
            "llm.usage.cache_read_input_tokens",
        ]),
        (CallAttribute.CacheWriteTokens,
        [
            "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "llm.usage.cache_creation_input_tokens",
        ]),
        (CallAttribute.ReasoningTokens,
            ["gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens"]),
        (CallAttribute.ReportedCost, ["gen_ai.usage.cost", "litellm.cost.total", "response_cost"]),
        (CallAttribute.TimeToFirstToken, ["gen_ai.response.time_to_first_chunk"]),
        (CallAttribute.ErrorType, ["error.type"]),
        (CallAttribute.UseCase, ["ai.use_case.id"]),
        (CallAttribute.Service, ["service.name"]),
        (CallAttribute.EventName, ["event.name"]),
        (CallAttribute.TokenType, ["gen_ai.token.type"]),
        (CallAttribute.ServiceTier, ["openai.response.service_tier", "gen_ai.openai.response.service_tier", "gen_ai.openai.request.service_tier"]),
        (CallAttribute.GatewayCallId, ["litellm.call_id"]),
        (CallAttribute.KeyHash, ["litellm.api_key.hash"]),
        (CallAttribute.Team, ["litellm.team.id"]),
        (CallAttribute.GuardrailStatus, ["litellm.guardrail.status"]),
        (CallAttribute.Topic, ["ai.topic"]),
        (CallAttribute.EndUser, ["user.id", "enduser.id", "enduser.pseudo.id"]),
        (CallAttribute.Cohort, ["ai.cohort"]),
    ];

    private static readonly FrozenDictionary<string, AttributeName> ByName = Rows
        .SelectMany(row => row.Names.Select((name, preference) => (name, new AttributeName(row.Meaning, preference))))
        .ToFrozenDictionary(entry => entry.name, entry => entry.Item2, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, AttributeName>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly int LongestName = ByName.Keys.Max(name => name.Length);

    /// <summary>Looks a name up as it stands on the wire, in UTF-8, without making a string of it.</summary>
    public static bool TryFind(ReadOnlySpan<byte> utf8, out AttributeName found)
    {
        Span<char> name = stackalloc char[64];
        if (utf8.Length > LongestName || !Encoding.ASCII.TryGetChars(utf8, name, out var length))
        {
            found = default;
            return false;
        }
        return BySpan.TryGetValue(name[..length], out found);
    }
}
