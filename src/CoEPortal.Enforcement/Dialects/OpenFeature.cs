using System.Text.Json;
using CoEPortal.Governance.KillSwitches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// OFREP 0.3 (OpenFeature remote evaluation): each governed use case is a flag by its key, true while it may run. The
/// context may name <c>model</c> and <c>user</c>, the pseudonymous id of the end user; <c>targetingKey</c> decides in a limited release. An SDK that cannot reach the portal
/// answers with the default its caller wrote: write <c>false</c>.
/// </summary>
public static class OpenFeature
{
    public static void MapOpenFeature(this IEndpointRouteBuilder routes)
    {
        var flags = routes.MapGroup("/ofrep/v1/evaluate/flags").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        flags.MapPost("/{key}", OneAsync);
        flags.MapPost("/", AllAsync);
    }

    private static async Task OneAsync(HttpContext context, string key, DecisionEngine engine)
    {
        if (await ContextOfAsync(context, engine) is not { } asked)
        {
            return;
        }

        if (!engine.Current.UseCases.ContainsKey(key))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsJsonAsync(new { key, errorCode = "FLAG_NOT_FOUND", errorDetails = "No use case of that key is governed." }, context.RequestAborted);
            return;
        }

        await context.Response.WriteAsJsonAsync(FlagOf(engine, asked, key), context.RequestAborted);
    }

    private static async Task AllAsync(HttpContext context, DecisionEngine engine)
    {
        if (await ContextOfAsync(context, engine) is not { } asked)
        {
            return;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            flags = engine.Current.UseCases.Keys.Order(StringComparer.Ordinal).Select(key => FlagOf(engine, asked, key)),
            metadata = new { generation = engine.Current.Generation },
            eventStreams = Array.Empty<object>(),
        });
        // Of the answer itself: a copy that grew too old changes answers without a new generation.
        var etag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body).AsSpan(0, 12))}\"";
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch == etag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static async Task<VerdictRequest?> ContextOfAsync(HttpContext context, DecisionEngine engine)
    {
        if (engine.Admit(context.Request) is not { } gateway)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return null;
        }

        using var body = await DialectBody.ReadAsync(context);
        if (body is null || !body.RootElement.TryGetProperty("context", out var given) || given.ValueKind is not JsonValueKind.Object)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { errorCode = body is null ? "PARSE_ERROR" : "INVALID_CONTEXT", errorDetails = "Send {\"context\":{…}}." }, context.RequestAborted);
            return null;
        }

        // An application can use the fallback and the version that the metadata name, if it says so.
        var accepts = (given.Text("accepts") ?? "").Split(',', StringSplitOptions.TrimEntries);
        return new VerdictRequest(null, null, null, null, given.Text("model"), gateway)
        {
            RequestId = given.Text("targetingKey"),
            User = given.Text("user"),
            Accepts = (accepts.Contains("degrade") ? Accepts.Degrade : Accepts.None) | (accepts.Contains("rollback") ? Accepts.Rollback : Accepts.None),
        };
    }

    private static object FlagOf(DecisionEngine engine, VerdictRequest asked, string key)
    {
        var verdict = engine.Decide(asked with { UseCase = key });
        return new
        {
            key,
            value = verdict.Allowed,
            reason = verdict.Reason.Length > 0 ? "TARGETING_MATCH" : "STATIC",
            variant = verdict.Allowed ? "allow" : "deny",
            metadata = new Dictionary<string, object>
            {
                ["reason"] = verdict.Reason,
                ["generation"] = engine.Current.Generation,
                ["degradeTo"] = verdict.DegradeTo ?? "",
                ["rollbackTo"] = verdict.RollbackTo ?? "",
                ["message"] = verdict.Message,
            },
        };
    }
}
