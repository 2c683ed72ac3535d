using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>What gateways call the outcome of a guardrail (LiteLLM, StandardLoggingPayload <c>guardrail_status</c>).</summary>
internal static class Guardrails
{
    public static GuardrailOutcome? OutcomeOf(string? status) => status switch
    {
        "success" => GuardrailOutcome.Passed,
        "guardrail_intervened" or "blocked" => GuardrailOutcome.Intervened,
        "guardrail_failed_to_respond" or "failure" => GuardrailOutcome.Failed,
        _ => null,
    };
}
