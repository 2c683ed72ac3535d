using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>The limits at which a use case stops itself.</summary>
public static class CriteriaApi
{
    public sealed record TightenRequest(decimal Limit, string? Reason);

    public static void MapCriteria(this RouteGroupBuilder api)
    {
        var criteria = api.MapGroup("/use-cases/{key}/criteria").WithTags("Kill criteria");
        criteria.MapGet("/", async (HttpContext http, string key, CriteriaInForce inForce) => await inForce.OfAsync(key, await http.ActorAsync(), http.RequestAborted))
            .WithSummary("Every limit in force, its newest figure, and whether it is measured here");
        criteria.MapGet("/steps", async (HttpContext http, string key, CriteriaInForce inForce) => await inForce.StepsAsync(key, await http.ActorAsync(), http.RequestAborted))
            .WithSummary("How limits were made stricter, newest first");
        criteria.MapGet("/{number:int}/dry-run", DryRunAsync).WithSummary("When it would have engaged over the last days, with its own limit or another one");
        criteria.MapPost("/{number:int}/tighten", TightenAsync).WithSummary("Make a limit stricter");
    }

    private static async Task<DryRun> DryRunAsync(
        HttpContext http, string key, int number, CriteriaInForce inForce, DryRunCriteria dryRun, TimeProvider clock, int days = 30, decimal? limit = null)
    {
        var reader = await http.ActorAsync();
        Refuse.If(days is < 1 or > DryRunCriteria.MostDays, "range-too-long", $"Ask for 1 to {DryRunCriteria.MostDays} days.");
        Refuse.If(limit is < 0 or > 1_000_000_000, "limit-out-of-range", "Try a limit from 0 to 1,000,000,000.");
        var standing = (await inForce.OfAsync(key, reader, http.RequestAborted)).SingleOrDefault(s => s.Criterion.Number == number)
            ?? throw new NotFoundException("kill criterion", $"K{number} of {key}");
        var now = clock.GetUtcNow();
        return await dryRun.RunAsync(key, standing.Criterion.Criterion with { Limit = limit ?? standing.Criterion.Limit }, now.AddDays(-days), now, reader, http.RequestAborted);
    }

    private static async Task<object> TightenAsync(HttpContext http, string key, int number, TightenRequest request, TightenCriterion tighten)
    {
        var done = await tighten.RunAsync(key, number, request.Limit, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return new { done.Criterion, done.ApprovedLimit, done.Limit };
    }
}
