using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>Files that are evidence of a line of the timeline.</summary>
internal static class IncidentFilesApi
{
    // A form adds a little around the file.
    private const int LargestBody = EvidenceFile.LargestBytes + 64 * 1024;

    /// <param name="incident">The group of one incident.</param>
    public static void MapFiles(this RouteGroupBuilder incident)
    {
        incident.MapPost("/timeline/files", AttachAsync).WithSummary("Add to the timeline with a file as evidence: a form with file, text and, if wanted, kind and happenedAt")
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        incident.MapGet("/timeline/{number:int}/file", FetchAsync).WithSummary("The file that is the evidence of a line");
    }

    private static async Task<IResult> AttachAsync(HttpContext http, string key, HandleIncident handle)
    {
        var actor = await http.ActorAsync();
        Refuse.If(!http.Request.HasFormContentType, "form-required", "Send a form (multipart/form-data) with the parts file and text.");
        // Held in memory: nothing that somebody uploads is written to a disk.
        var form = await http.Request.ReadFormAsync(new FormOptions { MemoryBufferThreshold = LargestBody, MultipartBodyLengthLimit = LargestBody }, http.RequestAborted);
        var file = form.Files["file"];
        var kind = Enum.TryParse<EntryKind>(form["kind"].ToString() is { Length: > 0 } named ? named : nameof(EntryKind.Evidence), ignoreCase: true, out var read) && Enum.IsDefined(read) ? read : (EntryKind?)null;
        DateTimeOffset? happened = DateTimeOffset.TryParse(form["happenedAt"], System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        var wrong = new Dictionary<string, string[]>();
        if (file is null)
        {
            wrong["file"] = ["Send the file as the part named file."];
        }

        if (kind is null)
        {
            wrong["kind"] = ["Observation, detection, mitigation, decision, communication or evidence."];
        }

        if (happened is null && form["happenedAt"].ToString().Length > 0)
        {
            wrong["happenedAt"] = ["A day and a time, for example 2026-11-23T09:00:00Z."];
        }

        if (wrong.Count > 0)
        {
            throw new InvalidFieldsException(wrong);
        }

        using var content = new MemoryStream();
        await using (var stream = file!.OpenReadStream())
        {
            await stream.CopyToAsync(content, http.RequestAborted);
        }

        var kept = EvidenceFile.Read(file.FileName, content.ToArray());
        await handle.AttachAsync(key, kind!.Value, happened, form["text"].ToString(), kept, actor, http.RequestAborted);
        return Results.Ok(new { kept.Name, kept.MediaType, Length = kept.Content.Length, kept.Hash, kept.KeysTaken });
    }

    // As an attachment and of the type that was found in it: a browser shows nothing of it.
    private static async Task<IResult> FetchAsync(HttpContext http, string key, int number, IncidentSheets sheets)
    {
        var (entry, content) = await sheets.FileAsync(key, number, await http.ActorAsync(), http.RequestAborted);
        return Results.File(content, entry.FileType, $"{key}-{number}.{EvidenceFile.ExtensionOf(entry.FileType!)}");
    }
}
