using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Candidate workflows, ranked by rules.</summary>
public static class CandidatesApi
{
    public sealed record CandidateRequest(string? Name, string? Department, string? Description, int PerMonth, int Minutes, int People, int Value, int Feasibility);

    public sealed record SetAsideRequest(string? Reason);

    public sealed record CandidateView(
        string Key, string Name, string Department, string Description, int PerMonth, int Minutes, int People, int Value, int Feasibility, CandidateState State, int Score, IReadOnlyList<Point> Points,
        string RulesVersion, string AddedBy, DateTimeOffset AddedAt, string? SetAsideReason, string? UseCase, int Version);

    public sealed record AlikeView(IReadOnlyList<string> Candidates, DuplicatesFound UseCases);

    public static void MapCandidates(this RouteGroupBuilder api)
    {
        var candidates = api.MapGroup("/candidates").WithTags("Candidates");
        candidates.MapGet("/", ListAsync).WithSummary("Candidate workflows by rank, as far as you may see them");
        candidates.MapPost("/", AddAsync).WithSummary("Add a workflow that AI might help with").IsIdempotent();
        candidates.MapGet("/{key}", async (HttpContext http, string key, CandidateList list) => View(http, await list.OneAsync(key, await http.ActorAsync(), http.RequestAborted), list.Rules)).WithSummary("A candidate with each of its points");
        candidates.MapGet("/{key}/alike", AlikeAsync).WithSummary("What may be the same: other candidates and use cases");
        candidates.MapPut("/{key}", async (HttpContext http, string key, CandidateRequest request, KeepCandidates keep, CandidateList list) =>
            View(http, await keep.ChangeAsync(key, DraftOf(request), http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), await http.ActorAsync(), http.RequestAborted), list.Rules)).WithSummary("Change what is known of it; If-Match carries the version you saw");
        candidates.MapPost("/{key}/set-aside", async (HttpContext http, string key, SetAsideRequest request, KeepCandidates keep, CandidateList list) =>
            View(http, await keep.SetAsideAsync(key, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted), list.Rules)).WithSummary("Set it aside, with the reason");
        candidates.MapPost("/{key}/reopen", async (HttpContext http, string key, KeepCandidates keep, CandidateList list) =>
            View(http, await keep.ReopenAsync(key, await http.ActorAsync(), http.RequestAborted), list.Rules)).WithSummary("Rank it again");
        candidates.MapPost("/{key}/one-pager", ProposeAsync).WithSummary("Start a use case with what is known of it").IsIdempotent();
    }

    private static async Task<UseCasesApi.Listed<CandidateView>> ListAsync(HttpContext http, CandidateList list, Word<CandidateState>? state, Word<CandidateOrder>? order, string? search, int page = 1, int size = 20)
    {
        var found = await list.PageAsync(new(state?.Value ?? CandidateState.Open, search), await http.ActorAsync(), order?.Value ?? CandidateOrder.Score, page, size, http.RequestAborted);
        return new([.. found.Items.Select(r => ViewOf(r.Candidate, list.Rules))], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> AddAsync(HttpContext http, CandidateRequest request, KeepCandidates keep, CandidateList list)
    {
        var candidate = await keep.AddAsync(DraftOf(request), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/candidates/{candidate.Key}", View(http, candidate, list.Rules));
    }

    private static async Task<AlikeView> AlikeAsync(HttpContext http, string key, CandidateList list)
    {
        var actor = await http.ActorAsync();
        var candidate = await list.OneAsync(key, actor, http.RequestAborted);
        var alike = await list.AlikeAsync(candidate.Name, candidate.Description, key, actor, http.RequestAborted);
        return new([.. alike.Candidates.Select(c => c.Key)], alike.UseCases);
    }

    private static async Task<IResult> ProposeAsync(HttpContext http, string key, KeepCandidates keep, CandidateList list)
    {
        var candidate = await keep.ProposeAsync(key, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{candidate.UseCaseKey}", View(http, candidate, list.Rules));
    }

    private static CandidateDraft DraftOf(CandidateRequest r) => new(r.Name ?? "", r.Department ?? "", r.Description ?? "", r.PerMonth, r.Minutes, r.People, r.Value, r.Feasibility);

    private static CandidateView View(HttpContext http, Candidate candidate, CandidateRules rules)
    {
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{candidate.Version}\"");
        return ViewOf(candidate, rules);
    }

    private static CandidateView ViewOf(Candidate c, CandidateRules rules) => new(
        c.Key, c.Name, c.Department, c.Description, c.PerMonth, c.Minutes, c.People, c.Value, c.Feasibility, c.State, rules.ScoreOf(c), rules.PointsOf(c), rules.Version,
        c.AddedByName, c.AddedAt, c.SetAsideReason, c.UseCaseKey, c.Version);
}
