using System.Text.Json;
using CoEPortal.Governance.KillSwitches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// LiteLLM's generic guardrail, <c>POST /beta/litellm_basic_guardrail_api</c> (docs/adding_provider/generic_guardrail_api.md).
/// Contract only: tested by the documented shapes, not with a running LiteLLM.
/// </summary>
public static class LiteLlmGuardrail
{
    public static void MapLiteLlm(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/beta/litellm_basic_guardrail_api", AnswerAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static async Task AnswerAsync(HttpContext context, DecisionEngine engine)
    {
        if (engine.Admit(context.Request) is not { } gateway)
        {
            await BlockAsync(context, "This LiteLLM has no token for enforcement.");
            return;
        }

        using var body = await DialectBody.ReadAsync(context);
        if (body is null)
        {
            await BlockAsync(context, "The request could not be read.");
            return;
        }

        var verdict = engine.Decide(RequestOf(body.RootElement, gateway));
        await (verdict.Allowed
            ? context.Response.WriteAsJsonAsync(new { action = "NONE" }, context.RequestAborted)
            : BlockAsync(context, DecisionEngine.Explain(verdict)));
    }

    /// <summary>
    /// Identity: the hash of the virtual key and the team, which LiteLLM found out, and the use case that its configuration
    /// names. Headers of the client are not read. LiteLLM cannot be told another model here, so it accepts no softer mode.
    /// </summary>
    private static VerdictRequest RequestOf(JsonElement body, string gateway) => new(
        body.Text("additional_provider_specific_params", "use_case"),
        body.Text("request_data", "user_api_key_hash")?.ToLowerInvariant(),
        null,
        body.Text("request_data", "user_api_key_team_id"),
        body.Text("model") ?? body.Text("request_data", "model"),
        gateway)
    {
        RequestId = body.Text("litellm_call_id"),
        // Found by LiteLLM from the key, unlike the end user, whom its client names.
        User = body.Text("request_data", "user_api_key_user_id"),
    };

    private static Task BlockAsync(HttpContext context, string reason) =>
        context.Response.WriteAsJsonAsync(new { action = "BLOCKED", blocked_reason = reason }, context.RequestAborted);
}
