using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class ReviewsApi
{
    public sealed record DecisionRequest(DecisionName Decision, string? Comment, IReadOnlyList<string>? Conditions, string ContentHash);

    public sealed record DecidedView(string UseCase, int Revision, int Round, RoundStatus Status);

    public sealed record TaskView(
        Guid Id, string UseCase, string Title, Role Function, Lane Lane, RiskClass RiskClass, int Revision, string ContentHash,
        DateTimeOffset OpenedAt, DateTimeOffset DueAt, string AskedBy, bool OwnWork);

    public static void MapReviews(this RouteGroupBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("Reviews");
        tasks.MapGet("/", ListAsync).WithSummary("What waits for you, most urgent first");
        tasks.MapPost("/{id:guid}/decision", DecideAsync).WithSummary("Decide, for exactly the content hash you saw").IsIdempotent();
    }

    private static async Task<UseCasesApi.Listed<TaskView>> ListAsync(
        HttpContext http, ReviewInbox inbox, string? search, Lane? lane, Role? function, bool overdue = false, int page = 1, int size = 20)
    {
        var found = await inbox.ForAsync(
            await http.ActorAsync(), new InboxFilter(search, lane, function, overdue), page: page, size: size, cancellation: http.RequestAborted);
        return new UseCasesApi.Listed<TaskView>(
            [.. found.Items.Select(t => new TaskView(
                t.TaskId, t.UseCaseKey, t.Title, t.Function, t.Lane, t.RiskClass, t.Revision, t.ContentHash, t.OpenedAt, t.DueAt, t.AskedBy, t.IsOwnWork))],
            found.Total, found.Number, found.Size);
    }

    private static async Task<DecidedView> DecideAsync(HttpContext http, Guid id, DecisionRequest request, DecideReview decideReview)
    {
        var round = await decideReview.RunAsync(
            id, request.Decision.Kind, request.Comment ?? "", request.Conditions ?? [], request.ContentHash ?? "", await http.ActorAsync(),
            cancellation: http.RequestAborted);
        return new DecidedView(round.UseCaseKey, round.RevisionNumber, round.Number, round.Status);
    }
}
