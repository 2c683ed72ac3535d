using CoEPortal.Governance.SharedFailures;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Failures that were shared so that others learn from them.</summary>
public static class SharedFailuresApi
{
    /// <param name="Feedback">The piece of feedback that it is made from.</param>
    /// <param name="Version">For publishing: what was seen.</param>
    public sealed record FailureRequest(string? Title, string? Happened, string? Learnt, string? Workaround, FailureKind Kind, IReadOnlyList<string>? UseCases, Guid? Feedback, int? Version);

    public sealed record WithdrawRequest(string? Reason);

    /// <param name="OtherUseCases">How many use cases it is about that the reader may not see.</param>
    public sealed record FailureView(
        string Key, FailureKind Kind, string Title, string Happened, string Learnt, string Workaround, IReadOnlyList<string> UseCases, int OtherUseCases,
        FailureState State, DateTimeOffset? PublishedAt, string WithdrawnReason, int Met, bool HappenedToMe, int Version);

    public static void MapSharedFailures(this RouteGroupBuilder api)
    {
        var failures = api.MapGroup("/failures").WithTags("Shared failures");
        failures.MapGet("", ListAsync).WithSummary("The board, newest first; state=waiting and withdrawn for the CoE and for your own");
        failures.MapGet("/{key}", async (HttpContext http, string key, FailureBoard board) => ViewOf(await board.OneAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("One entry");
        failures.MapPost("", async (HttpContext http, FailureRequest request, ShareFailure share, FailureBoard board) =>
        {
            var actor = await http.ActorAsync();
            var made = await share.RunAsync(DraftOf(request), request.Feedback, actor, http.RequestAborted);
            return Results.Created($"/api/v1/failures/{made.Key}", ViewOf(await board.OneAsync(made.Key, actor, http.RequestAborted)));
        }).WithSummary("Tell of a failure; it waits until somebody of the CoE publishes it").IsIdempotent();
        failures.MapPost("/{key}/publish", async (HttpContext http, string key, FailureRequest request, ShareFailure share) =>
        {
            await share.PublishAsync(key, DraftOf(request), request.Version ?? -1, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Publish it, as it is to be read");
        failures.MapPost("/{key}/withdraw", async (HttpContext http, string key, WithdrawRequest request, ShareFailure share) =>
        {
            await share.WithdrawAsync(key, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("Withdraw it, for a reason");
        failures.MapPost("/{key}/met", async (HttpContext http, string key, ShareFailure share) =>
        {
            await share.MeetAsync(key, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("It happened to you too; counted once");
    }

    private static async Task<UseCasesApi.Listed<FailureView>> ListAsync(
        HttpContext http, FailureBoard board, Word<FailureKind>? kind, Word<FailureState>? state, string? useCase, string? search, int page = 1, int size = 20)
    {
        var found = await board.PageAsync(new(kind?.Value, useCase, search, state?.Value ?? FailureState.Published), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static FailureDraft DraftOf(FailureRequest r) => new(r.Title ?? "", r.Happened ?? "", r.Learnt ?? "", r.Workaround ?? "", r.Kind, r.UseCases ?? []);

    private static FailureView ViewOf(FailureRow r) => new(
        r.Failure.Key, r.Failure.Kind, r.Failure.Title, r.Failure.Happened, r.Failure.Learnt, r.Failure.Workaround, r.UseCases, r.OtherUseCases,
        r.Failure.State, r.Failure.PublishedAt, r.Failure.WithdrawnReason, r.Failure.Met, r.HappenedToMe, r.Failure.Version);
}
