using CoEPortal.Governance.Approvals;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class CommentsApi
{
    /// <param name="Question">The path of the answer at which it stands, e.g. <c>Kpi.Target</c>; null when it is about the whole.</param>
    public sealed record CommentRequest(string Text, string? Question = null);

    /// <param name="Text">Null when the author took it back.</param>
    public sealed record CommentView(Guid Id, int Revision, string? Question, string Author, string? Text, IReadOnlyList<string> Mentions, DateTimeOffset WrittenAt, DateTimeOffset? RetractedAt);

    public static void MapComments(this RouteGroupBuilder api)
    {
        api.MapGet("/use-cases/{key}/comments", ListAsync).WithTags("Discussion").WithSummary("What was said, oldest first");
        api.MapPost("/use-cases/{key}/comments", WriteAsync).WithTags("Discussion").WithSummary("Say something; @Name tells a person").IsIdempotent();
        api.MapGet("/use-cases/{key}/questions", async (HttpContext http, string key, QuestionThreads threads) => await threads.OfAsync(key, await http.ActorAsync(), http.RequestAborted))
            .WithTags("Discussion").WithSummary("Questions of the one-pager at which something was said, and which of them are resolved");
        api.MapPost("/use-cases/{key}/questions/{question}/resolve", async (HttpContext http, string key, string question, QuestionThreads threads) =>
        {
            await threads.ResolveAsync(key, question, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithTags("Discussion").WithSummary("What was asked at a question is settled");
        api.MapPost("/use-cases/{key}/questions/{question}/reopen", async (HttpContext http, string key, string question, QuestionThreads threads) =>
        {
            await threads.ReopenAsync(key, question, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithTags("Discussion").WithSummary("It is not settled after all; the next comment there says so too");
        api.MapDelete("/comments/{id:guid}", RetractAsync).WithTags("Discussion").WithSummary("Take your comment back");
    }

    private static async Task<UseCasesApi.Listed<CommentView>> ListAsync(HttpContext http, string key, Discussion discussion, string? question = null, int page = 1, int size = 50)
    {
        var found = await discussion.OfAsync(key, await http.ActorAsync(), page, size, question, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> WriteAsync(HttpContext http, string key, CommentRequest request, Discussion discussion)
    {
        var comment = await discussion.WriteAsync(key, request.Text ?? "", await http.ActorAsync(), request.Question, http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/comments", ViewOf(comment));
    }

    private static async Task<IResult> RetractAsync(HttpContext http, Guid id, Discussion discussion)
    {
        await discussion.RetractAsync(id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static CommentView ViewOf(Comment c) =>
        new(c.Id, c.Revision, c.Question, c.AuthorName, c.RetractedAt is null ? c.Text : null, c.Mentions, c.WrittenAt, c.RetractedAt);
}
