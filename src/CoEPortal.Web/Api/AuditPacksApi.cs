using CoEPortal.Governance.Reports;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class AuditPacksApi
{
    public sealed record JobView(Guid Id, string UseCase, JobState State, int Progress, string Step, string? Failure, DateTimeOffset RequestedAt);

    public static void MapAuditPacks(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Audit packs");
        group.MapPost("/use-cases/{key}/audit-pack", RequestAsync).WithSummary("Ask for the audit PDF; 202 with the place to look");
        group.MapGet("/audit-packs/{id:guid}", GetAsync).WithSummary("The PDF, or how far it is");
    }

    private static async Task<IResult> RequestAsync(HttpContext http, string key, RequestAuditPack requestAuditPack)
    {
        var job = await requestAuditPack.RunAsync(key, await http.ActorAsync(), http.RequestAborted);
        return Results.Accepted($"/api/v1/audit-packs/{job}", new { id = job });
    }

    /// <summary>202 while it is printed, 200 with the file when it is done, 409 when it failed.</summary>
    private static async Task<IResult> GetAsync(HttpContext http, Guid id, AuditPackJobs jobs)
    {
        var (job, pdf) = await jobs.OfAsync(id, await http.ActorAsync(), http.RequestAborted);
        var view = new JobView(job.Id, job.UseCaseKey, job.State, job.Progress, job.Step, job.Failure, job.RequestedAt);
        switch (job.State)
        {
            case JobState.Done:
                return Results.File(pdf!, "application/pdf", $"{job.UseCaseKey}-audit-{job.RequestedAt:yyyyMMdd-HHmm}.pdf");
            case JobState.Failed:
                return Results.Problem(title: "The PDF could not be made.", detail: job.Failure, statusCode: 409,
                    extensions: new Dictionary<string, object?> { ["rule"] = "audit-pack-failed" });
            default:
                http.Response.Headers.RetryAfter = "1";
                return Results.Accepted($"/api/v1/audit-packs/{id}", view);
        }
    }
}
