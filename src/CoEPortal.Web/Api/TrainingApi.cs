using System.Globalization;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Training;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Courses, the training register, and which use cases require what. Learning systems speak with a machine token of the scope <c>training.write</c>.</summary>
public static class TrainingApi
{
    /// <param name="Learner">The id that the gateway sends for this end user; hashed at once and stored nowhere.</param>
    /// <param name="Person">The id of a person of the portal.</param>
    /// <param name="Evidence">The number of a certificate, or a link with its <paramref name="Sha256"/>.</param>
    public sealed record CompletionRequest(string? Course, string? Learner, string? Person, string? CompletedOn, int? Edition, string? Evidence, string? Sha256);

    public sealed record CompletionsRequest(IReadOnlyList<CompletionRequest>? Completions);

    public sealed record CourseRequest(string? Key, string? Title, string? Description, string? Link, IReadOnlyList<Role>? ForRoles, int ValidForDays, bool IsNewEdition, bool IsNeededAgain, int? Version);

    public sealed record WithdrawRequest(string? Reason);

    public sealed record CourseView(
        string Key, string Title, string Description, string? Link, IReadOnlyList<Role> ForRoles, int Edition, int OldestCounting, int ValidForDays, IReadOnlyList<string> RequiredBy, bool IsRetired, int Version);

    public static void MapTraining(this RouteGroupBuilder api)
    {
        var training = api.MapGroup("/training").WithTags("Training");
        // Let in by the machine door in the handler: the sign-in of people knows no bearer tokens.
        training.MapPost("/completions", RecordAsync).AllowAnonymous().WithSummary("Tell completed courses, at most 1,000 at once; told again they change nothing. ?dryRun=true only says what would become of them");
        training.MapPost("/import", async (HttpContext http, RecordTraining record, bool dryRun = false) =>
        {
            var actor = await http.ActorAsync();
            AccessPolicy.Demand(actor, Permission.ManageTraining);
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            return await record.FromFileAsync(body.ToArray(), dryRun, actor, http.RequestAborted);
        }).WithSummary("Import a CSV of completed courses, sent as the body").Accepts<string>("text/csv");
        training.MapPost("/completions/files", RecordOneAsync).WithSummary("Record one completed course by hand with its certificate: a form with file, course, completedOn, person or learner or both and, if wanted, evidence").WithMetadata(UploadedForm.Limit);
        // As an attachment and of the type that was found in it: a browser shows nothing of it.
        training.MapGet("/completions/{id:guid}/file", async (HttpContext http, Guid id, TrainingRegister register) =>
        {
            var (completion, content) = await register.CertificateAsync(id, await http.ActorAsync(), http.RequestAborted);
            return Results.File(content, completion.FileType, $"certificate-{completion.CourseKey}-{completion.CompletedOn:yyyy-MM-dd}.{UploadedFile.ExtensionOf(completion.FileType!)}");
        }).WithSummary("The certificate that is kept");
        training.MapGet("/completions", async (HttpContext http, TrainingRegister register, string? course, int page = 1, int size = 20) =>
            Listed(await register.CompletionsAsync(course, await http.ActorAsync(), page, size, http.RequestAborted))).WithSummary("The register, newest first");
        training.MapPost("/completions/{id:guid}/withdraw", async (HttpContext http, Guid id, WithdrawRequest request, RecordTraining record) =>
        {
            await record.WithdrawAsync(id, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("What was recorded by mistake counts no more");
        training.MapGet("/overdue", async (HttpContext http, TrainingRegister register, string? course, int page = 1, int size = 20) =>
            Listed(await register.OverdueAsync(course, await http.ActorAsync(), page, size, http.RequestAborted))).WithSummary("Persons whose training is missing, ended or ends soon");
        training.MapGet("/mine", async (HttpContext http, TrainingRegister register) => await register.MineAsync(await http.ActorAsync(), http.RequestAborted)).WithSummary("Courses for you, and until when they count");
        training.MapGet("/courses", async (HttpContext http, TrainingRegister register) => (await register.CoursesAsync(await http.ActorAsync(), http.RequestAborted)).Select(c => ViewOf(c.Course))).WithSummary("All courses");
        training.MapPost("/courses", async (HttpContext http, CourseRequest request, DefineCourse define) =>
        {
            var added = await define.AddAsync(request.Key ?? "", DraftOf(request), await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/training/courses/{added.Key}", ViewOf(added));
        }).WithSummary("Add a course").IsIdempotent();
        training.MapPut("/courses/{key}", async (HttpContext http, string key, CourseRequest request, DefineCourse define) =>
            ViewOf(await define.ChangeAsync(key, DraftOf(request), request.IsNewEdition, request.IsNeededAgain, request.Version, await http.ActorAsync(), http.RequestAborted))).WithSummary("Change a course, or publish a new edition");
        training.MapDelete("/courses/{key}", async (HttpContext http, string key, DefineCourse define) => ViewOf(await define.RetireAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("Retire a course");
        training.MapPut("/courses/{key}/required-by/{useCase}", async (HttpContext http, string key, string useCase, DefineCourse define) =>
            ViewOf(await define.RequireAsync(key, useCase, await http.ActorAsync(), http.RequestAborted))).WithSummary("A use case lets through only end users who completed the course");
        training.MapDelete("/courses/{key}/required-by/{useCase}", async (HttpContext http, string key, string useCase, DefineCourse define) =>
            ViewOf(await define.NoLongerRequireAsync(key, useCase, await http.ActorAsync(), http.RequestAborted))).WithSummary("A use case no longer requires the course");
    }

    private static async Task<TrainingOutcome> RecordAsync(HttpContext http, CompletionsRequest request, MachineDoor door, RecordTraining record, bool dryRun = false)
    {
        var token = door.Admit(http.Request, MachineToken.TrainingWrite)
            ?? throw new RuleViolationException("token-required", "A learning system speaks with a token of the scope training.write: unknown, revoked, expired and other tokens are refused.");
        Refuse.If(token.UseCaseKey is not null, "not-permitted", $"This token speaks for {token.UseCaseKey} only, and training is of no use case.");
        var rows = (request.Completions ?? []).Select((c, i) => new ToldCompletion(
            i + 1, c.Course ?? "", c.Learner ?? "", c.Person ?? "", c.CompletedOn ?? "", c.Edition?.ToString(CultureInfo.InvariantCulture) ?? "", c.Evidence ?? "", c.Sha256 ?? ""));
        return await record.FromLmsAsync([.. rows], dryRun, token.Name, http.RequestAborted);
    }

    private static async Task<IResult> RecordOneAsync(HttpContext http, RecordTraining record)
    {
        var actor = await http.ActorAsync();
        var form = await UploadedForm.ReadAsync(http);
        var wrong = new Dictionary<string, string[]>();
        if (!DateOnly.TryParseExact(form.Fields["completedOn"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            wrong["completedOn"] = ["A day, for example 2026-11-23."];
        }

        var certificate = await form.FileAsync(wrong, http.RequestAborted);
        await record.OneAsync(new(form.Fields["course"].ToString(), form.Fields["person"].ToString(), form.Fields["learner"].ToString(), day, form.Fields["evidence"].ToString()), certificate, actor, http.RequestAborted);
        return Results.Ok(new { certificate.Name, certificate.MediaType, Length = certificate.Content.Length, certificate.Hash, certificate.KeysTaken });
    }

    private static UseCasesApi.Listed<T> Listed<T>(Governance.Persistence.Page<T> page) => new(page.Items, page.Total, page.Number, page.Size);

    private static CourseDraft DraftOf(CourseRequest request) => new(request.Title ?? "", request.Description ?? "", request.Link, request.ForRoles ?? [], request.ValidForDays);

    private static CourseView ViewOf(Course c) => new(c.Key, c.Title, c.Description, c.Link, c.ForRoles, c.Edition, c.OldestCounting, c.ValidForDays, c.RequiredBy, c.RetiredAt is not null, c.Version);
}
