using CoEPortal.Governance.Sharing;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Links by which somebody without an account reads one frozen revision.</summary>
public static class SharesApi
{
    public sealed record ShareRequest(int Revision, string? Label, int Days);

    public sealed record LinkView(Guid Id, int Revision, string Label, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, int Openings, DateTimeOffset? LastOpenedAt);

    /// <param name="Path">Where it is read. Shown this once.</param>
    public sealed record MadeLink(LinkView Link, string Path);

    public static void MapShares(this RouteGroupBuilder api)
    {
        var shares = api.MapGroup("/use-cases/{key}/shares").WithTags("Use cases");
        shares.MapGet("/", async (HttpContext http, string key, ShareRevision share) => (await share.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).Select(ViewOf)).WithSummary("Links of a use case, the newest first, never their tokens");
        // Not idempotent by a kept answer: the token would be kept with it.
        shares.MapPost("/", async (HttpContext http, string key, ShareRequest request, ShareRevision share) =>
        {
            var (link, token) = await share.RunAsync(key, request.Revision, request.Label ?? "", request.Days, await http.ActorAsync(), http.RequestAborted);
            http.Response.Headers.CacheControl = "no-store";
            return Results.Created($"/api/v1/use-cases/{key}/shares", new MadeLink(ViewOf(link), $"/shared/{token}"));
        }).WithSummary("Share a submitted revision for reading, for 1 to 90 days");
        shares.MapDelete("/{id:guid}", async (HttpContext http, string key, Guid id, ShareRevision share) => ViewOf(await share.RevokeAsync(key, id, await http.ActorAsync(), http.RequestAborted))).WithSummary("Revoke a link: it opens nothing from now on");
    }

    private static LinkView ViewOf(ShareLink l) => new(l.Id, l.Revision, l.Label, l.CreatedByName, l.CreatedAt, l.ExpiresAt, l.RevokedAt, l.Openings, l.LastOpenedAt);
}
