using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace CoEPortal.Web.Api;

/// <summary>Model cards and system cards.</summary>
public static class CardsApi
{
    /// <param name="UseCase">Whose system it is; none for a model.</param>
    public sealed record CardRequest(CardKind Kind, string? Name, string? ModelVersion, string? UseCase, CardContent? Content);

    /// <param name="EndsReviews">Reviews that are decided with the text as it was end.</param>
    public sealed record SaveRequest(string? Name, string? ModelVersion, CardContent? Content, bool EndsReviews = false);

    public sealed record PublishRequest(string? ContentHash, DateOnly? ExpiresOn);

    public sealed record OwnerRequest(string? Owner);

    public sealed record VersionView(int Number, string ContentHash, string PublishedBy, DateTimeOffset PublishedAt, DateOnly ExpiresOn);

    public sealed record CardRow(string Key, CardKind Kind, string Name, string ModelVersion, string? UseCase, string Owner, int LatestVersion, DateOnly? ExpiresOn, bool IsCurrent, int Version);

    public sealed record CardView(CardRow Card, CardContent Draft, string ContentHash, IReadOnlyList<VersionView> Versions);

    public sealed record DependentView(string Key, string Title, Stage Stage, bool IsInForce);

    public static void MapCards(this RouteGroupBuilder api)
    {
        var cards = api.MapGroup("/cards").WithTags("Cards");
        cards.MapGet("/", ListAsync).WithSummary("Cards, the stalest first");
        cards.MapPost("/", StartAsync).WithSummary("Start a card").IsIdempotent();
        cards.MapPost("/import", ImportAsync).Accepts<string>("text/markdown").WithSummary("Start a card from a published one: Markdown with YAML in front; what is not understood is kept");
        cards.MapGet("/{key}", async (HttpContext http, string key, CardLibrary library) => View(http, library, await library.OneAsync(key, await http.ActorAsync(), http.RequestAborted))).WithSummary("A card with its draft and versions");
        cards.MapPut("/{key}", SaveAsync).WithSummary("Save the draft; If-Match carries the version you saw");
        cards.MapPost("/{key}/publish", async (HttpContext http, string key, PublishRequest request, PublishCard publish, CardLibrary library) =>
            View(http, library, await publish.RunAsync(key, request.ContentHash ?? "", request.ExpiresOn, await http.ActorAsync(), http.RequestAborted))).WithSummary("Take it into force as a numbered version");
        cards.MapPost("/{key}/owner", GiveAsync).WithSummary("Give it another owner");
        cards.MapGet("/{key}/dependents", DependentsAsync).WithSummary("Use cases that rely on this model version");
        cards.MapGet("/{key}/export", ExportAsync).WithSummary("As markdown, json or cyclonedx (ML-BOM 1.6)");
    }

    private static async Task<UseCasesApi.Listed<CardRow>> ListAsync(HttpContext http, CardLibrary library, Word<CardKind>? kind, string? search, string? useCase, bool stale = false, int page = 1, int size = 20)
    {
        var found = await library.PageAsync(new(kind?.Value, search, stale, useCase), await http.ActorAsync(), page, size, http.RequestAborted);
        return new([.. found.Items.Select(c => RowOf(c, library.Today))], found.Total, found.Number, found.Size);
    }

    private static async Task<IResult> StartAsync(HttpContext http, CardRequest request, WriteCard write, CardLibrary library)
    {
        var card = await write.StartAsync(
            new CardDraft(request.Kind, request.Name ?? "", request.ModelVersion ?? "", request.UseCase, request.Content ?? new CardContent()), await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/cards/{card.Key}", View(http, library, card));
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, WriteCard write, CardLibrary library, [FromQuery] Word<CardKind> kind, string? name, string? modelVersion, string? useCase)
    {
        Refuse.If(http.Request.ContentLength > CardMarkdown.LargestFile, "file-too-large", $"A card has at most {CardMarkdown.LargestFile / 1024} KB.");
        using var file = new MemoryStream();
        await http.Request.Body.CopyToAsync(file, http.RequestAborted);
        var card = await write.ImportAsync(file.ToArray(), kind.Value, name, modelVersion ?? "", useCase, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/cards/{card.Key}", View(http, library, card));
    }

    private static async Task<CardView> SaveAsync(HttpContext http, string key, SaveRequest request, WriteCard write, CardLibrary library)
    {
        var actor = await http.ActorAsync();
        await write.SaveAsync(
            key, request.Name ?? "", request.ModelVersion ?? "", request.Content ?? new CardContent(), http.VersionSeen() ?? throw UseCasesApi.VersionNeeded(), actor, request.EndsReviews, http.RequestAborted);
        return View(http, library, await library.OneAsync(key, actor, http.RequestAborted));
    }

    private static async Task<CardView> GiveAsync(HttpContext http, string key, OwnerRequest request, WriteCard write, CardLibrary library)
    {
        var actor = await http.ActorAsync();
        await write.GiveAsync(key, new PersonId(request.Owner ?? ""), actor, http.RequestAborted);
        return View(http, library, await library.OneAsync(key, actor, http.RequestAborted));
    }

    private static async Task<IReadOnlyList<DependentView>> DependentsAsync(HttpContext http, string key, CardLibrary library)
    {
        var actor = await http.ActorAsync();
        return [.. (await library.DependentsAsync(await library.OneAsync(key, actor, http.RequestAborted), actor, http.RequestAborted)).Select(d => new DependentView(d.Key, d.Title, d.Stage, d.IsInForce))];
    }

    private static async Task<IResult> ExportAsync(HttpContext http, string key, CardLibrary library, Organisation organisation, string? format, int? version)
    {
        var card = await library.OneAsync(key, await http.ActorAsync(), http.RequestAborted);
        var chosen = card.Versions.SingleOrDefault(v => v.Number == (version ?? card.LatestVersion));
        Refuse.If(chosen is null, "not-published", version is null ? $"{key} was never published, so there is nothing to hand out." : $"{key} has no version {version}.");
        var name = FormattableString.Invariant($"{card.Key}-v{chosen.Number}");
        // As an attachment with a type that no browser runs.
        return (format ?? "markdown") switch
        {
            "markdown" => Results.File(Encoding.UTF8.GetBytes(CardMarkdown.Write(card, chosen.Content, library.Template)), "text/markdown; charset=utf-8", name + ".md"),
            "json" => Results.File(Encoding.UTF8.GetBytes(CardExport.Json(card, chosen).ToJsonString()), "application/json", name + ".json"),
            "cyclonedx" => Results.File(
                Encoding.UTF8.GetBytes(CardExport.CycloneDx(card, chosen, await library.ModelsAsync(card, http.RequestAborted), organisation.Name).ToJsonString()), "application/vnd.cyclonedx+json", name + ".cdx.json"),
            _ => throw new RuleViolationException("format-unknown", "format is markdown, json or cyclonedx."),
        };
    }

    private static CardView View(HttpContext http, CardLibrary library, Card card)
    {
        http.Response.Headers.ETag = FormattableString.Invariant($"\"{card.Version}\"");
        return new(RowOf(card, library.Today), card.Draft, card.ContentHash, [.. card.Versions.OrderBy(v => v.Number).Select(v => new VersionView(v.Number, v.ContentHash, v.PublishedByName, v.PublishedAt, v.ExpiresOn))]);
    }

    private static CardRow RowOf(Card c, DateOnly today) => new(c.Key, c.Kind, c.Name, c.ModelVersion, c.UseCaseKey, c.OwnerName, c.LatestVersion, c.ExpiresOn, c.IsCurrent(today), c.Version);
}
