using System.Globalization;
using System.Text.Encodings.Web;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Reports;
using CoEPortal.Web.Reports;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class AuditPacksApi
{
    private const string PreviewPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

    private const string Page = "text/html; charset=utf-8";

    public sealed record JobView(
        Guid Id, PackKind Subject, string SubjectKey, string? UseCase, Paper Paper, JobState State, int Progress, string Step, string? Failure, DateTimeOffset RequestedAt);

    /// <summary>What a report is to be about; only the fields of its kind count.</summary>
    public sealed record ReportRequest(
        PackKind Subject, string? UseCase = null, DateOnly? From = null, DateOnly? Until = null, string? BusinessUnit = null, Stage? Stage = null, Lane? Lane = null,
        Guid? Drill = null, string? Incident = null, string? Exercise = null, string? Campaign = null, Paper Paper = Paper.A4);

    public static void MapAuditPacks(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Audit packs");
        group.MapPost("/use-cases/{key}/audit-pack", RequestOfUseCaseAsync).WithSummary("Ask for the audit PDF; 202 with the place to look");
        group.MapPost("/reports", RequestAsync).WithSummary("Ask for an audit PDF of a use case, a period, a portfolio, a drill, an incident, an exercise or a campaign");
        group.MapGet("/reports", ListAsync).WithSummary("Audit PDFs that were asked for, newest first");
        group.MapGet("/reports/preview", PreviewAsync).WithSummary("What a report would print now, as a page").ExcludeFromDescription();
        group.MapGet("/audit-packs/{id:guid}", GetAsync).WithSummary("The PDF, or how far it is");
        group.MapPost("/audit-packs/{id:guid}/cancel", CancelAsync).WithSummary("End a report that waits or prints");
    }

    private static async Task<IResult> RequestOfUseCaseAsync(HttpContext http, string key, RequestAuditPack requestAuditPack, Paper paper = Paper.A4) =>
        Accepted(await requestAuditPack.RunAsync(new UseCaseSubject(key), paper, await http.ActorAsync(), http.RequestAborted));

    private static async Task<IResult> RequestAsync(HttpContext http, ReportRequest request, RequestAuditPack requestAuditPack) =>
        Accepted(await requestAuditPack.RunAsync(SubjectOf(request), request.Paper, await http.ActorAsync(), http.RequestAborted));

    private static async Task<object> ListAsync(HttpContext http, AuditPackJobs jobs, PackKind? subject = null, int page = 1, int size = 20)
    {
        var found = await jobs.ListAsync(subject, await http.ActorAsync(), page, size, http.RequestAborted);
        return UseCasesApi.Listing(new Governance.Persistence.Page<JobView>([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size));
    }

    /// <summary>The report's own page, for a frame that may neither run nor load anything.</summary>
    private static async Task<IResult> PreviewAsync(
        HttpContext http, CollectAuditPack collect, AuditPackHtml html, Organisation organisation, TimeProvider clock, PackKind subject, string key, Paper paper = Paper.A4)
    {
        var actor = await http.ActorAsync();
        http.Response.Headers.ContentSecurityPolicy = PreviewPolicy;
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            var pack = await collect.PreviewAsync(PackSubject.Of(subject, key), actor, http.RequestAborted);
            const string later = "is added when it is printed";
            var imprint = new AuditPackImprint(organisation, actor.Name, clock.GetUtcNow(), later, later, [], later) { Paper = paper };
            return Results.Content(await html.OfAsync(pack, imprint), Page);
        }
        catch (Exception refused) when (refused is RuleViolationException { Rule: not "not-permitted" } or NotFoundException)
        {
            // In a frame a person reads it, so it is a sentence and not a problem in JSON.
            return Results.Content(
                $"<!doctype html><html lang=\"en\"><title>No preview</title><body style=\"font: 15px sans-serif; padding: 24px\"><p>{HtmlEncoder.Default.Encode(refused.Message)}</p></body></html>",
                Page, statusCode: refused is NotFoundException ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict);
        }
    }

    /// <summary>202 while it is printed, 200 with the file when it is done, 409 when it failed or was cancelled.</summary>
    private static async Task<IResult> GetAsync(HttpContext http, Guid id, AuditPackJobs jobs)
    {
        var (job, pdf) = await jobs.OfAsync(id, await http.ActorAsync(), http.RequestAborted);
        switch (job.State)
        {
            case JobState.Done:
                return Results.File(pdf!, "application/pdf", FileNameOf(job));
            case JobState.Failed or JobState.Cancelled:
                return Results.Problem(
                    title: job.State is JobState.Failed ? "The PDF could not be made." : "The PDF was cancelled.", detail: job.Failure, statusCode: 409,
                    extensions: new Dictionary<string, object?> { ["rule"] = job.State is JobState.Failed ? "audit-pack-failed" : "audit-pack-cancelled" });
            default:
                http.Response.Headers.RetryAfter = "1";
                return Results.Accepted($"/api/v1/audit-packs/{id}", ViewOf(job));
        }
    }

    private static async Task<IResult> CancelAsync(HttpContext http, Guid id, CancelAuditPack cancel)
    {
        await cancel.RunAsync(id, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static PackSubject SubjectOf(ReportRequest request)
    {
        return request.Subject switch
        {
            PackKind.UseCase => new UseCaseSubject(Needed(request.UseCase, "useCase", "Name the use case, e.g. UC-0001.")),
            PackKind.Period => new PeriodSubject(
                NeededValue(request.From, "from", "Give the first day, e.g. 2026-10-01."), NeededValue(request.Until, "until", "Give the last day, e.g. 2026-10-31.")),
            PackKind.Portfolio => new PortfolioSubject(string.IsNullOrWhiteSpace(request.BusinessUnit) ? null : request.BusinessUnit, request.Stage, request.Lane),
            PackKind.Drill => new DrillSubject(NeededValue(request.Drill, "drill", "Give the id of the drill; GET /api/v1/drills lists them.")),
            PackKind.Exercise => new ExerciseSubject(Needed(request.Exercise, "exercise", "Name the exercise, e.g. EX-0001.")),
            PackKind.Campaign => new CampaignSubject(Needed(request.Campaign, "campaign", "Name the campaign, e.g. SC-0001.")),
            PackKind.Incident => new IncidentSubject(Needed(request.Incident, "incident", "Name the incident, e.g. INC-0001.")),
            _ => throw new ArgumentOutOfRangeException(nameof(request)),
        };

        static string Needed(string? value, string field, string message) => string.IsNullOrWhiteSpace(value) ? throw Missing(field, message) : value;

        static T NeededValue<T>(T? value, string field, string message)
            where T : struct => value ?? throw Missing(field, message);

        static InvalidFieldsException Missing(string field, string message) => new(new Dictionary<string, string[]> { [field] = [message] });
    }

    private static IResult Accepted(Guid job) => Results.Accepted($"/api/v1/audit-packs/{job}", new { id = job });

    private static JobView ViewOf(AuditPackStatus job) => new(
        job.Id, job.SubjectKind, job.SubjectKey, job.UseCaseKey, job.Paper, job.State, job.Progress, job.Step, job.Failure, job.RequestedAt);

    private static string FileNameOf(AuditPackStatus job)
    {
        var about = job.SubjectKind switch
        {
            PackKind.Period => "period-" + job.SubjectKey.Replace('/', '-'),
            PackKind.Portfolio => "portfolio",
            PackKind.Drill => "drill-" + job.SubjectKey[..8],
            _ => job.SubjectKey,
        };
        return string.Create(CultureInfo.InvariantCulture, $"{about}-audit-{job.RequestedAt:yyyyMMdd-HHmm}.pdf");
    }
}
