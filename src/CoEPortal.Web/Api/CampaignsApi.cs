using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.ShadowAi;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>Campaigns that look for AI tools: open, import, decide, sign. The survey is answered on its page only.</summary>
public static class CampaignsApi
{
    private const long LargestUpload = ReceiveUsage.MostBytes;

    public sealed record OpenRequest(string? Title, IReadOnlyList<string> Departments, IReadOnlyList<UsageSource> Sources, DateOnly From, DateOnly DueOn, string Owner, string? Unseen);

    public sealed record DispositionRequest(Disposition Disposition, string? Reason, string Owner, DateOnly DueOn, string? ReplacedBy, DateOnly? Until, bool Everywhere = false);

    public sealed record SignRequest(Role Function, string? Note, string ContentHash);

    public sealed record RevealRequest(string Pseudonym, string? Reason);

    public sealed record ImportView(
        Guid Id, UsageSource Source, string Format, string Title, string? FileHash, long FileBytes, long ReadBytes, ImportState State, long Lines, long Refused, IReadOnlyDictionary<string, long> Faults, long Matched, long Assigned,
        long OutOfScope, int NewFindings, bool IsCut, string Failure, DateTimeOffset ReceivedAt, DateTimeOffset? FinishedAt);

    public sealed record FindingView(
        int Number, string Tool, string Name, string Vendor, string Department, bool IsLookAlike, IReadOnlyList<UsageSource> Sources, int People, int Addresses, int Answers, int? PeopleBefore, long Requests, long BlockedRequests,
        long Bytes, decimal? Spend, DateTimeOffset? FirstSeen, DateTimeOffset? LastSeen, int Days, int Risk, RiskLevel RiskLevel, IReadOnlyList<RiskPoint> RiskPoints, Disposition Disposition, bool IsOpen, string? ReplacedBy,
        string Reason, string? Owner, DateOnly? DueOn, DateOnly? Until, DateTimeOffset? DoneAt, string? UseCase, int Version);

    public static void MapCampaigns(this RouteGroupBuilder api)
    {
        var campaigns = api.MapGroup("/campaigns").WithTags("Campaigns");
        campaigns.MapGet("/", async (HttpContext http, CampaignSheets sheets, int page = 1, int size = 20) =>
        {
            var found = await sheets.PageAsync(await http.ActorAsync(), page, size, http.RequestAborted);
            return UseCasesApi.Listing(new Page<object>([.. found.Items], found.Total, found.Number, found.Size));
        }).WithSummary("Campaigns, newest first");
        campaigns.MapPost("/", async (HttpContext http, OpenRequest r, OpenCampaign open) =>
        {
            var campaign = await open.RunAsync(new CampaignPlan(r.Title ?? "", r.Departments, r.Sources, r.From, r.DueOn, r.Unseen ?? ""), new PersonId(r.Owner), await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/campaigns/{campaign.Key}", new { campaign.Key });
        }).WithSummary("Open one by hand; without a title it is the one of the quarter").IsIdempotent();
        var one = campaigns.MapGroup("/{key}");
        one.MapGet("/", async (HttpContext http, string key, CampaignSheets sheets) => ViewOf(http, await sheets.OfAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("Scope, coverage, counts, difference, signatures");
        one.MapGet("/findings", FindingsAsync).WithSummary("Findings, filtered, sorted and paged");
        one.MapGet("/findings.csv", ExportAsync).WithSummary("Findings as a CSV file that no spreadsheet takes for formulas");
        one.MapGet("/findings/{number:int}", async (HttpContext http, string key, int number, CampaignSheets sheets) =>
        {
            var finding = await sheets.FindingAsync(key, number, await http.ActorAsync(), http.RequestAborted);
            http.Response.Headers.ETag = FormattableString.Invariant($"\"{finding.Finding.Version}\"");
            return new { finding = ViewOf(new FindingRow(finding.Finding, finding.Before, finding.LastTime)), pseudonyms = finding.People.Select(p => p.Pseudonym), pseudonymsTotal = finding.PeopleTotal };
        }).WithSummary("One finding, with the pseudonyms of its people");
        one.MapPut("/findings/{number:int}/disposition", async (HttpContext http, string key, int number, DispositionRequest r, DecideFinding decide) =>
        {
            var decided = await decide.RunAsync(
                key, number, new DispositionDraft(r.Disposition, r.Reason ?? "", new PersonId(r.Owner), r.DueOn, r.ReplacedBy, r.Until), http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), await http.ActorAsync(), r.Everywhere, http.RequestAborted);
            return Results.Ok(new { decided });
        }).WithSummary("What becomes of it; If-Match with the version that was seen");
        one.MapPost("/findings/{number:int}/done", async (HttpContext http, string key, int number, DecideFinding decide) =>
        {
            await decide.CarryOutAsync(key, number, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("The disposition was carried out");
        one.MapPost("/findings/{number:int}/promote", async (HttpContext http, string key, int number, DecideFinding decide) =>
        {
            var useCase = await decide.PromoteAsync(key, number, await http.ActorAsync(), http.RequestAborted);
            return Results.Created($"/api/v1/use-cases/{useCase}", new { useCase });
        }).WithSummary("A draft of a use case with the fields that are known");
        one.MapPost("/findings/{number:int}/reveal", async (HttpContext http, string key, int number, RevealRequest r, RevealPerson reveal) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return new { name = await reveal.RunAsync(key, number, r.Pseudonym, r.Reason ?? "", await http.ActorAsync(), http.RequestAborted) };
        }).WithSummary("Whose name stands behind a pseudonym; recorded before it is told");
        one.MapPost("/sign-offs", async (HttpContext http, string key, SignRequest r, SignCampaign sign) =>
        {
            var campaign = await sign.RunAsync(key, r.Function, r.Note ?? "", r.ContentHash, await http.ActorAsync(), http.RequestAborted);
            return Results.Ok(new { campaign.Key, campaign.State, campaign.ClosedHash });
        }).WithSummary("Sign the content that was seen; two people of two functions close it");
        one.MapPut("/departments", async (HttpContext http, string key, ReceiveUsage receive) =>
        {
            var actor = await http.ActorAsync();
            AccessPolicy.Demand(actor, Permission.RunCampaigns);
            using var list = new MemoryStream();
            await http.Request.Body.CopyToAsync(list, http.RequestAborted);
            return Results.Ok(new { lines = await receive.GiveDepartmentsAsync(key, list.ToArray(), actor, http.RequestAborted) });
        }).WithSummary("Who belongs to which department: a user or a network, a comma, a department on each line").WithMetadata(new RequestSizeLimitAttribute(ReceiveUsage.LargestList));
        one.MapGet("/imports", async (HttpContext http, string key, CampaignSheets sheets, int page = 1, int size = 20) =>
        {
            var found = await sheets.ImportsAsync(key, await http.ActorAsync(), page, size, http.RequestAborted);
            return UseCasesApi.Listing(new Page<object>([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size));
        }).WithSummary("Imports, newest first");
        one.MapPost("/imports", async (HttpContext http, string key, string format, ReceiveUsage receive, string? title = null) =>
        {
            var import = await receive.RunAsync(key, format, title ?? "", http.Request.Body, await http.ActorAsync(), null, http.RequestAborted);
            return Results.Accepted($"/api/v1/campaigns/{key}/imports/{import.Id}", ViewOf(import));
        }).WithSummary("A log or an export as the body, also as gzip; 202 with the place to look").WithMetadata(new RequestSizeLimitAttribute(LargestUpload));
        one.MapGet("/imports/{id:guid}", async (HttpContext http, string key, Guid id, CampaignSheets sheets) => ViewOf(await sheets.ImportAsync(key, id, await http.ActorAsync(), http.RequestAborted))).WithSummary("How far an import is, and what it said");
        one.MapPost("/imports/{id:guid}/cancel", async (HttpContext http, string key, Guid id, ReceiveUsage receive) =>
        {
            await receive.CancelAsync(key, id, await http.ActorAsync(), http.RequestAborted);
            return Results.NoContent();
        }).WithSummary("End an import; nothing of it counts");
        one.MapPost("/audit-pack", async (HttpContext http, string key, RequestAuditPack request, Paper paper = Paper.A4) =>
        {
            var job = await request.RunAsync(new CampaignSubject(key), paper, await http.ActorAsync(), http.RequestAborted);
            return Results.Accepted($"/api/v1/audit-packs/{job}", new { id = job });
        }).WithSummary("Ask for the PDF of the campaign; 202 with the place to look");
    }

    private static async Task<UseCasesApi.Listed<FindingView>> FindingsAsync(
        HttpContext http, string key, CampaignSheets sheets, string? department = null, Word<Disposition>? disposition = null, bool undecided = false, bool @new = false, bool overdue = false,
        Word<RiskLevel>? risk = null, Word<UsageSource>? source = null, string? search = null, Word<FindingSort>? sort = null, int page = 1, int size = 20)
    {
        var found = await sheets.FindingsAsync(
            key, new ToolFilter(department, disposition?.Value, undecided, @new, overdue, risk?.Value, source?.Value, search), await http.ActorAsync(), sort?.Value ?? FindingSort.People, page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    /// <summary>As the page filters it: <c>undecided=1</c>.</summary>
    private static async Task<IResult> ExportAsync(HttpContext http, string key, CampaignSheets sheets)
    {
        var query = http.Request.Query;
        var filter = new ToolFilter(
            query["department"], Choice<Disposition>("disposition"), Has("undecided"), Has("new"), Has("overdue"), Choice<RiskLevel>("risk"), Choice<UsageSource>("source"), query["search"]);
        var rows = await sheets.ExportAsync(key, filter, await http.ActorAsync(), http.RequestAborted);
        return Results.File(Encoding.UTF8.GetBytes(FindingsCsv.Of(rows)), "text/csv; charset=utf-8", $"{key}-findings.csv");

        bool Has(string name) => query.ContainsKey(name);

        T? Choice<T>(string name)
            where T : struct, Enum => Enum.TryParse<T>(query[name], ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
    }

    private static object ViewOf(HttpContext http, CampaignSheet sheet)
    {
        var c = sheet.Campaign;
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{c.Version}\"");
        return new
        {
            c.Key,
            c.Title,
            c.Quarter,
            c.State,
            c.Departments,
            c.Sources,
            c.FromOn,
            c.DueOn,
            Owner = c.OwnerName,
            c.Unseen,
            c.RulesVersion,
            c.Currency,
            c.OpenedAt,
            c.ClosedAt,
            c.NamesDestroyedAt,
            sheet.ContentHash,
            sheet.Counts,
            Coverage = sheet.Coverage.Select(s => new { s.Source, s.Covered, s.Missing, s.Events, s.Assigned }),
            sheet.Difference,
            sheet.Trend,
            Signatures = c.Signatures.OrderBy(s => s.Number).Select(s => new { s.Function, Person = s.PersonName, s.ContentHash, s.SignedAt, Counts = s.ContentHash == (c.ClosedHash ?? sheet.ContentHash) }),
            Reveals = sheet.Reveals.Select(r => new { Finding = r.FindingNumber, Pseudonym = Convert.ToHexStringLower(r.Pseudonym), r.Reason, By = r.RevealedByName, r.RevealedAt }),
            c.Version,
        };
    }

    private static ImportView ViewOf(UsageImport i) => new(
        i.Id, i.Source, i.Format, i.FileTitle, i.FileHash, i.FileBytes, i.ReadBytes, i.State, i.Lines, i.Refused, i.Faults.ToDictionary(f => f.Fault.ToString(), f => f.Count), i.Matched, i.Assigned, i.OutOfScope, i.NewFindings, i.IsCut,
        i.Failure, i.ReceivedAt, i.FinishedAt);

    private static FindingView ViewOf(FindingRow row)
    {
        var f = row.Finding;
        return new(
            f.Number, f.ToolId, f.Name, f.Vendor, f.Department, f.IsLookAlike, f.Sources, f.People, f.Addresses, f.Answers, row.Before, f.Requests, f.BlockedRequests, f.Bytes, f.Spend, f.FirstSeen, f.LastSeen, f.SeenOn.Count, f.Risk,
            f.RiskLevel, f.RiskPoints, f.Disposition, f.IsOpen, f.ReplacedBy, f.Reason, f.OwnerName, f.DueOn, f.Until, f.DoneAt, f.UseCaseKey, f.Version);
    }
}
