using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class ReviewsApi
{
    public sealed record DecisionRequest(DecisionName Decision, string? Comment, IReadOnlyList<ConditionRequest>? Conditions, string ContentHash);

    public sealed record DecidedView(string UseCase, int Revision, int Round, RoundStatus Status);

    public sealed record TaskView(
        Guid Id, string UseCase, string Title, Role Function, Lane Lane, RiskClass RiskClass, int Revision, string ContentHash,
        DateTimeOffset OpenedAt, DateTimeOffset DueAt, string AskedBy, bool OwnWork, string? Assignee, int EscalationLevel);

    public sealed record ClaimRequest(bool TakeOver);

    public sealed record LiftRequest(string Reason, string ContentHash);

    public static void MapReviews(this RouteGroupBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("Reviews");
        tasks.MapGet("/", ListAsync).WithSummary("What waits for you, most urgent first");
        tasks.MapPost("/{id:guid}/decision", DecideAsync).WithSummary("Decide, for exactly the content hash you saw").MayWaitForCheckpoint().IsIdempotent();
        tasks.MapPost("/{id:guid}/claim", ClaimAsync).WithSummary("Take a task, so that colleagues leave it alone; takeOver takes it from one");
        tasks.MapPost("/{id:guid}/release", ReleaseAsync).WithSummary("Give a task back to the function");
        api.MapPost("/use-cases/{key}/lift-veto", LiftAsync).WithTags("Reviews").WithSummary("Lift a veto of your function: everybody is asked again").MayWaitForCheckpoint().IsIdempotent();
    }

    private static async Task<UseCasesApi.Listed<TaskView>> ListAsync(
        HttpContext http, ReviewInbox inbox, string? search, Word<Lane>? lane, Word<Role>? function, Word<InboxView>? view, bool overdue = false,
        int page = 1, int size = 20)
    {
        var found = await inbox.ForAsync(
            await http.ActorAsync(), new InboxFilter(search, lane?.Value, function?.Value, overdue, View: view?.Value ?? InboxView.Mine), page: page, size: size, cancellation: http.RequestAborted);
        return new UseCasesApi.Listed<TaskView>(
            [.. found.Items.Select(t => new TaskView(
                t.TaskId, t.UseCaseKey, t.Title, t.Function, t.Lane, t.RiskClass, t.Revision, t.ContentHash, t.OpenedAt, t.DueAt, t.AskedBy, t.IsOwnWork,
                t.AssigneeName, t.EscalationLevel))],
            found.Total, found.Number, found.Size);
    }

    private static async Task<DecidedView> DecideAsync(HttpContext http, Guid id, DecisionRequest request, DecideReview decideReview)
    {
        var round = await decideReview.RunAsync(
            id,
            new DecisionDraft(
                request.Decision.Kind, request.Comment ?? "", [.. (request.Conditions ?? []).Select(c => c.Draft)], request.ContentHash ?? ""),
            await http.ActorAsync(), cancellation: http.RequestAborted);
        return new DecidedView(round.UseCaseKey, round.RevisionNumber, round.Number, round.Status);
    }

    private static async Task<IResult> ClaimAsync(HttpContext http, Guid id, ClaimRequest? request, ClaimTask claimTask)
    {
        await claimTask.RunAsync(id, request?.TakeOver is true, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> ReleaseAsync(HttpContext http, Guid id, ClaimTask claimTask)
    {
        await claimTask.ReleaseAsync(id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<DecidedView> LiftAsync(HttpContext http, string key, LiftRequest request, LiftVeto liftVeto)
    {
        var round = await liftVeto.RunAsync(key, request.Reason ?? "", request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
        return new DecidedView(round.UseCaseKey, round.RevisionNumber, round.Number, round.Status);
    }
}
