using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.SignIn;
using CoEPortal.Workflows;

namespace CoEPortal.Web.Api;

public static class WorkflowsApi
{
    public sealed record WorkflowsView(IReadOnlyList<PublishedVersion> Published, IReadOnlyList<RefusedWorkflow> Refused);

    public sealed record JournalView(int Sequence, string Activity, string Event, DateTimeOffset At, string Actor);

    public sealed record WaitingView(Guid Task, Role Function, DateTimeOffset Since, DateTimeOffset DueAt, string? Assignee);

    public sealed record InstanceView(
        Guid Id, string UseCase, string Title, int Round, RoundStatus RoundStatus, string Definition, int Version, string Status,
        IReadOnlyList<WaitingView> WaitsFor, IReadOnlyList<JournalView> Journal, IReadOnlyList<LaneIncident> Incidents, IReadOnlyList<int> NewerVersions);

    public sealed record ReasonRequest(string Reason);

    public sealed record UpgradeRequest(int Version, string Reason);

    public static void MapWorkflows(this RouteGroupBuilder api)
    {
        var workflows = api.MapGroup("/workflows").WithTags("Workflows");
        workflows.MapGet("/", PublishedAsync).WithSummary("What is in force, and which files were refused and why");
        workflows.MapGet("/{id}", DefinitionAsync).WithSummary("A published definition as canonical Elsa 3 JSON; the newest without a version");
        workflows.MapGet("/instances", ListAsync).WithSummary("Reviews as their workflows run them, newest change first");
        workflows.MapGet("/instances/{id:guid}", OneAsync).WithSummary("State, journal and incidents of one");
        workflows.MapPost("/instances/{id:guid}/retry", RetryAsync).WithSummary("Run the activity that failed once more");
        workflows.MapPost("/instances/{id:guid}/cancel", CancelAsync).WithSummary("End a review that cannot go on; nothing is approved by it");
        workflows.MapPost("/instances/{id:guid}/upgrade", UpgradeAsync).WithSummary("Move to a newer version, when nothing asked or decided is lost");
    }

    private static async Task<WorkflowsView> PublishedAsync(HttpContext http, WorkflowCatalogue catalogue, PublishWorkflows publish) =>
        new(await catalogue.PublishedAsync(await http.ActorAsync(), http.RequestAborted), publish.Refused);

    private static async Task<IResult> DefinitionAsync(HttpContext http, string id, WorkflowCatalogue catalogue, int? version) =>
        await catalogue.DefinitionAsync(id, version, await http.ActorAsync(), http.RequestAborted) is { } definition
            ? Results.Bytes(DefinitionJson.Write(definition).ToArray(), "application/json")
            : throw new NotFoundException("workflow", id);

    private static async Task<UseCasesApi.Listed<LaneRow>> ListAsync(
        HttpContext http, LaneList lanes, string? search, Word<LaneStatus>? status, string? definition, bool incident = false, int page = 1, int size = 20) =>
        UseCasesApi.Listing(await lanes.OfAsync(new LaneFilter(search, status?.Value, definition, incident), await http.ActorAsync(), page, size, http.RequestAborted));

    private static async Task<InstanceView> OneAsync(HttpContext http, Guid id, LaneList lanes)
    {
        var sheet = await lanes.OneAsync(id, await http.ActorAsync(), http.RequestAborted);
        return new(
            id, sheet.Round.UseCaseKey, sheet.Title, sheet.Round.Number, sheet.Round.Status, sheet.Instance.DefinitionId, sheet.Instance.DefinitionVersion,
            sheet.Instance.Status,
            [.. sheet.Tasks.Where(t => t.State is TaskState.Open).Select(t => new WaitingView(t.Id, t.Function, t.OpenedAt, t.DueAt, t.AssigneeName))],
            [.. sheet.Journal.Select(e => new JournalView(e.Sequence, e.Activity, e.Event, e.At, sheet.Names.GetValueOrDefault(e.ActorId, e.ActorId)))],
            sheet.Incidents, sheet.NewerVersions);
    }

    private static async Task<IResult> RetryAsync(HttpContext http, Guid id, ReasonRequest request, OperateLane operate)
    {
        await operate.RetryAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> CancelAsync(HttpContext http, Guid id, ReasonRequest request, OperateLane operate)
    {
        await operate.CancelAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> UpgradeAsync(HttpContext http, Guid id, UpgradeRequest request, OperateLane operate)
    {
        await operate.UpgradeAsync(id, request.Version, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }
}
