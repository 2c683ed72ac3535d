using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>Use cases taken over from inventories, the grace of what runs without an approval, and the end of a use case.</summary>
public static class ImportsApi
{
    // A form adds a little around the file.
    private const long LargestBody = InventoryFile.LargestBytes + ImportMapping.LongestFile + 64 * 1024;

    /// <param name="Lanes">How many of those imported went, or would go, into which lane.</param>
    /// <param name="Rows">Refused rows and likely duplicates; all rows with <c>rows=all</c>.</param>
    public sealed record ImportView(
        Guid? Id, bool DryRun, string Mapping, string Encoding, int Total, int Imported, int Unchanged, int Refused, int LikelyDuplicates,
        IReadOnlyDictionary<Lane, int> Lanes, IReadOnlyDictionary<string, int> Phases, IReadOnlyList<RowOutcome> Rows);

    public sealed record RunView(
        Guid Id, string Mapping, string MappingHash, string FileHash, string Encoding, int Total, int Imported, int Unchanged, int Refused, int LikelyDuplicates, string RunBy, DateTimeOffset RunAt);

    public sealed record RowView(int Line, string Title, string? UseCase, string? Reason, IReadOnlyList<string> Notes, string? DuplicateOf, float? Similarity);

    /// <param name="Lesson">What it taught.</param>
    public sealed record StopRequest(string? Reason, string? Lesson);

    public sealed record GraceRequest(DateOnly LastDay, string? Reason);

    public static void MapImports(this RouteGroupBuilder api)
    {
        var imports = api.MapGroup("/imports").WithTags("Imports");
        imports.MapPost("/use-cases", ImportAsync).WithSummary("Import an inventory: the CSV as the body with ?mapping=, or a form with file and mapping")
            .WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        imports.MapGet("/use-cases", RunsAsync).WithSummary("Imports that were made, newest first");
        imports.MapGet("/use-cases/{id:guid}", RowsAsync).WithSummary("The rows of an import: all, refused or likelyDuplicates");
        imports.MapGet("/mappings", MappingsAsync).WithSummary("Mappings that an import can name");
        imports.MapPut("/mappings", SaveMappingAsync).WithSummary("Save a mapping (YAML) under the name it carries").Accepts<string>("application/yaml");
        var useCases = api.MapGroup("/use-cases").WithTags("Use cases");
        useCases.MapPut("/{key}/grace", GrantAsync).WithSummary("Let what runs without an approval run on until a day");
        useCases.MapPost("/{key}/stop", StopAsync).WithSummary("End a use case for good, with the reason and what it taught");
        useCases.MapDelete("/{key}/grace", EndAsync).WithSummary("End a grace before its day");
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, ImportUseCases import, ImportMappings mappings, string? mapping = null, bool dryRun = false, string? rows = null)
    {
        var actor = await http.ActorAsync();
        AccessPolicy.Demand(actor, Permission.ImportUseCases);
        var (content, given) = http.Request.HasFormContentType ? await FormAsync(http) : (await BodyAsync(http), null);
        var by = given is { Yaml: { } yaml } ? ImportMappings.Given(yaml)
            : (given?.Name ?? mapping) is { Length: > 0 } name ? await mappings.NamedAsync(name, actor, http.RequestAborted)
            : throw new InvalidFieldsException(new Dictionary<string, string[]> { ["mapping"] = ["Name the mapping, for example us-federal-2024."] });
        var outcome = await import.RunAsync(content, by, dryRun || given?.DryRun == true, actor, http.RequestAborted);
        var view = ViewOf(outcome, everything: rows == "all");
        return outcome.IsDryRun ? Results.Ok(view) : Results.Created($"/api/v1/imports/use-cases/{outcome.Run}", view);
    }

    private static async Task<UseCasesApi.Listed<RunView>> RunsAsync(HttpContext http, ImportHistory history, int page = 1, int size = 20)
    {
        var found = await history.RunsAsync(await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<UseCasesApi.Listed<RowView>> RowsAsync(
        HttpContext http, Guid id, ImportHistory history, Word<ImportRowsShown>? show = null, int page = 1, int size = 20)
    {
        var (_, found) = await history.RunAsync(id, show?.Value ?? ImportRowsShown.All, await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(r => new RowView(r.Line, r.Title, r.UseCaseKey, r.Reason, r.Notes, r.DuplicateOf, r.Similarity))], found.Total, found.Number, found.Size);
    }

    private static async Task<IReadOnlyList<KnownMapping>> MappingsAsync(HttpContext http, ImportMappings mappings) =>
        await mappings.AllAsync(await http.ActorAsync(), http.RequestAborted);

    private static async Task<IResult> SaveMappingAsync(HttpContext http, ImportMappings mappings)
    {
        var actor = await http.ActorAsync();
        AccessPolicy.Demand(actor, Permission.ImportUseCases);
        using var reader = new StreamReader(http.Request.Body);
        var (mapping, _) = ImportMappings.Given(await reader.ReadToEndAsync(http.RequestAborted));
        await mappings.SaveAsync(mapping, actor, http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> GrantAsync(HttpContext http, string key, GraceRequest request, GrantGrace grant)
    {
        await grant.RunAsync(key, request.LastDay, request.Reason ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> StopAsync(HttpContext http, string key, StopRequest request, StopUseCase stop)
    {
        await stop.RunAsync(key, request.Reason ?? "", request.Lesson ?? "", await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> EndAsync(HttpContext http, string key, GrantGrace grant)
    {
        await grant.EndAsync(key, await http.ActorAsync(), http.RequestAborted);
        return Results.NoContent();
    }

    private sealed record FormAnswers(string? Name, string? Yaml, bool DryRun);

    // Held in memory: nothing that somebody uploads is written to a disk.
    private static async Task<(byte[] Content, FormAnswers Given)> FormAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(
            new FormOptions { MemoryBufferThreshold = (int)LargestBody, MultipartBodyLengthLimit = LargestBody, ValueLengthLimit = ImportMapping.LongestFile }, http.RequestAborted);
        var file = form.Files["file"] ?? throw new InvalidFieldsException(new Dictionary<string, string[]> { ["file"] = ["Send the CSV as the part named file."] });
        string? yaml = form["mappingYaml"].ToString();
        return (await BytesAsync(file.OpenReadStream(), http.RequestAborted), new(form["mapping"].ToString() is { Length: > 0 } name ? name : null, yaml.Length > 0 ? yaml : null, form["dryRun"] == "true"));
    }

    private static Task<byte[]> BodyAsync(HttpContext http) => BytesAsync(http.Request.Body, http.RequestAborted);

    private static async Task<byte[]> BytesAsync(Stream from, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await from.CopyToAsync(bytes, cancellation);
        return bytes.ToArray();
    }

    private static ImportView ViewOf(ImportOutcome o, bool everything) => new(
        o.IsDryRun ? null : o.Run, o.IsDryRun, o.Mapping, o.Encoding, o.Rows.Count, o.Imported, o.Unchanged, o.Refused, o.Flagged,
        o.Rows.Where(r => r.Lane is not null).CountBy(r => r.Lane!.Value).ToDictionary(),
        o.Rows.Where(r => r.Result is RowResult.Imported).CountBy(r => r.Phase?.ToString() ?? "Unknown").ToDictionary(),
        everything ? o.Rows : [.. o.Rows.Where(r => r.Result is RowResult.Refused || r.DuplicateOf is not null)]);

    private static RunView ViewOf(ImportRun r) =>
        new(r.Id, r.Mapping, r.MappingHash, r.FileHash, r.Encoding, r.RowCount, r.Imported, r.Unchanged, r.Refused, r.Flagged, r.RunByName, r.RunAt);
}
