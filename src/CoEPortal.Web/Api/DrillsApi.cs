using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Rehearsals of a stop.</summary>
public static class DrillsApi
{
    public sealed record DrillRequest(string? Reason);

    public sealed record DrillView(
        Guid Id, string Target, DrillKind Kind, DrillOutcome Outcome, long Generation, int ObjectiveMs, DateTimeOffset ClickedAt, double CommittedMs, double? NodesMs,
        double? GatewaysMs, double? DeniedMs, IReadOnlyList<string> Silent, long LeakedCalls, decimal LeakedCost, IReadOnlyList<DrillPoint> Points);

    public static void MapDrills(this RouteGroupBuilder api)
    {
        api.MapPost("/use-cases/{key}/drills", StartAsync).WithTags("Drills").WithSummary("Rehearse a stop, timed; the key may be canary");
        api.MapGet("/drills", async (HttpContext http, DrillHistory history, string? target, int page = 1, int size = 20) =>
        {
            var found = await history.ListAsync(target, await http.ActorAsync(), page, size, http.RequestAborted);
            return UseCasesApi.Listing(new CoEPortal.Governance.Persistence.Page<DrillView>([.. found.Items.Select(d => ViewOf(d, []))], found.Total, found.Number, found.Size));
        }).WithTags("Drills").WithSummary("Rehearsals, newest first");
        api.MapGet("/drills/points", async (HttpContext http, DrillHistory history) => await history.PointsAsync(await http.ActorAsync(), http.RequestAborted))
            .WithTags("Drills").WithSummary("How long each enforcement point takes");
        api.MapGet("/drills/overdue", async (HttpContext http, DrillHistory history) => await history.OverdueAsync(await http.ActorAsync(), http.RequestAborted))
            .WithTags("Drills").WithSummary("What was not rehearsed for too long");
    }

    private static async Task<DrillView> StartAsync(HttpContext http, string key, DrillRequest? request, StartDrill drill)
    {
        var (ended, points) = await drill.RunAsync(key, request?.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return ViewOf(ended, points);
    }

    private static DrillView ViewOf(Drill d, IReadOnlyList<DrillPoint> points) => new(
        d.Id, d.Target, d.Kind, d.Outcome, d.Generation, d.ObjectiveMs, d.ClickedAt, (d.CommittedAt - d.ClickedAt).TotalMilliseconds, After(d, d.NodesAt),
        After(d, d.GatewaysAt), After(d, d.DeniedAt), d.Silent, d.LeakedCalls, d.LeakedCost, points);

    private static double? After(Drill drill, DateTimeOffset? at) => (at - drill.ClickedAt)?.TotalMilliseconds;
}
