using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>The register of data sources.</summary>
public static class DataSourcesApi
{
    public sealed record SourceRequest(
        string? Name, string? Description, string? System, DataClass DataClass, PersonalData PersonalData, Residency Residency, IReadOnlyList<string>? FeedsOn, IReadOnlyList<BorderFlow>? Flows);

    public sealed record OwnerRequest(string? Owner);

    public sealed record SourceView(
        string Key, string Name, string Description, string System, DataClass DataClass, PersonalData PersonalData, Residency Residency, IReadOnlyList<string> FeedsOn, IReadOnlyList<BorderFlow> Flows,
        string Owner, DateTimeOffset ChangedAt, DateTimeOffset? RetiredAt, int Version);

    public sealed record SheetView(SourceView Source, IReadOnlyList<string> Feeds, IReadOnlyList<SourceUse> UsedBy);

    public static void MapDataSources(this RouteGroupBuilder api)
    {
        var sources = api.MapGroup("/data-sources").WithTags("Data sources");
        sources.MapGet("/", ListAsync).WithSummary("Registered sources by name");
        sources.MapPost("/", RegisterAsync).WithSummary("Register a source").IsIdempotent();
        sources.MapGet("/{key}", OneAsync).WithSummary("A source, what it fills, and which use cases read from it");
        sources.MapPut("/{key}", ChangeAsync).WithSummary("Change what is known of it; If-Match carries the version you saw");
        sources.MapPost("/{key}/owner", async (HttpContext http, string key, OwnerRequest request, KeepRegister keep) =>
            View(http, await keep.GiveAsync(key, new(request.Owner ?? ""), await http.ActorAsync(), http.RequestAborted))).WithSummary("Give it another owner");
        sources.MapDelete("/{key}", async (HttpContext http, string key, KeepRegister keep) => View(http, await keep.RetireAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("It is no longer there; it stays visible");
    }

    private static async Task<UseCasesApi.Listed<SourceView>> ListAsync(HttpContext http, SourceRegister register, Word<DataClass>? dataClass, string? search, bool flows = false, int page = 1, int size = 20)
    {
        var found = await register.PageAsync(new(dataClass?.Value, flows, search), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(ViewOf)], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, SourceRequest request, KeepRegister keep)
    {
        var source = await keep.RegisterAsync(DraftOf(request), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/data-sources/{source.Key}", View(http, source));
    }

    private static async Task<SheetView> OneAsync(HttpContext http, string key, SourceRegister register)
    {
        var sheet = await register.OneAsync(key, await http.ActorAsync(), http.RequestAborted);
        return new(View(http, sheet.Source), [.. sheet.Feeds.Select(f => f.Key)], sheet.UsedBy);
    }

    private static async Task<SourceView> ChangeAsync(HttpContext http, string key, SourceRequest request, KeepRegister keep) =>
        View(http, await keep.ChangeAsync(key, DraftOf(request), http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), await http.ActorAsync(), http.RequestAborted));

    private static DataSourceDraft DraftOf(SourceRequest r) =>
        new(r.Name ?? "", r.Description ?? "", r.System ?? "", r.DataClass, r.PersonalData, r.Residency, r.FeedsOn ?? [], r.Flows ?? []);

    private static SourceView View(HttpContext http, DataSource source)
    {
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{source.Version}\"");
        return ViewOf(source);
    }

    private static SourceView ViewOf(DataSource s) => new(
        s.Key, s.Name, s.Description, s.System, s.DataClass, s.PersonalData, s.Residency, s.FeedsOn, s.Flows, s.OwnerName, s.ChangedAt, s.RetiredAt, s.Version);
}
