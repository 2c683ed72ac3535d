using CoEPortal.Governance.Intake;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Who writes on a one-pager.</summary>
public static class EditorsApi
{
    public sealed record InviteRequest(string? Person);

    public sealed record TakeOffRequest(string? Reason);

    public sealed record EditorView(string Person, string Name, string BusinessUnit, bool IsAuthor, bool IsFormer);

    public static void MapEditors(this RouteGroupBuilder api)
    {
        var editors = api.MapGroup("/use-cases/{key}/editors").WithTags("Use cases");
        editors.MapGet("/", ListAsync).WithSummary("Who writes on the one-pager, and who was taken off it");
        editors.MapPost("/", async (HttpContext http, string key, InviteRequest request, InviteEditor invite) =>
        {
            await invite.RunAsync(key, new(request.Person ?? ""), await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/use-cases/{key}/editors", await ListAsync(http, key, invite));
        }).WithSummary("Invite somebody to write on it; from then on they decide on nothing of it").IsIdempotent();
        editors.MapPost("/{person}/take-off", async (HttpContext http, string key, string person, TakeOffRequest request, InviteEditor invite) =>
        {
            await invite.TakeOffAsync(key, new(person), request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Take somebody off it, with the reason; or yourself");
    }

    private static async Task<IEnumerable<EditorView>> ListAsync(HttpContext http, string key, InviteEditor invite) =>
        (await invite.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).Select(e => new EditorView(e.Id.Value, e.Name, e.BusinessUnit, e.IsAuthor, e.IsFormer));
}
