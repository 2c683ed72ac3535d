using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>What people think of answers. Programs report it to <c>/ingest/feedback</c> instead, with a machine token.</summary>
public static class FeedbackApi
{
    public sealed record FeedbackRequest(bool? IsGood, int? Score, string? Text, string? CallId);

    /// <param name="Assignee">The id of a person, or nothing.</param>
    /// <param name="Version">What was seen; a change in between is refused.</param>
    public sealed record TriageRequest(FeedbackFix Fix, string? Assignee, string? Note, int? Version);

    public sealed record FinishRequest(string? Note, int? Version);

    public sealed record FeedbackView(
        Guid Id, string UseCase, string Source, string? CallId, Opinion Opinion, int? Score, string Text, DateTimeOffset GivenAt, string GivenBy,
        FeedbackState State, FeedbackFix? Fix, string? Assignee, string Note, DateTimeOffset? TriagedAt, string? TriagedBy, int Version);

    public static void MapFeedback(this RouteGroupBuilder api)
    {
        api.MapGet("/feedback", ListAsync).WithTags("Feedback").WithSummary("Feedback, newest first");
        api.MapPost("/use-cases/{key}/feedback", EnterAsync).WithTags("Feedback").WithSummary("Enter feedback: thumbs, a score from 1 to 5, or words with either").IsIdempotent();
        api.MapPost("/feedback/{id:guid}/triage", async (HttpContext http, Guid id, TriageRequest request, TriageFeedback triage) => ViewOf(await triage.RunAsync(
            id, request.Fix, request.Assignee is { Length: > 0 } person ? new PersonId(person) : null, request.Note ?? "", await http.ActorAsync(), request.Version, http.RequestAborted)))
            .WithTags("Feedback").WithSummary("Say where the fix belongs: prompt, retrieval, tool or ui");
        api.MapPost("/feedback/{id:guid}/done", async (HttpContext http, Guid id, FinishRequest request, TriageFeedback triage) =>
            ViewOf(await triage.FinishAsync(id, request.Note ?? "", await http.ActorAsync(), request.Version, http.RequestAborted)))
            .WithTags("Feedback").WithSummary("Nothing is left to do");
    }

    private static async Task<UseCasesApi.Listed<FeedbackView>> ListAsync(
        HttpContext http, FeedbackInbox inbox, Word<FeedbackState>? state, Word<Opinion>? opinion, Word<FeedbackFix>? fix, string? useCase, string? search,
        bool mine = false, int page = 1, int size = 20)
    {
        var found = await inbox.PageAsync(new FeedbackFilter(state?.Value, opinion?.Value, fix?.Value, useCase, mine, search), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> EnterAsync(HttpContext http, string key, FeedbackRequest request, EnterFeedback enter)
    {
        var entered = await enter.RunAsync(key, FeedbackDraft.Of(request.IsGood, request.Score, request.Text, request.CallId), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/feedback?useCase={key}", ViewOf(entered));
    }

    private static FeedbackView ViewOf(UserFeedback f) => new(
        f.Id, f.UseCaseKey, f.Source, f.CallId, f.Opinion, f.Score, f.Text, f.GivenAt, f.GivenByName, f.State, f.Fix, f.AssigneeName, f.Note, f.TriagedAt, f.TriagedByName, f.Version);
}
