using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Gates before a new prompt, model or index. Pipelines speak with a machine token of the scope <c>gates.write</c>.</summary>
public static class GatesApi
{
    /// <param name="RunId">Of the pipeline: told again, it is the same.</param>
    /// <param name="ArtefactHash"><c>sha256:…</c> of exactly what was evaluated.</param>
    /// <param name="UseCase">Its key again; needed when the request is signed (header <c>X-Coe-Signature</c>).</param>
    public sealed record ResultRequest(
        string? RunId, Component Component, string? Name, string? Version, string? ArtefactHash, string? Suite, long Examples, Dictionary<string, decimal>? Metrics, DateTimeOffset? EvaluatedAt, string? Link, string? UseCase);

    /// <param name="PublicKey">The public half of an ECDSA key on P-256, in PEM.</param>
    /// <param name="UseCase">Null for all.</param>
    /// <param name="GoodForDays">Null for a year.</param>
    public sealed record KeyRequest(string? Name, string? PublicKey, string? UseCase, int? GoodForDays);

    /// <param name="DistrustedFrom">What it signed since then counts no more; null for now.</param>
    public sealed record RevokeKeyRequest(string? Reason, DateTimeOffset? DistrustedFrom);

    public sealed record KeyView(
        Guid Id, string Name, string? UseCase, string Fingerprint, string PublicKey, DateTimeOffset GoodUntil, string AddedBy, DateTimeOffset AddedAt, DateTimeOffset? RevokedAt, string? RevokedBy, string Reason,
        DateTimeOffset? DistrustedFrom);

    /// <param name="Body">The signed bytes, in base64.</param>
    /// <param name="Signature">ECDSA with SHA-256 over them, DER in base64.</param>
    public sealed record SignatureView(string Body, string Signature, KeyView Key);

    public sealed record PromotionRequest(Component Component, string? Name, string? Version, string? ArtefactHash, string? Summary);

    public sealed record MetricRequest(string? Suite, string? Metric, decimal? AtLeast, decimal? AtMost, string? Reason);

    public sealed record FindingRequest(string? Title, string? Description, Severity Severity, OwaspRisk Owasp, string? Owner, DateOnly? DueOn);

    /// <param name="State"><c>fixed</c>, <c>closed</c> or <c>open</c> after a second try, <c>accepted</c> until a day.</param>
    public sealed record FindingStepRequest(FindingState State, string? Note, DateOnly? Until);

    public sealed record MetricView(string Id, string Title, MetricUnit Unit, decimal? AtLeast, decimal? AtMost, bool IsOwn, decimal? Value, bool? Holds);

    public sealed record StandingView(string Gate, string Title, GateState State, string Why, string WhatToDo, string? RunId, IReadOnlyList<MetricView> Metrics);

    public sealed record CheckView(Component Component, string Name, string Version, string ArtefactHash, bool Passes, IReadOnlyList<StandingView> Gates);

    public sealed record SuiteView(string Id, string Title, int MinimumExamples, int GoodForDays, IReadOnlyList<MetricView> Metrics);

    public sealed record GateView(string UseCase, string RulesVersion, bool AsksTheBoard, IReadOnlyDictionary<string, IReadOnlyList<SuiteView>> Required, IReadOnlyList<CheckView> Artefacts);

    public sealed record RecordedView(Guid Id, bool IsNew, CheckView Check);

    public sealed record BoardDecisionView(Role Function, DecisionKind Decision, string Comment, IReadOnlyList<string> Conditions, string Person, DateTimeOffset DecidedAt);

    /// <param name="Task">Decided at <c>/api/v1/tasks/{task}/decision</c>, like every review.</param>
    public sealed record BoardTaskView(Role Function, Guid Task);

    public sealed record PromotionView(
        Guid Id, string UseCase, int Number, Component Component, string Name, string Version, string ArtefactHash, string Summary, PromotionState State, IReadOnlyList<BoardTaskView> WaitsFor,
        IReadOnlyList<BoardDecisionView> Decisions, string RequestedBy, DateTimeOffset RequestedAt);

    public sealed record FindingView(
        string Key, string UseCase, string Title, string Description, Severity Severity, OwaspRisk Owasp, string OwaspId, FindingState State, string Owner, DateOnly DueOn, string Note,
        string ReportedBy, DateTimeOffset ReportedAt, DateOnly? AcceptedUntil);

    public static void MapGates(this RouteGroupBuilder api)
    {
        // Let in by the machine door or as a person, in the handler: the sign-in of people knows no bearer tokens.
        var gates = api.MapGroup("/gates").WithTags("Gates");
        gates.MapGet("/{key}", GetAsync).AllowAnonymous().WithSummary("What is asked of a use case, and where each artefact stands");
        gates.MapPost("/{key}/results", RecordAsync).AllowAnonymous().WithSummary("Push the result of a suite on an artefact; once for its run");
        gates.MapGet("/{key}/results/{id:guid}/signature", SignatureAsync).WithSummary("What a pipeline signed, to check it again");
        gates.MapGet("/keys", KeysAsync).WithSummary("Keys with which pipelines sign, those in force first");
        gates.MapPost("/keys", AddKeyAsync).WithSummary("Add a key; from then on results count only when they are signed").IsIdempotent();
        gates.MapPost("/keys/{id:guid}/revoke", RevokeKeyAsync).WithSummary("Take a key back, also for what it signed since it was lost");
        gates.MapPost("/{key}/promotions", RequestAsync).AllowAnonymous().WithSummary("Ask that a version may run; refused while a gate is missing, failed, stale or held by a finding");
        gates.MapGet("/promotions", PromotionsAsync).WithSummary("The promotion board, newest first");
        gates.MapGet("/promotions/{id:guid}", PromotionAsync).AllowAnonymous().WithSummary("A promotion, and who still decides");
        gates.MapPost("/promotions/{id:guid}/withdraw", WithdrawAsync).WithSummary("Take a promotion back");
        gates.MapPut("/{key}/metrics", SetMetricAsync).WithSummary("Ask more of one use case than the organisation's rules");
        gates.MapGet("/findings", FindingsAsync).WithSummary("Red-team findings, by when they are due");
        gates.MapPost("/{key}/findings", ReportAsync).WithSummary("Report what a red team made it do").IsIdempotent();
        gates.MapPost("/findings/{finding}/step", StepAsync).WithSummary("Mended, tried again, or lived with until a day");
    }

    private static async Task<GateView> GetAsync(HttpContext http, string key, GateBoard board, MachineDoor door) => TokenOf(http, door) is { } token
        ? ViewOf(await board.OfAsync(key, token.UseCaseKey, http.RequestAborted))
        : ViewOf(await board.OfAsync(key, await http.ActorAsync(), http.RequestAborted));

    private static async Task<IResult> RecordAsync(HttpContext http, string key, SentResult sent, RecordGateResult record, MachineDoor door, TimeProvider clock)
    {
        var token = TokenOf(http, door) ?? throw new RuleViolationException("token-required", "Send a machine token with the scope gates.write: Authorization: Bearer coe_…");
        var request = sent.Request;
        var reported = new ReportedResult(
            request.RunId ?? "", new VersionPointer(request.Component, request.Name ?? "", request.Version ?? ""), request.ArtefactHash ?? "", request.Suite ?? "", request.Examples,
            request.Metrics ?? [], request.EvaluatedAt ?? clock.GetUtcNow(), request.Link)
        {
            Proof = sent.Proof,
        };
        var recorded = await record.RunAsync(key, reported, token.UseCaseKey, token.Name, http.RequestAborted);
        var view = new RecordedView(recorded.Result.Id, recorded.IsNew, ViewOf(recorded.Check));
        return recorded.IsNew ? Results.Created($"/api/v1/gates/{key}", view) : Results.Ok(view);
    }

    private static async Task<SignatureView> SignatureAsync(HttpContext http, string key, Guid id, GateBoard board)
    {
        var (signature, signer) = await board.SignatureAsync(key, id, await http.ActorAsync(), http.RequestAborted);
        return new(Convert.ToBase64String(signature.Body), Convert.ToBase64String(signature.Signature), ViewOf(signer));
    }

    private static async Task<UseCasesApi.Listed<KeyView>> KeysAsync(HttpContext http, GateBoard board, int page = 1, int size = 20)
    {
        var found = await board.KeysAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> AddKeyAsync(HttpContext http, KeyRequest request, ManagePipelineKeys keys, TimeProvider clock)
    {
        var goodUntil = clock.GetUtcNow().AddDays(Math.Clamp(request.GoodForDays ?? 365, -1, 100_000));
        var key = await keys.AddAsync(request.Name ?? "", request.PublicKey ?? "", request.UseCase, goodUntil, await http.ActorAsync(), http.RequestAborted);
        return Results.Created("/api/v1/gates/keys", ViewOf(key));
    }

    private static async Task<KeyView> RevokeKeyAsync(HttpContext http, Guid id, RevokeKeyRequest request, ManagePipelineKeys keys) =>
        ViewOf(await keys.RevokeAsync(id, request.Reason ?? "", request.DistrustedFrom, await http.ActorAsync(), http.RequestAborted));

    private static async Task<IResult> RequestAsync(HttpContext http, string key, PromotionRequest request, RequestPromotion promotions, GateBoard board, MachineDoor door)
    {
        var which = new VersionPointer(request.Component, request.Name ?? "", request.Version ?? "");
        var asked = TokenOf(http, door) is { } token
            ? await promotions.RunAsync(key, which, request.ArtefactHash ?? "", request.Summary ?? "", token.UseCaseKey, token.Name, http.RequestAborted)
            : await promotions.RunAsync(key, which, request.ArtefactHash ?? "", request.Summary ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.Accepted($"/api/v1/gates/promotions/{asked.Id}", ViewOf(await board.PromotionAsync(asked.Id, key, http.RequestAborted)));
    }

    private static async Task<PromotionView> PromotionAsync(HttpContext http, Guid id, GateBoard board, MachineDoor door) => ViewOf(TokenOf(http, door) is { } token
        ? await board.PromotionAsync(id, token.UseCaseKey, http.RequestAborted)
        : (await board.PromotionAsync(id, await http.ActorAsync(), http.RequestAborted)).Row);

    private static async Task<UseCasesApi.Listed<PromotionView>> PromotionsAsync(HttpContext http, GateBoard board, Word<PromotionState>? state, string? useCase, int page = 1, int size = 20)
    {
        var found = await board.PromotionsAsync(new(state?.Value, useCase), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<PromotionView> WithdrawAsync(HttpContext http, Guid id, WithdrawPromotion withdraw, GateBoard board)
    {
        var actor = await http.ActorAsync();
        await withdraw.RunAsync(id, actor, http.RequestAborted);
        return ViewOf((await board.PromotionAsync(id, actor, http.RequestAborted)).Row);
    }

    private static async Task<GateView> SetMetricAsync(HttpContext http, string key, MetricRequest request, SetGateMetric set, GateBoard board)
    {
        var actor = await http.ActorAsync();
        await set.RunAsync(key, request.Suite ?? "", request.Metric ?? "", request.AtLeast, request.AtMost, request.Reason ?? "", actor, http.RequestAborted);
        return ViewOf(await board.OfAsync(key, actor, http.RequestAborted));
    }

    private static async Task<UseCasesApi.Listed<FindingView>> FindingsAsync(
        HttpContext http, GateBoard board, Word<FindingState>? state, Word<Severity>? severity, string? useCase, bool mine = false, int page = 1, int size = 20)
    {
        var found = await board.FindingsAsync(new(state?.Value, severity?.Value, useCase, mine), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> ReportAsync(HttpContext http, string key, FindingRequest request, FollowFinding follow)
    {
        var actor = await http.ActorAsync();
        var draft = new FindingDraft(request.Title ?? "", request.Description ?? "", request.Severity, request.Owasp, request.Owner is { Length: > 0 } owner ? new PersonId(owner) : actor.Id, request.DueOn);
        var finding = await follow.ReportAsync(key, draft, actor, http.RequestAborted);
        return Results.Created($"/api/v1/gates/findings?useCase={key}", ViewOf(finding));
    }

    private static async Task<FindingView> StepAsync(HttpContext http, string finding, FindingStepRequest request, FollowFinding follow)
    {
        var (actor, note) = (await http.ActorAsync(), request.Note ?? "");
        return ViewOf(request.State switch
        {
            FindingState.Fixed => await follow.FixAsync(finding, note, actor, http.RequestAborted),
            FindingState.Accepted => await follow.AcceptAsync(
                finding, request.Until ?? throw new RuleViolationException("until-unusable", "Say until when it is lived with."), note, actor, http.RequestAborted),
            var state => await follow.RetestAsync(finding, state is FindingState.Closed, note, actor, http.RequestAborted),
        });
    }

    private static TokenHolder? TokenOf(HttpContext http, MachineDoor door)
    {
        if (!http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return door.Admit(http.Request, MachineToken.GatesWrite)
            ?? throw new RuleViolationException("token-required", "The token is unknown, revoked or expired, or lacks the scope gates.write.");
    }

    internal static CheckView ViewOf(GateCheck check) => new(
        check.Which.Component, check.Which.Name, check.Which.Version, check.ArtefactHash, check.Passes,
        [.. check.Gates.Select(g => new StandingView(g.Gate, g.Title, g.State, g.Why, g.WhatToDo, g.Result?.RunId, [.. g.Metrics.Select(m => ViewOf(m.Metric, m.Value, m.Holds))]))]);

    private static MetricView ViewOf(Metric m, decimal? value = null, bool? holds = null) => new(m.Id, m.Title, m.Unit, m.AtLeast, m.AtMost, m.IsOwn, value, holds);

    private static GateView ViewOf(UseCaseGate gate) => new(
        gate.UseCaseKey, gate.RulesVersion, gate.AsksTheBoard,
        gate.Required.ToDictionary(
            r => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(r.Key.ToString()),
            r => (IReadOnlyList<SuiteView>)[.. r.Value.Select(s => new SuiteView(s.Id, s.Title, s.MinimumExamples, s.GoodForDays, [.. s.Metrics.Select(m => ViewOf(m))]))]),
        [.. gate.Artefacts.Select(ViewOf)]);

    private static PromotionView ViewOf(PromotionRow row)
    {
        var p = row.Promotion;
        return new(
            p.Id, p.UseCaseKey, p.Number, p.Component, p.Artefact, p.ArtefactVersion, p.ArtefactHash, p.Summary, p.State,
            [.. row.OpenTasks.Select(t => new BoardTaskView(t.Function, t.TaskId))],
            [.. (row.Review?.Decisions ?? []).OrderBy(d => d.DecidedAt).Select(d => new BoardDecisionView(d.Function, d.Kind, d.Comment, d.Conditions, d.PersonName, d.DecidedAt))],
            p.RequestedByName, p.RequestedAt);
    }

    private static KeyView ViewOf(PipelineKey k) => new(
        k.Id, k.Name, k.UseCaseKey, k.Fingerprint, k.ToPem(), k.GoodUntil, k.AddedByName, k.AddedAt, k.RevokedAt, k.RevokedByName, k.Reason, k.DistrustedFrom);

    private static FindingView ViewOf(RedTeamFinding f) => new(
        f.Key, f.UseCaseKey, f.Title, f.Description, f.Severity, f.Owasp, FormattableString.Invariant($"LLM{(int)f.Owasp:00}:2025"), f.State, f.OwnerName, f.DueOn, f.Note, f.ReportedByName, f.ReportedAt, f.AcceptedUntil);
}
