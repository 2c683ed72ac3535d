using CoEPortal.Governance.Intake;
using CoEPortal.Governance.StageGates;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Four gates from an idea to its proof of concept, and the phases after it.</summary>
public static class StageGatesApi
{
    /// <param name="Answers">By the ids of the gate's questions.</param>
    public sealed record AnswerRequest(Dictionary<string, string>? Answers, string? Evidence);

    /// <param name="Lesson">What it taught; with <c>killed</c>.</param>
    /// <param name="ContentHash">Of the answer that was read.</param>
    public sealed record DecisionRequest(StageGateOutcome Outcome, string? Reason, string? Lesson, string? ContentHash);

    public sealed record MoveRequest(Phase To, string? Reason);

    public sealed record TextView(string Question, string Asked, string Text);

    public sealed record AnswerView(
        int Number, string RulesVersion, string ContentHash, IReadOnlyList<TextView> Answers, string Evidence, string WrittenBy, DateTimeOffset WrittenAt,
        StageGateOutcome? Outcome, string? Reason, string? DecidedBy, DateTimeOffset? DecidedAt);

    public sealed record GateView(StageGate Gate, string Title, string Help, StageGateState State, IReadOnlyList<StageGateQuestion> Questions, IReadOnlyList<AnswerView> Answers);

    public sealed record SheetView(string UseCase, Phase? Phase, bool GatesAsked, IReadOnlyList<Phase> Moves, string RulesVersion, IReadOnlyList<GateView> Gates);

    public static void MapStageGates(this RouteGroupBuilder api)
    {
        var gates = api.MapGroup("/use-cases/{key}").WithTags("Stage gates");
        gates.MapGet("/stage-gates", GetAsync).WithSummary("What the gates ask, what was answered and decided, and where the use case may move");
        gates.MapPost("/stage-gates/{gate}/answers", AnswerAsync).WithSummary("Answer a gate; the gates before it are passed").IsIdempotent();
        gates.MapPost("/stage-gates/{gate}/decision", DecideAsync).WithSummary("Pass, send back or kill what somebody else wrote; killed, the use case ends");
        gates.MapPost("/phase", MoveAsync).WithSummary("Move to proof of concept, pilot or production, or a step back, with a reason");
    }

    private static async Task<SheetView> GetAsync(HttpContext http, string key, StageGateSheets sheets) => await ViewAsync(http, key, sheets);

    private static async Task<IResult> AnswerAsync(HttpContext http, string key, Word<StageGate> gate, AnswerRequest request, AnswerStageGate answer, StageGateSheets sheets)
    {
        await answer.RunAsync(key, gate.Value, new(request.Answers ?? [], request.Evidence ?? ""), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/use-cases/{key}/stage-gates", await ViewAsync(http, key, sheets));
    }

    private static async Task<SheetView> DecideAsync(HttpContext http, string key, Word<StageGate> gate, DecisionRequest request, DecideStageGate decide, StageGateSheets sheets)
    {
        await decide.RunAsync(key, gate.Value, request.Outcome, request.Reason ?? "", request.Lesson, request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
        return await ViewAsync(http, key, sheets);
    }

    private static async Task<SheetView> MoveAsync(HttpContext http, string key, MoveRequest request, MovePhase move, StageGateSheets sheets)
    {
        await move.RunAsync(key, request.To, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return await ViewAsync(http, key, sheets);
    }

    private static async Task<SheetView> ViewAsync(HttpContext http, string key, StageGateSheets sheets)
    {
        var sheet = await sheets.OfAsync(key, await http.ActorAsync(), http.RequestAborted);
        return new(
            key, sheet.UseCase.Phase, sheet.UseCase.GatesAsked, UseCase.MovesFrom(sheet.UseCase.Phase), sheet.RulesVersion,
            [.. sheet.Gates.Select(g => new GateView(g.Form.Gate, g.Form.Title, g.Form.Help, g.State, g.Form.Questions, [.. g.Answers.Select(a => ViewOf(a, sheets))]))]);
    }

    private static AnswerView ViewOf(StageGateAnswer a, StageGateSheets sheets) => new(
        a.Number, a.RulesVersion, a.ContentHash, [.. a.Texts.Select(t => new TextView(t.Question, sheets.QuestionOf(a, t.Question), t.Text))], a.Evidence, a.WrittenByName, a.WrittenAt,
        a.Outcome, a.Reason, a.DecidedByName, a.DecidedAt);
}
