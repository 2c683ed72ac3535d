using System.Globalization;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Incidents;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Files that are evidence of a line of the timeline.</summary>
internal static class IncidentFilesApi
{
    /// <param name="incident">The group of one incident.</param>
    public static void MapFiles(this RouteGroupBuilder incident)
    {
        incident.MapPost("/timeline/files", AttachAsync).WithSummary("Add to the timeline with a file as evidence: a form with file, text and, if wanted, kind and happenedAt").WithMetadata(UploadedForm.Limit);
        incident.MapGet("/timeline/{number:int}/file", FetchAsync).WithSummary("The file that is the evidence of a line");
    }

    private static async Task<IResult> AttachAsync(HttpContext http, string key, HandleIncident handle)
    {
        var actor = await http.ActorAsync();
        var form = await UploadedForm.ReadAsync(http);
        var kind = Enum.TryParse<EntryKind>(form.Fields["kind"].ToString() is { Length: > 0 } named ? named : nameof(EntryKind.Evidence), ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : (EntryKind?)null;
        DateTimeOffset? happened = DateTimeOffset.TryParse(form.Fields["happenedAt"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        var wrong = new Dictionary<string, string[]>();
        if (kind is null)
        {
            wrong["kind"] = ["Observation, detection, mitigation, decision, communication or evidence."];
        }

        if (happened is null && form.Fields["happenedAt"].ToString().Length > 0)
        {
            wrong["happenedAt"] = ["A day and a time, for example 2026-11-23T09:00:00Z."];
        }

        var kept = await form.FileAsync(wrong, http.RequestAborted);
        await handle.AttachAsync(key, kind!.Value, happened, form.Fields["text"].ToString(), kept, actor, http.RequestAborted);
        return Results.Ok(new { kept.Name, kept.MediaType, Length = kept.Content.Length, kept.Hash, kept.KeysTaken });
    }

    // As an attachment and of the type that was found in it: a browser shows nothing of it.
    private static async Task<IResult> FetchAsync(HttpContext http, string key, int number, IncidentSheets sheets)
    {
        var (entry, content) = await sheets.FileAsync(key, number, await http.ActorAsync(), http.RequestAborted);
        return Results.File(content, entry.FileType, $"{key}-{number}.{UploadedFile.ExtensionOf(entry.FileType!)}");
    }
}
