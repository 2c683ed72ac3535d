using System.Text.Json;
using CoEPortal.Governance.KillSwitches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// Portkey's webhook guardrail, <c>POST /gov/v1/portkey</c>: <c>{"verdict":false}</c> makes it answer 446. It covers chat,
/// completions, embeddings and messages only, and fails open unless <c>failOnError</c> is set: see templates/gateways/portkey.
/// </summary>
public static class PortkeyWebhook
{
    public static void MapPortkey(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/gov/v1/portkey", AnswerAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static async Task AnswerAsync(HttpContext context, DecisionEngine engine)
    {
        var verdict = await DecideAsync(context, engine);
        await context.Response.WriteAsJsonAsync(
            new
            {
                verdict = verdict.Allowed,
                data = new { reason = verdict.Reason, useCase = verdict.UseCase, switchId = verdict.SwitchId, generation = engine.Current.Generation, message = verdict.Message },
            },
            context.RequestAborted);
    }

    private static async Task<Verdict> DecideAsync(HttpContext context, DecisionEngine engine)
    {
        if (engine.Admit(context.Request) is not { } gateway)
        {
            return new Verdict(false, Verdict.UnknownEnforcer, null, null);
        }

        using var body = await DialectBody.ReadAsync(context);
        return body is null ? new Verdict(false, "unreadable", null, null) : engine.Decide(RequestOf(context, body.RootElement, gateway));
    }

    /// <summary>The metadata is set by the proxy in front, which also keeps the client from setting it; the kit shows how.</summary>
    private static VerdictRequest RequestOf(HttpContext context, JsonElement body, string gateway) => new(
        body.Text("metadata", "use_case_id"), body.Text("metadata", "key_hash")?.ToLowerInvariant(), null, body.Text("metadata", "team"),
        body.Text("request", "json", "model"), gateway)
    {
        User = body.Text("metadata", "user_id"),
        RequestId = body.Text("metadata", "request_id") ?? context.Request.Headers["X-Request-Id"].ToString(),
    };
}
