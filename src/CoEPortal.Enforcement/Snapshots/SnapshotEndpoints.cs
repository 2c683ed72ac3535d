using System.Globalization;
using System.Text.Json;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// For gateways that decide by themselves: <c>GET /gov/v1/snapshot</c>, <c>GET /gov/v1/stream</c>, <c>POST /gov/v1/acks</c>,
/// <c>GET /gov/v1/certificate</c>. All need the scope <c>enforcement.read</c> and are answered from memory.
/// </summary>
public static class SnapshotEndpoints
{
    private const int LongestAck = 4096;

    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        var gov = routes.MapGroup("/gov/v1").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        gov.MapGet("/snapshot", (HttpContext context, SwitchBoard board, MachineDoor door) => GiveAsync(context, board, door, asLines: false));
        gov.MapGet("/snapshot.txt", (HttpContext context, SwitchBoard board, MachineDoor door) => GiveAsync(context, board, door, asLines: true));
        gov.MapGet("/stream", StreamAsync);
        gov.MapPost("/acks", AckAsync);
        gov.MapGet("/certificate", (HttpContext context, MachineDoor door, SnapshotSigner signer) =>
            Admit(context, door) is null || signer.CertificatePem is not { } pem
                ? Results.NotFound()
                : Results.Text(pem, "application/x-pem-file"));
    }

    private static async Task GiveAsync(HttpContext context, SwitchBoard board, MachineDoor door, bool asLines)
    {
        if (Admit(context, door) is null)
        {
            return;
        }

        var document = board.Document;
        var answer = context.Response;
        answer.Headers.ETag = document.ETag;
        answer.Headers.CacheControl = "no-store";
        // Whole seconds since the database confirmed this copy: a gateway adds its own waiting and knows how stale it is.
        answer.Headers["X-Gov-Age"] = ((long)board.Age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        answer.Headers["X-Gov-Generation"] = board.Current.GenerationText;
        if (!board.HasLoaded)
        {
            answer.StatusCode = StatusCodes.Status503ServiceUnavailable;
            answer.Headers.RetryAfter = "1";
        }
        else if (context.Request.Headers.IfNoneMatch == document.ETag)
        {
            answer.StatusCode = StatusCodes.Status304NotModified;
        }
        else
        {
            var body = asLines ? document.Lines : document.Body;
            answer.Headers["X-Gov-Signature"] = asLines ? document.LinesSignature : document.Signature;
            answer.ContentType = asLines ? "text/plain; charset=utf-8" : "application/json";
            answer.ContentLength = body.Length;
            await answer.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static async Task StreamAsync(HttpContext context, SnapshotStream stream, MachineDoor door)
    {
        if (Admit(context, door) is null)
        {
            return;
        }

        if (!stream.TryEnter())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = Random.Shared.Next(1, 10).ToString(CultureInfo.InvariantCulture);
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            var lastSeen = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (long?)null;
            await stream.RunAsync(context.Response.Body, lastSeen, () => door.Admit(context.Request, MachineToken.EnforcementRead) is not null, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // Gone, or did not read.
            context.Abort();
        }
        finally
        {
            stream.Leave();
        }
    }

    private static async Task AckAsync(HttpContext context, SwitchBoard board, Acks acks, MachineDoor door, TimeProvider clock)
    {
        if (Admit(context, door) is not { } enforcer)
        {
            return;
        }

        var ack = await ReadAsync(context, enforcer.Name, clock.GetUtcNow());
        // A generation nobody has given out yet cannot have been applied; counting it would make a switch look effective.
        context.Response.StatusCode = ack is null ? StatusCodes.Status400BadRequest
            : ack.Generation > board.Current.Generation ? StatusCodes.Status409Conflict
            : acks.Take(ack) ? StatusCodes.Status204NoContent
            : StatusCodes.Status429TooManyRequests;
    }

    private static async Task<EnforcerAck?> ReadAsync(HttpContext context, string gateway, DateTimeOffset now)
    {
        if (context.Request.ContentLength is null or > LongestAck)
        {
            return null;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 4 }, context.RequestAborted);
            return body.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("enforcer_id", out var id) && id.ValueKind is JsonValueKind.String
                && root.TryGetProperty("generation", out var generation) && generation.ValueKind is JsonValueKind.Number && generation.TryGetInt64(out var applied)
                ? EnforcerAck.Read(gateway, id.GetString()!, applied, root.TryGetProperty("applied_at", out var at) && at.ValueKind is JsonValueKind.String && at.TryGetDateTimeOffset(out var claimed) ? claimed : null, now)
                : null;
        }
        catch (Exception error) when (error is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static TokenHolder? Admit(HttpContext context, MachineDoor door)
    {
        var holder = door.Admit(context.Request, MachineToken.EnforcementRead);
        if (holder is null)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return holder;
    }
}
