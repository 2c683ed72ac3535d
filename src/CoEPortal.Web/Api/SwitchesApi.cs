using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class SwitchesApi
{
    /// <summary>To engage: mode, message, fallback model or version. To release: the share that is let through first, in per cent.</summary>
    public sealed record SwitchRequest(
        SwitchMode? Mode, string? Reason, string? Message, string? Evidence = null, string? FallbackModel = null, VersionPointer? Rollback = null, int? Share = null);

    public sealed record SwitchView(
        Guid Id, SwitchScope Scope, string Target, SwitchState State, SwitchMode? Mode, string Reason, string Message, string? EngagedBy,
        DateTimeOffset? EngagedAt, string? FirstReleasedBy, long Generation, string Evidence, string? FallbackModel, string? Rollback, int? Share);

    public static void MapSwitches(this RouteGroupBuilder api)
    {
        var switches = api.MapGroup("/switches").WithTags("Kill switches");
        switches.MapGet("/", ListAsync).WithSummary("Approved use cases and where their switches stand");
        switches.MapPost("/{scope}/{id}/engage", EngageAsync).WithSummary("Stop; one person is enough").MayWaitForCheckpoint();
        switches.MapPost("/{scope}/{id}/release", ReleaseAsync).WithSummary("Release; the second of two people opens it, or a share of it").MayWaitForCheckpoint();
        switches.MapPost("/{scope}/{id}/open-fully", OpenFullyAsync).WithSummary("From a limited share to all requests").MayWaitForCheckpoint();
    }

    private static async Task<UseCasesApi.Listed<SwitchRow>> ListAsync(
        HttpContext http, SwitchConsole console, string? search, bool needsAttention = false, int page = 1, int size = 20)
    {
        var (rows, _, _) = await console.ForAsync(await http.ActorAsync(), new SwitchFilter(search, needsAttention), page, size, http.RequestAborted);
        return UseCasesApi.Listing(rows);
    }

    private static async Task<SwitchView> EngageAsync(HttpContext http, string scope, string id, SwitchRequest request, EngageKillSwitch engage) =>
        ViewOf(await engage.RunAsync(
            ScopeOf(scope), id,
            new Engagement(request.Mode ?? SwitchMode.Stop, request.Reason ?? "", request.Message ?? "", request.Evidence ?? "", request.FallbackModel, request.Rollback),
            await http.ActorAsync(), http.RequestAborted));

    private static async Task<SwitchView> ReleaseAsync(HttpContext http, string scope, string id, SwitchRequest request, ReleaseKillSwitch release) =>
        ViewOf(await release.RunAsync(ScopeOf(scope), id, WishOf(request), await http.ActorAsync(), http.RequestAborted));

    private static async Task<SwitchView> OpenFullyAsync(HttpContext http, string scope, string id, SwitchRequest request, ReleaseKillSwitch release) =>
        ViewOf(await release.OpenFullyAsync(ScopeOf(scope), id, WishOf(request), await http.ActorAsync(), http.RequestAborted));

    private static ReleaseWish WishOf(SwitchRequest request) => new(request.Reason ?? "", request.Evidence ?? "", request.Share ?? KillSwitch.Whole);

    private static SwitchScope ScopeOf(string scope) => scope switch
    {
        "use-case" => SwitchScope.UseCase,
        "model" => SwitchScope.Model,
        "gateway" => SwitchScope.Gateway,
        "all" => SwitchScope.All,
        _ => throw new NotFoundException("kind of switch", scope),
    };

    private static SwitchView ViewOf(KillSwitch s) => new(
        s.Id, s.Scope, s.Target, s.State, s.Mode, s.Reason, s.Message, s.EngagedByName, s.EngagedAt, s.FirstReleasedByName, s.Generation, s.Evidence,
        s.FallbackModel, s.Rollback, s.Share);
}
