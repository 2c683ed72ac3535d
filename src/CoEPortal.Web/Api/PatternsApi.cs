using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.Patterns;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Pre-cleared patterns, and what they cleared.</summary>
public static class PatternsApi
{
    public sealed record PublishRequest(string? ContentHash, DateOnly? ExpiresOn);

    public sealed record WithdrawRequest(string? Reason);

    public sealed record OwnerRequest(string? Owner);

    public sealed record ReviewRequest(SampleOutcome Outcome, string? Note);

    public sealed record VersionView(int Number, string ContentHash, PatternContent Content, string PublishedBy, DateTimeOffset PublishedAt, DateOnly ExpiresOn);

    public sealed record PatternRow(string Key, string Title, string Owner, int LatestVersion, DateTimeOffset? GoodUntil, DateTimeOffset? WithdrawnAt, bool IsCurrent, int Version);

    public sealed record PatternView(PatternRow Pattern, PatternContent Draft, string ContentHash, IReadOnlyList<VersionView> Versions);

    public sealed record ClearedView(
        string UseCase, int Revision, string Title, string Pattern, int PatternVersion, int Number, DateTimeOffset ClearedAt, bool IsSampled, SampleOutcome? Outcome, string? ReviewedBy,
        DateTimeOffset? ReviewedAt, string Note, DateTimeOffset? EndedAt, ClearanceEnd? EndedBecause, string Detail);

    public static void MapPatterns(this RouteGroupBuilder api)
    {
        var patterns = api.MapGroup("/patterns").WithTags("Patterns");
        patterns.MapGet("/", ListAsync).WithSummary("Pre-cleared patterns by name");
        patterns.MapPost("/", StartAsync).WithSummary("Start a pattern").IsIdempotent();
        patterns.MapGet("/cleared", ClearedAsync).WithSummary("What patterns cleared: samples that wait, all samples, what is cleared no more, or all");
        patterns.MapGet("/{key}", async (HttpContext http, string key, PatternLibrary library) => View(http, library, await library.OneAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("A pattern with its draft and versions");
        patterns.MapPut("/{key}", SaveAsync).WithSummary("Save the draft; If-Match carries the version you saw");
        patterns.MapPost("/{key}/publish", async (HttpContext http, string key, PublishRequest request, PublishPattern publish, PatternLibrary library) =>
            View(http, library, await publish.RunAsync(key, request.ContentHash ?? "", request.ExpiresOn, await http.ActorAsync(), http.RequestAborted))).WithSummary("Take into force what another person wrote");
        patterns.MapPost("/{key}/withdraw", WithdrawAsync).WithSummary("Take it back for good: what it cleared is cleared no more");
        patterns.MapPost("/{key}/owner", GiveAsync).WithSummary("Give it another owner");
        api.MapPost("/use-cases/{key}/clearances/{revision:int}/review", ReviewAsync).WithTags("Patterns").WithSummary("Confirm a sample, or object, which ends its approval");
    }

    private static async Task<UseCasesApi.Listed<PatternRow>> ListAsync(HttpContext http, PatternLibrary library, Word<PatternState>? state, string? search, int page = 1, int size = 20)
    {
        var found = await library.PageAsync(new(state?.Value, search), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(p => RowOf(p, library.Now))], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> StartAsync(HttpContext http, PatternContent content, WritePattern write, PatternLibrary library)
    {
        var pattern = await write.StartAsync(content, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/patterns/{pattern.Key}", View(http, library, pattern));
    }

    private static async Task<PatternView> SaveAsync(HttpContext http, string key, PatternContent content, WritePattern write, PatternLibrary library)
    {
        var actor = await http.ActorAsync();
        await write.SaveAsync(key, content, http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), actor, http.RequestAborted);
        return View(http, library, await library.OneAsync(key, actor, http.RequestAborted));
    }

    private static async Task<PatternView> WithdrawAsync(HttpContext http, string key, WithdrawRequest request, PublishPattern publish, PatternLibrary library)
    {
        var actor = await http.ActorAsync();
        await publish.WithdrawAsync(key, request.Reason ?? "", actor, http.RequestAborted);
        return View(http, library, await library.OneAsync(key, actor, http.RequestAborted));
    }

    private static async Task<PatternView> GiveAsync(HttpContext http, string key, OwnerRequest request, WritePattern write, PatternLibrary library)
    {
        var actor = await http.ActorAsync();
        await write.GiveAsync(key, new(request.Owner ?? ""), actor, http.RequestAborted);
        return View(http, library, await library.OneAsync(key, actor, http.RequestAborted));
    }

    private static async Task<UseCasesApi.Listed<ClearedView>> ClearedAsync(HttpContext http, ClearanceList list, Word<ClearanceShow>? show, string? pattern, int page = 1, int size = 20)
    {
        var found = await list.PageAsync(show?.Value ?? ClearanceShow.All, pattern, await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(c => ViewOf(c.Clearance, c.Title))], found.Total, found.Number, found.Size);
    }

    private static async Task<ClearedView> ReviewAsync(HttpContext http, string key, int revision, ReviewRequest request, ReviewClearance review) =>
        ViewOf(await review.RunAsync(key, revision, request.Outcome, request.Note ?? "", await http.ActorAsync(), http.RequestAborted), "");

    private static PatternView View(HttpContext http, PatternLibrary library, Pattern pattern)
    {
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{pattern.Version}\"");
        return new(
            RowOf(pattern, library.Now), pattern.Draft, pattern.ContentHash,
            [.. pattern.Versions.OrderBy(v => v.Number).Select(v => new VersionView(v.Number, v.ContentHash, v.Content, v.PublishedByName, v.PublishedAt, v.ExpiresOn))]);
    }

    private static PatternRow RowOf(Pattern p, DateTimeOffset now) => new(p.Key, p.Title, p.OwnerName, p.LatestVersion, p.GoodUntil, p.WithdrawnAt, p.IsCurrent(now), p.Version);

    private static ClearedView ViewOf(Clearance c, string title) => new(
        c.UseCaseKey, c.Revision, title, c.PatternKey, c.PatternVersion, c.Number, c.ClearedAt, c.IsSampled, c.Outcome, c.ReviewedByName, c.ReviewedAt, c.Note, c.EndedAt, c.EndedBecause, c.Detail);
}
