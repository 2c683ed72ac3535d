using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Reports;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Tabletop exercises: plan, seat, play on a timer, score, follow.</summary>
public static class ExercisesApi
{
    public sealed record PlanRequest(string Scenario, DateOnly On, string? UseCase);

    public sealed record SeatRequest(string Role, string Person);

    public sealed record WordsRequest(string? Text);

    public sealed record FindingRequest(string? Text, string Owner, DateOnly DueOn);

    public sealed record FindingMoveRequest(ActionState To, string? Note);

    public sealed record StepView(int Number, string Title, string Role, int WithinMinutes, bool Drill, DateTimeOffset? DoneAt, string? DoneBy, bool? IsInTime);

    public sealed record FindingView(int Number, string Text, string Owner, DateOnly DueOn, ActionState State, string Note);

    public sealed record ExerciseView(
        string Key, string Scenario, string ScenarioHash, string Title, string? UseCase, DateOnly PlannedOn, ExerciseState State, string Facilitator, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
        int? Score, string Conclusion, Guid? Drill, IReadOnlyDictionary<string, string> Seats, IReadOnlyList<StepView> Steps, IReadOnlyList<FindingView> Findings);

    public static void MapExercises(this RouteGroupBuilder api)
    {
        var exercises = api.MapGroup("/exercises").WithTags("Exercises");
        exercises.MapGet("/", async (HttpContext http, ExerciseCalendar calendar, Word<ExerciseState>? state, int page = 1, int size = 20) =>
        {
            var found = await calendar.PageAsync(state?.Value, await http.ActorAsync(), page, size, http.RequestAborted);
            return UseCasesApi.Listing(new Page<object>([.. found.Items.Select(e => new { e.Key, e.Scenario, e.Title, UseCase = e.UseCaseKey, e.PlannedOn, e.State, e.Score })], found.Total, found.Number, found.Size));
        }).WithSummary("The calendar of exercises");
        exercises.MapGet("/overdue", async (HttpContext http, ExerciseCalendar calendar) =>
            (await calendar.OverdueAsync(await http.ActorAsync(), http.RequestAborted)).Select(o => new { Scenario = o.Scenario.Name, o.Scenario.Title, o.Scenario.EveryMonths, o.LastOn, o.PlannedOn })).WithSummary("Scenarios that were not played for too long");
        exercises.MapPost("/", async (HttpContext http, PlanRequest r, RunExercise run, ExerciseCalendar calendar) =>
        {
            var planned = await run.PlanAsync(r.Scenario, r.On, r.UseCase, await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/exercises/{planned.Key}", await ViewAsync(http, planned.Key, calendar));
        }).WithSummary("Plan an exercise").IsIdempotent();
        var one = exercises.MapGroup("/{key}");
        one.MapGet("/", async (HttpContext http, string key, ExerciseCalendar calendar) => await ViewAsync(http, key, calendar)).WithSummary("One exercise; ETag is its version");
        one.MapPost("/seats", Change<SeatRequest>((run, key, r, by, c) => run.SeatAsync(key, r.Role, new PersonId(r.Person), by, c))).WithSummary("Seat somebody in a role");
        one.MapPost("/start", async (HttpContext http, string key, RunExercise run, ExerciseCalendar calendar) =>
        {
            await run.StartAsync(key, await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, calendar);
        }).WithSummary("Start the timer");
        one.MapPost("/steps/{number:int}", async (HttpContext http, string key, int number, WordsRequest r, RunExercise run, ExerciseCalendar calendar) =>
        {
            await run.DoStepAsync(key, number, r.Text ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, calendar);
        }).WithSummary("A step is done");
        one.MapPost("/drill", async (HttpContext http, string key, RunExercise run, ExerciseCalendar calendar) =>
        {
            await run.RehearseAsync(key, await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, calendar);
        }).WithSummary("Rehearse the switch, as the scenario asks");
        one.MapPost("/notes", Change<WordsRequest>((run, key, r, by, c) => run.NoteAsync(key, r.Text ?? "", by, c))).WithSummary("What an observer saw").IsIdempotent();
        one.MapPost("/end", Change<WordsRequest>((run, key, r, by, c) => run.EndAsync(key, r.Text ?? "", by, c))).WithSummary("End and score");
        one.MapPost("/cancel", Change<WordsRequest>((run, key, r, by, c) => run.CancelAsync(key, r.Text ?? "", by, c))).WithSummary("Cancel it");
        one.MapPost("/findings", Change<FindingRequest>((run, key, r, by, c) => run.FindAsync(key, r.Text ?? "", new PersonId(r.Owner), r.DueOn, by, c))).WithSummary("Open a finding").IsIdempotent();
        one.MapPost("/findings/{number:int}", async (HttpContext http, string key, int number, FindingMoveRequest r, RunExercise run, ExerciseCalendar calendar) =>
        {
            await run.MoveFindingAsync(key, number, r.To, r.Note ?? "", await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, calendar);
        }).WithSummary("Done, verified by another person, sent back or dropped");
        one.MapPost("/audit-pack", async (HttpContext http, string key, RequestAuditPack request, Paper paper = Paper.A4) =>
        {
            var job = await request.RunAsync(new ExerciseSubject(key), paper, await http.ActorAsync(), http.RequestAborted);
            return Results.Accepted($"/api/v1/audit-packs/{job}", new { id = job });
        }).WithSummary("Ask for the PDF of the exercise; 202 with the place to look");
    }

    private static Func<HttpContext, string, TRequest, RunExercise, ExerciseCalendar, Task<ExerciseView>> Change<TRequest>(Func<RunExercise, string, TRequest, Actor, CancellationToken, Task> act) =>
        async (http, key, request, run, calendar) =>
        {
            await act(run, key, request, await http.ActorAsync(), http.RequestAborted);
            return await ViewAsync(http, key, calendar);
        };

    private static async Task<ExerciseView> ViewAsync(HttpContext http, string key, ExerciseCalendar calendar)
    {
        var e = (await calendar.OfAsync(key, await http.ActorAsync(), http.RequestAborted)).Exercise;
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{e.Version}\"");
        return new ExerciseView(
            e.Key, e.Scenario, e.ScenarioHash, e.Title, e.UseCaseKey, e.PlannedOn, e.State, e.FacilitatorName, e.StartedAt, e.EndedAt, e.Score, e.Conclusion, e.DrillId,
            e.Seats.ToDictionary(s => s.Role, s => s.PersonName),
            [.. e.Played.Steps.Select((step, i) =>
            {
                var done = e.Steps.FirstOrDefault(s => s.Number == i + 1);
                return new StepView(i + 1, step.Title, step.Role, step.Within, step.Drill, done?.DoneAt, done?.DoneByName, done is null ? null : (done.DoneAt - e.StartedAt!.Value).TotalMinutes <= step.Within);
            })],
            [.. e.Findings.OrderBy(f => f.Number).Select(f => new FindingView(f.Number, f.Text, f.OwnerName, f.DueOn, f.State, f.Note))]);
    }
}
