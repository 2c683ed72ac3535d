using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class UseCasesApi
{
    public sealed record Listed<T>(IReadOnlyList<T> Items, int Total, int Page, int Size);

    public sealed record RevisionView(
        int Number, string ContentHash, DateTimeOffset SubmittedAt, string SubmittedBy, Proposal Proposal, Assessment Assessment);

    public sealed record BindingView(Guid Id, CredentialKind Kind, string Value, string Gateway, string BoundBy, DateTimeOffset BoundAt, DateTimeOffset? RemovedAt);

    public sealed record UseCaseView(
        string Key, string Title, string BusinessUnit, Stage Stage, int Version, int LatestRevision, int? ApprovedRevision, Lane? Lane,
        RiskClass? RiskClass, RiskTier? Tier, int? Value, int? Risk, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, Proposal Draft,
        Assessment Preview, IReadOnlyList<RevisionView> Revisions, IReadOnlyList<BindingView> Bindings);

    public sealed record SubmittedView(string Key, int Revision, string ContentHash, Stage Stage, Assessment Assessment);

    public sealed record WithdrawRequest(string Reason);

    public sealed record BindingRequest(CredentialKind Kind, string Value, string? Gateway);

    public static void MapUseCases(this RouteGroupBuilder api)
    {
        var useCases = api.MapGroup("/use-cases").WithTags("Use cases");
        useCases.MapGet("/", ListAsync).WithSummary("The portfolio, as far as you may see it");
        useCases.MapPost("/", StartAsync).WithSummary("Start a use case: gives it a key and a draft").IsIdempotent();
        useCases.MapGet("/duplicates", DuplicatesAsync).WithSummary("What may be the same, by name and words, among what you may see");
        useCases.MapGet("/{key}", GetAsync).WithSummary("A use case with draft, revisions and bindings");
        useCases.MapPut("/{key}", SaveAsync).WithSummary("Save the draft; If-Match carries the version you saw");
        useCases.MapPost("/{key}/submit", SubmitAsync).WithSummary("Freeze the draft as a revision and open its lane");
        useCases.MapPost("/{key}/withdraw", WithdrawAsync).WithSummary("Take a proposal back while it is reviewed");
        useCases.MapPost("/{key}/bindings", BindAsync).WithSummary("Bind a gateway credential to an approved use case").IsIdempotent();
        useCases.MapDelete("/{key}/bindings/{id:guid}", UnbindAsync).WithSummary("Remove a binding: traffic with it is unknown from then on");
        useCases.MapGet("/{key}/usage", UsageAsync).WithSummary("Calls, tokens and cost, in a time range if given");
        useCases.MapGet("/{key}/timeline", TimelineAsync).WithSummary("What happened, newest first");
    }

    private static async Task<Listed<UseCaseRow>> ListAsync(
        HttpContext http, UseCaseList list, string? search, Word<Stage>? stage, Word<Lane>? lane, Word<RiskClass>? riskClass, int page = 1, int size = 20)
    {
        var found = await list.ForAsync(
            await http.ActorAsync(), new UseCaseFilter(search, stage?.Value, lane?.Value, riskClass?.Value), page: page, size: size, cancellation: http.RequestAborted);
        return Listing(found);
    }

    private static async Task<IResult> StartAsync(HttpContext http, Proposal draft, StartUseCase startUseCase, UseCaseDetails details, TriageRules rules, PatternLibrary patterns, OverrideList overrides, TimeProvider clock)
    {
        var actor = await http.ActorAsync();
        var started = await startUseCase.RunAsync(actor, draft, http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{started.Key}", await ViewAsync(http, started.Key, details, rules, patterns, overrides, clock));
    }

    private static async Task<DuplicatesFound> DuplicatesAsync(HttpContext http, LikelyDuplicates duplicates, string title, string? problem = null, string? except = null) =>
        await duplicates.OfAsync(title, problem ?? "", except, await http.ActorAsync(), http.RequestAborted);

    private static Task<UseCaseView> GetAsync(HttpContext http, string key, UseCaseDetails details, TriageRules rules, PatternLibrary patterns, OverrideList overrides, TimeProvider clock) =>
        ViewAsync(http, key, details, rules, patterns, overrides, clock);

    private static async Task<UseCaseView> SaveAsync(
        HttpContext http, string key, Proposal draft, SaveDraft saveDraft, UseCaseDetails details, TriageRules rules, PatternLibrary patterns, OverrideList overrides, TimeProvider clock)
    {
        await saveDraft.RunAsync(key, draft, http.VersionSeen() ?? throw VersionNeeded(), await http.ActorAsync(), http.RequestAborted);
        return await ViewAsync(http, key, details, rules, patterns, overrides, clock);
    }

    private static async Task<SubmittedView> SubmitAsync(HttpContext http, string key, SubmitProposal submitProposal, UseCaseDetails details)
    {
        var actor = await http.ActorAsync();
        var revision = await submitProposal.RunAsync(key, http.VersionSeen(), actor, http.RequestAborted);
        var (useCase, _) = await details.OfAsync(key, actor, http.RequestAborted);
        return new SubmittedView(key, revision.Number, revision.ContentHash, useCase.Stage, revision.Assessment);
    }

    private static async Task<IResult> WithdrawAsync(HttpContext http, string key, WithdrawRequest request, WithdrawProposal withdrawProposal)
    {
        await withdrawProposal.RunAsync(key, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> BindAsync(HttpContext http, string key, BindingRequest request, BindCredential bindCredential)
    {
        var binding = await bindCredential.RunAsync(
            key, request.Kind, request.Value ?? "", request.Gateway ?? "any", await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/bindings/{binding.Id}", BindingOf(binding));
    }

    private static async Task<IResult> UnbindAsync(HttpContext http, string key, Guid id, BindCredential bindCredential)
    {
        await bindCredential.RemoveAsync(key, id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<Usage> UsageAsync(HttpContext http, string key, UsageReport report, DateTimeOffset? from, DateTimeOffset? to) =>
        await report.OfAsync(key, from, to, await http.ActorAsync(), http.RequestAborted);

    private static async Task<Listed<TimelineEntry>> TimelineAsync(HttpContext http, string key, Timeline timeline, int page = 1, int size = 25) =>
        Listing(await timeline.OfAsync(key, await http.ActorAsync(), page, size, http.RequestAborted));

    internal static Listed<T> Listing<T>(Page<T> page) => new(page.Items, page.Total, page.Number, page.Size);

    private static async Task<UseCaseView> ViewAsync(HttpContext http, string key, UseCaseDetails details, TriageRules rules, PatternLibrary patterns, OverrideList overrides, TimeProvider clock)
    {
        var (useCase, bindings) = await details.OfAsync(key, await http.ActorAsync(), http.RequestAborted);
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{useCase.Version}\"");
        return new UseCaseView(
            useCase.Key, useCase.Title, useCase.BusinessUnit, useCase.Stage, useCase.Version, useCase.LatestRevision, useCase.ApprovedRevision,
            useCase.Lane, useCase.RiskClass, useCase.Tier, useCase.Value, useCase.Risk, useCase.CreatedAt, useCase.ChangedAt, useCase.Draft,
            Triage.Assess(useCase.Draft, rules.InForce(clock.GetUtcNow()), await patterns.ForAsync(key, http.RequestAborted),
                (await overrides.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).FirstOrDefault(o => o.State is OverrideState.Confirmed)),
            [.. useCase.Revisions.OrderBy(r => r.Number).Select(r => new RevisionView(r.Number, r.ContentHash, r.SubmittedAt, r.SubmittedByName, r.Proposal, r.Assessment))],
            [.. bindings.Select(BindingOf)]);
    }

    private static BindingView BindingOf(CredentialBinding b) => new(b.Id, b.Kind, b.Value, b.Gateway, b.BoundByName, b.BoundAt, b.RemovedAt);

    /// <summary>The version of <c>If-Match</c>; null without the header.</summary>
    internal static int? VersionSeen(this HttpContext http)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        return header.Length == 0 ? null
            : int.TryParse(header.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new RuleViolationException("changed-meanwhile", "If-Match carries the ETag of the use case as you saw it.");
    }

    internal static RuleViolationException VersionNeeded() =>
        new("if-match-required", "Send If-Match with the ETag of the use case as you saw it, so that nobody's text is overwritten.");
}
