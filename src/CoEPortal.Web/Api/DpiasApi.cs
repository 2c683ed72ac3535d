using CoEPortal.Governance.Dpia;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Impact assessments: data protection, and fundamental rights where the law asks.</summary>
public static class DpiasApi
{
    public sealed record StartRequest(string? UseCase);

    /// <param name="EndsReviews">Reviews that are decided with the text as it was end.</param>
    public sealed record SaveRequest(DpiaContent? Content, bool EndsReviews = false);

    public sealed record AskRequest(string? ContentHash);

    public sealed record AdviceRequest(string? Advice, string? ContentHash);

    public sealed record AnswerRequest(bool Accepted, string? Reasons);

    public sealed record SignOffRequest(string? ContentHash, DateOnly? ReviewOn);

    public sealed record DpiaListRow(string Key, string UseCase, string Title, bool IsSignedOff, bool IsCurrent, RiskLevel ResidualRisk, int LatestVersion, DateOnly? ReviewOn, string ReopenedBecause, DpiaTurn? WaitsFor, DateTimeOffset? DueAt);

    public sealed record VersionView(int Number, string ContentHash, string SignedBy, DateTimeOffset SignedAt, DateOnly ReviewOn);

    public sealed record AdviceView(string Advice, string? By, bool IsOnThisText, bool? Accepted, string Answer, string? AnsweredBy);

    public sealed record DpiaView(DpiaListRow Dpia, int Version, string ContentHash, DpiaContent Draft, bool AsksForFria, AdviceView Advice, IReadOnlyList<VersionView> Versions);

    public static void MapDpias(this RouteGroupBuilder api)
    {
        var dpias = api.MapGroup("/dpias").WithTags("Impact assessments");
        dpias.MapGet("/", ListAsync).WithSummary("Assessments, open ones first");
        dpias.MapPost("/", async (HttpContext http, StartRequest request, WriteDpia write, DpiaLibrary library) =>
        {
            var started = await write.StartAsync(request.UseCase ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/dpias/{started.Key}", await ViewAsync(http, started.Key, library));
        }).WithSummary("Start the assessment of a use case from what its one-pager says").IsIdempotent();
        dpias.MapGet("/{key}", ViewAsync).WithSummary("An assessment with its draft, advice and versions");
        dpias.MapPut("/{key}", async (HttpContext http, string key, SaveRequest request, WriteDpia write, DpiaLibrary library) =>
        {
            await write.SaveAsync(key, request.Content ?? new DpiaContent(), http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), await http.ActorAsync(), request.EndsReviews, http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("Save the draft; If-Match carries the version you saw");
        dpias.MapPost("/{key}/advice/ask", async (HttpContext http, string key, AskRequest request, SignDpia sign, DpiaLibrary library) =>
        {
            await sign.AskAsync(key, request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("Ask the officer to advise on this text; they are told, with the day it is due");
        dpias.MapPost("/{key}/advice", async (HttpContext http, string key, AdviceRequest request, SignDpia sign, DpiaLibrary library) =>
        {
            await sign.AdviseAsync(key, request.Advice ?? "", request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("The officer advises on exactly this text");
        dpias.MapPost("/{key}/advice/answer", async (HttpContext http, string key, AnswerRequest request, SignDpia sign, DpiaLibrary library) =>
        {
            await sign.AnswerAsync(key, request.Accepted, request.Reasons ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("Accept the advice, or overrule it with reasons");
        dpias.MapPost("/{key}/review", async (HttpContext http, string key, AskRequest request, AskDpiaReview ask, DpiaLibrary library) =>
        {
            await ask.RunAsync(key, request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("Ask the functions of its lane to decide on this text: needed where a high risk is left");
        dpias.MapPost("/{key}/sign-off", async (HttpContext http, string key, SignOffRequest request, SignDpia sign, DpiaLibrary library) =>
        {
            await sign.SignOffAsync(key, request.ContentHash ?? "", request.ReviewOn, await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, library);
        }).WithSummary("Sign off exactly this text, until a day");
    }

    private static async Task<UseCasesApi.Listed<DpiaListRow>> ListAsync(HttpContext http, DpiaLibrary library, string? search, string? useCase, bool open = false, int page = 1, int size = 20)
    {
        var found = await library.PageAsync(new(useCase, open, search), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(r => RowOf(r.Assessment, r.UseCase, library.Today))], found.Total, found.Number, found.Size);
    }

    private static async Task<DpiaView> ViewAsync(HttpContext http, string key, DpiaLibrary library)
    {
        var sheet = await library.OneAsync(key, await http.ActorAsync(), http.RequestAborted);
        var a = sheet.Assessment;
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{a.Version}\"");
        return new(
            RowOf(a, sheet.UseCase, library.Today), a.Version, a.ContentHash, a.Draft, sheet.AsksForFria, new AdviceView(a.Advice, a.AdvisedByName, a.IsAdvised, a.AdviceAccepted, a.Answer, a.AnsweredByName),
            [.. a.Versions.OrderBy(v => v.Number).Select(v => new VersionView(v.Number, v.ContentHash, v.SignedByName, v.SignedAt, v.ReviewOn))]);
    }

    private static DpiaListRow RowOf(ImpactAssessment a, string title, DateOnly today) => new(
        a.Key, a.UseCaseKey, title, a.IsSignedOff, a.IsCurrent(today), a.Draft.ResidualRisk, a.LatestVersion, a.ReviewOn, a.ReopenedBecause, a.WaitsFor, a.DueAt);
}
