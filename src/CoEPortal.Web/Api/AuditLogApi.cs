using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

public static class AuditLogApi
{
    public static void MapAuditLog(this RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit").WithTags("Audit log");
        audit.MapGet("/log", ExportAsync).WithSummary("The whole log with its checkpoints, for `coe audit verify`");
        audit.MapGet("/checkpoint", CheckpointAsync).WithSummary("The newest signed checkpoint, to be kept elsewhere");
        audit.MapGet("/entries/{index:long}/proof", ProofAsync).WithSummary("That one entry is in the log, as a file for `coe audit verify`");
        audit.MapGet("/key", (LogKey key) => Results.Text(key.Public + "\n")).WithSummary("The public key of the log, to be pinned");
    }

    private static async Task<IResult> ExportAsync(HttpContext http, ExportLog export, LogKey key, TimeProvider clock)
    {
        var reader = await http.ActorAsync();
        AccessPolicy.Demand(reader, Permission.ExportAuditLog);
        return Results.Stream(
            file => export.RunAsync(file, key.Origin, reader, http.RequestAborted), "text/plain; charset=utf-8",
            $"audit-log-{clock.GetUtcNow():yyyyMMdd-HHmm}.txt");
    }

    private static async Task<IResult> ProofAsync(HttpContext http, long index, ProveEntry prove, LogKey key) =>
        Results.File((await prove.RunAsync(index, key.Public, await http.ActorAsync(), http.RequestAborted)).Write(), "application/json", $"audit-entry-{index}.json");

    private static async Task<IResult> CheckpointAsync(HttpContext http, ReadCheckpoint checkpoint) =>
        await checkpoint.NewestAsync(await http.ActorAsync(), http.RequestAborted) is { } note
            ? Results.Text(note)
            : throw new NotFoundException("checkpoint", "newest");
}
