using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class DelegationsApi
{
    /// <param name="Task">Only this task; without it, every task of the function.</param>
    /// <param name="To">The id of a person of the same function.</param>
    public sealed record DelegationRequest(Guid? Task, Role? Function, string To, DateOnly StartsOn, DateOnly EndsOn, string Reason);

    public sealed record DelegationView(
        Guid Id, string From, string FromName, string To, string ToName, Role Function, Guid? Task, string? UseCase, DateOnly StartsOn, DateOnly EndsOn,
        string Reason, bool HoldsToday, DateTimeOffset? RevokedAt);

    public static void MapDelegations(this RouteGroupBuilder api)
    {
        var delegations = api.MapGroup("/delegations").WithTags("Reviews");
        delegations.MapGet("/", ListAsync).WithSummary("Who stands in for you, and for whom you stand in");
        delegations.MapPost("/", GiveAsync).WithSummary("Let a colleague of the same function decide for you, up to 30 days").IsIdempotent();
        delegations.MapDelete("/{id:guid}", RevokeAsync).WithSummary("End a delegation now");
    }

    private static async Task<UseCasesApi.Listed<DelegationView>> ListAsync(HttpContext http, Delegations delegations, int page = 1, int size = 20)
    {
        var found = await delegations.OfAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(r => ViewOf(r.Delegation, r.UseCaseKey, r.HoldsToday))], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> GiveAsync(
        HttpContext http, DelegationRequest request, DelegateReview delegateReview, Organisation organisation, TimeProvider clock)
    {
        Refuse.If(request.Task is null && request.Function is null, "function-required", "Name the function, or the task.");
        var given = await delegateReview.RunAsync(
            request.Task, request.Function ?? default, new PersonId(request.To ?? ""), request.StartsOn, request.EndsOn, request.Reason ?? "",
            await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/delegations/{given.Id}", ViewOf(given, null, given.HoldsOn(organisation.DayOf(clock.GetUtcNow()))));
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, Guid id, DelegateReview delegateReview)
    {
        await delegateReview.RevokeAsync(id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static DelegationView ViewOf(Delegation d, string? useCase, bool holdsToday) => new(
        d.Id, d.FromId, d.FromName, d.ToId, d.ToName, d.Function, d.TaskId, useCase, d.StartsOn, d.EndsOn, d.Reason, holdsToday, d.RevokedAt);
}
