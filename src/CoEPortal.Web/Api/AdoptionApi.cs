using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Cohorts, phases, how many use it, and champions.</summary>
public static class AdoptionApi
{
    /// <param name="Tag">What senders put into <c>ai.cohort</c> for these people.</param>
    public sealed record CohortRequest(string? Name, string? Description, string? Department, string? Tag, int Eligible, DateOnly StartsOn);

    public sealed record PhaseRequest(int Share, DateOnly PlannedOn, int? TrainedPercent, int? MostNegativePercent, decimal? MostFailedPercent, bool NeedsChampions, string? AlsoHolds);

    /// <param name="Version">What was seen; nothing for the first plan.</param>
    public sealed record PlanRequest(IReadOnlyList<CohortRequest>? Cohorts, IReadOnlyList<PhaseRequest>? Phases, int? Version);

    /// <param name="Step">moveOn, stay or goBack.</param>
    /// <param name="ToPhase">For goBack; 0 is open to nobody.</param>
    public sealed record StepRequest(RolloutStep Step, int? ToPhase, string? Reason, int Version);

    public sealed record AgreeRequest(string? Cohort);

    /// <param name="UseCase">Nothing: for every use case.</param>
    public sealed record NameRequest(string? Person, string? Department, string? UseCase, DateOnly FromOn, DateOnly UntilOn);

    public sealed record AnswerRequest(bool Accepts, string? Reason);

    public sealed record EndRequest(string? Reason);

    public sealed record DecisionView(int Number, RolloutStep Step, int FromPhase, int ToPhase, string Reason, IReadOnlyList<string> Measured, string By, DateTimeOffset At);

    public sealed record RolloutView(string UseCase, int Phase, IReadOnlyList<Cohort> Cohorts, IReadOnlyList<RolloutPhase> Phases, IReadOnlyList<DecisionView> Decisions, int Version);

    /// <param name="Active">Nothing where no call names a person; a number in it is missing where fewer than five people stand behind it.</param>
    public sealed record AdoptionView(
        RolloutView? Rollout, int Eligible, ActivePeople? Active, int? ShareOfEligible, long Calls, IReadOnlyList<CohortRow> Cohorts, IReadOnlyList<PhaseCheck> Checks, IReadOnlyList<string> WaitsForChampionOf,
        IReadOnlyList<ActiveWeek> Weeks);

    public sealed record ChampionView(Guid Id, string Person, string Department, string? UseCase, bool IsForOneUseCase, DateOnly FromOn, DateOnly UntilOn, ChampionState State);

    public static void MapAdoption(this RouteGroupBuilder api)
    {
        var adoption = api.MapGroup("/use-cases/{key}/adoption").WithTags("Adoption");
        adoption.MapGet("", async (HttpContext http, string key, AdoptionSheets sheets) => ViewOf(await sheets.OfAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("Eligible and active people, and where the rollout stands");
        adoption.MapPut("", async (HttpContext http, string key, PlanRequest request, RunRollout run) =>
            ViewOf(await run.PlanAsync(key, PlanOf(request), request.Version, await http.ActorAsync(), http.RequestAborted))).WithSummary("Plan cohorts and phases");
        adoption.MapPost("/steps", async (HttpContext http, string key, StepRequest request, RunRollout run) => ViewOf(await StepAsync(key, request, run, await http.ActorAsync(), http.RequestAborted)))
            .WithSummary("Move on, stay, or go back, for a reason").IsIdempotent();
        adoption.MapPost("/agreements", async (HttpContext http, string key, AgreeRequest request, RunRollout run) =>
        {
            await run.AgreeAsync(key, request.Cohort ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("The champion of a cohort agrees that the phase moves on");
        MapChampions(api.MapGroup("/champions").WithTags("Champions"));
    }

    private static void MapChampions(RouteGroupBuilder champions)
    {
        champions.MapGet("", async (HttpContext http, ChampionBoard board, string? search, bool withPast = false, int page = 1, int size = 20) =>
        {
            var found = await board.PageAsync(new(search, withPast), await http.ActorAsync(), page, size, http.RequestAborted);
            return new UseCasesApi.Listed<ChampionView>([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
        }).WithSummary("Champions by department");
        champions.MapGet("/gaps", async (HttpContext http, ChampionBoard board) => await board.GapsAsync(await http.ActorAsync(), http.RequestAborted)).WithSummary("Departments in which a use case runs and nobody is champion for it");
        champions.MapPost("", async (HttpContext http, NameRequest request, KeepChampions keep) =>
        {
            var named = await keep.NameAsync(new(new PersonId(request.Person ?? ""), request.Department ?? "", request.UseCase, request.FromOn, request.UntilOn), await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/champions?search={Uri.EscapeDataString(named.Department)}", ViewOf(new ChampionRow(named, named.UseCaseKey, named.UseCaseKey is not null)));
        }).WithSummary("Ask somebody to be champion of a department").IsIdempotent();
        champions.MapPost("/{id:guid}/answer", async (HttpContext http, Guid id, AnswerRequest request, KeepChampions keep) =>
        {
            await keep.AnswerAsync(id, request.Accepts, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Accept or decline what you were asked");
        champions.MapPost("/{id:guid}/end", async (HttpContext http, Guid id, EndRequest request, KeepChampions keep) =>
        {
            await keep.EndAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("They are champion no longer");
    }

    private static Task<Rollout> StepAsync(string key, StepRequest request, RunRollout run, Actor by, CancellationToken cancellation) => request.Step switch
    {
        RolloutStep.MoveOn => run.MoveOnAsync(key, request.Reason ?? "", request.Version, by, cancellation),
        RolloutStep.Stay => run.StayAsync(key, request.Reason ?? "", request.Version, by, cancellation),
        _ => run.GoBackAsync(key, request.ToPhase ?? -1, request.Reason ?? "", request.Version, by, cancellation),
    };

    private static RolloutPlan PlanOf(PlanRequest request) => new(
        [.. (request.Cohorts ?? []).Select(c => new Cohort(c.Name ?? "", c.Description ?? "", c.Department ?? "", c.Tag, c.Eligible, c.StartsOn))],
        [.. (request.Phases ?? []).Select(p => new RolloutPhase(p.Share, p.PlannedOn, p.TrainedPercent, p.MostNegativePercent, p.MostFailedPercent, p.NeedsChampions, p.AlsoHolds ?? ""))]);

    private static AdoptionView ViewOf(AdoptionSheet s) => new(
        s.Rollout is { } rollout ? ViewOf(rollout) : null, s.Eligible, s.Active, s.ShareOfEligible, s.Calls, s.Cohorts, s.Checks, [.. s.Unagreed.Select(c => c.Name)], s.Weeks);

    private static RolloutView ViewOf(Rollout r) => new(
        r.UseCaseKey, r.Phase, r.Cohorts, r.Phases,
        [.. r.Decisions.OrderBy(d => d.Number).Select(d => new DecisionView(d.Number, d.Kind, d.FromPhase, d.ToPhase, d.Reason, d.Measured, d.DecidedByName, d.DecidedAt))], r.Version);

    private static ChampionView ViewOf(ChampionRow r) => new(r.Champion.Id, r.Champion.PersonName, r.Champion.Department, r.UseCaseKey, r.IsForOne, r.Champion.FromOn, r.Champion.UntilOn, r.Champion.State);
}
