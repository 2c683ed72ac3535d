using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class ConditionsApi
{
    public sealed record ConditionView(
        Guid Id, string UseCase, int Round, string Number, Role Function, string Text, string Owner, string OwnerName, DateOnly DueOn, FollowUpState State,
        bool Overdue, string? Report, string? ReportedBy, DateTimeOffset? ReportedAt, string? AcceptedBy, DateTimeOffset? AcceptedAt);

    public sealed record ReportRequest(string Report);

    public sealed record ReasonRequest(string Reason);

    public sealed record MoveRequest(string Owner, DateOnly DueOn, string Reason);

    public static void MapConditions(this RouteGroupBuilder api)
    {
        api.MapGet("/use-cases/{key}/conditions", OfUseCaseAsync).WithTags("Conditions").WithSummary("What approvals asked for, and how far it is");
        var conditions = api.MapGroup("/conditions").WithTags("Conditions");
        conditions.MapGet("/", WaitingAsync).WithSummary("Conditions that wait for you");
        conditions.MapPost("/{id:guid}/report", ReportAsync).WithSummary("Say how a condition of yours is met");
        conditions.MapPost("/{id:guid}/accept", AcceptAsync).WithSummary("Agree that a condition of your function is met");
        conditions.MapPost("/{id:guid}/send-back", SendBackAsync).WithSummary("Say what is missing");
        conditions.MapPost("/{id:guid}/move", MoveAsync).WithSummary("Give it another owner or another day");
    }

    private static async Task<IReadOnlyList<ConditionView>> OfUseCaseAsync(HttpContext http, string key, FollowUps followUps) =>
        [.. (await followUps.OfUseCaseAsync(key, await http.ActorAsync(), http.RequestAborted)).Select(ViewOf)];

    private static async Task<UseCasesApi.Listed<ConditionView>> WaitingAsync(HttpContext http, FollowUps followUps, int page = 1, int size = 20)
    {
        var found = await followUps.WaitingAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> ReportAsync(HttpContext http, Guid id, ReportRequest request, SeeToCondition seeTo)
    {
        await seeTo.ReportAsync(id, request.Report ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> AcceptAsync(HttpContext http, Guid id, SeeToCondition seeTo)
    {
        await seeTo.AcceptAsync(id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> SendBackAsync(HttpContext http, Guid id, ReasonRequest request, SeeToCondition seeTo)
    {
        await seeTo.SendBackAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> MoveAsync(HttpContext http, Guid id, MoveRequest request, SeeToCondition seeTo)
    {
        await seeTo.MoveAsync(id, new PersonId(request.Owner ?? ""), request.DueOn, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static ConditionView ViewOf(FollowUpRow row)
    {
        var f = row.FollowUp;
        return new(
            f.Id, f.UseCaseKey, f.RoundNumber, $"C{f.Number}", f.Function, f.Text, f.OwnerId, f.OwnerName, f.DueOn, f.State, row.IsOverdue, f.Report,
            f.ReportedByName, f.ReportedAt, f.AcceptedByName, f.AcceptedAt);
    }
}
