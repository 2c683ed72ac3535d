using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Classes and lanes that two people set aside.</summary>
public static class OverridesApi
{
    public sealed record ProposeRequest(RiskClass? Class, Lane? Lane, string? Reason);

    public sealed record DecideRequest(bool Confirms, string? Note);

    public sealed record EndRequest(string? Reason);

    public sealed record OverrideView(
        int Number, OverrideState State, RiskClass ClassBefore, Lane LaneBefore, string RulesVersion, RiskClass? ClassTo, Lane? LaneTo, string Reason, string ProposedBy, DateTimeOffset ProposedAt,
        string? DecidedBy, DateTimeOffset? DecidedAt, string Note, string? EndedBy, DateTimeOffset? EndedAt, string EndNote);

    public static void MapOverrides(this RouteGroupBuilder api)
    {
        var overrides = api.MapGroup("/use-cases/{key}/overrides").WithTags("Use cases");
        overrides.MapGet("/", async (HttpContext http, string key, OverrideList list) =>
            (await list.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).Select(ViewOf)).WithSummary("How its judgement was set aside, the newest first");
        overrides.MapPost("/", ProposeAsync).WithSummary("Ask that another class or lane hold; a second person confirms it").IsIdempotent();
        overrides.MapPost("/{number:int}/decision", async (HttpContext http, string key, int number, DecideRequest request, OverrideJudgement judgement) =>
            ViewOf(await judgement.DecideAsync(key, number, request.Confirms, request.Note ?? "", await http.ActorAsync(), http.RequestAborted))).WithSummary("Confirm it, as Legal for a class and as Risk for a lane, or refuse it");
        overrides.MapPost("/{number:int}/end", async (HttpContext http, string key, int number, EndRequest request, OverrideJudgement judgement) =>
            ViewOf(await judgement.EndAsync(key, number, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted))).WithSummary("From the next submission on the rules judge alone");
    }

    private static async Task<IResult> ProposeAsync(HttpContext http, string key, ProposeRequest request, OverrideJudgement judgement)
    {
        var proposed = await judgement.ProposeAsync(key, new(request.Class, request.Lane, request.Reason ?? ""), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/overrides", ViewOf(proposed));
    }

    private static OverrideView ViewOf(JudgementOverride o) => new(
        o.Number, o.State, o.ClassBefore, o.LaneBefore, o.RulesVersion, o.ClassTo, o.LaneTo, o.Reason, o.ProposedByName, o.ProposedAt, o.DecidedByName, o.DecidedAt, o.Note, o.EndedByName, o.EndedAt, o.EndNote);
}
