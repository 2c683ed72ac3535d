using CoEPortal.Governance.Documents;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Papers that belong to a use case.</summary>
public static class DocumentsApi
{
    /// <param name="EndsReviews">Whether a review that is decided with it may end.</param>
    public sealed record WithdrawalRequest(string? Reason, bool EndsReviews);

    /// <param name="KeysTaken">Keys were taken out of it, so its hash is not the one of what was given.</param>
    /// <param name="IsKept">Whether its content can still be fetched.</param>
    public sealed record DocumentView(
        int Number, string Title, string FileName, string MediaType, int Length, string ContentHash, bool KeysTaken, string AddedBy, DateTimeOffset AddedAt,
        string? WithdrawnBy, DateTimeOffset? WithdrawnAt, string? Reason, bool IsKept);

    public static void MapDocuments(this RouteGroupBuilder api)
    {
        var documents = api.MapGroup("/use-cases/{key}/documents").WithTags("Use cases");
        documents.MapGet("/", async (HttpContext http, string key, KeepDocuments keep) => (await keep.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).Documents.Select(ViewOf))
            .WithSummary("Documents of a use case, those that count first");
        documents.MapPost("/", AddAsync).WithSummary("Add a document: a form with file (PDF, PNG, JPEG, JSON or UTF-8 text) and title").WithMetadata(UploadedForm.Limit);
        documents.MapGet("/{number:int}/file", FetchAsync).WithSummary("What a document holds");
        documents.MapPost("/{number:int}/withdrawal", WithdrawAsync).WithSummary("Withdraw a document with a reason; its content goes too while nobody can have relied on it");
    }

    private static async Task<IResult> AddAsync(HttpContext http, string key, KeepDocuments keep)
    {
        var actor = await http.ActorAsync();
        var form = await UploadedForm.ReadAsync(http);
        var document = await keep.AddAsync(key, form.Fields["title"].ToString(), await form.FileAsync([], http.RequestAborted), actor, http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/documents/{document.Number}/file", ViewOf(document));
    }

    // As an attachment and of the type that was found in it: a browser shows nothing of it.
    private static async Task<IResult> FetchAsync(HttpContext http, string key, int number, KeepDocuments keep)
    {
        var (document, content) = await keep.FetchAsync(key, number, await http.ActorAsync(), http.RequestAborted);
        return Results.File(content, document.MediaType, $"{key}-D{number}.{UploadedFile.ExtensionOf(document.MediaType)}");
    }

    private static async Task<DocumentView> WithdrawAsync(HttpContext http, string key, int number, WithdrawalRequest request, KeepDocuments keep) =>
        ViewOf(await keep.WithdrawAsync(key, number, request.Reason ?? "", await http.ActorAsync(), request.EndsReviews, http.RequestAborted));

    private static DocumentView ViewOf(UseCaseDocument d) => new(
        d.Number, d.Title, d.FileName, d.MediaType, d.Length, d.ContentHash, d.KeysTaken, d.AddedByName, d.AddedAt, d.WithdrawnByName, d.WithdrawnAt, d.Reason.Length > 0 ? d.Reason : null, d.IsKept);
}
