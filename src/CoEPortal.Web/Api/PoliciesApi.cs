using CoEPortal.Governance.Policies;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Policies, their versions, and who has read which.</summary>
public static class PoliciesApi
{
    public sealed record PublishRequest(string? Title, string? Text, DateOnly EffectiveOn, int Seen);

    public sealed record AcknowledgeRequest(string? ContentHash);

    public sealed record VersionView(string Policy, int Number, string Title, string Text, string ContentHash, DateOnly EffectiveOn, DateTimeOffset PublishedAt);

    public sealed record MyPolicyView(string Policy, VersionView? Current, VersionView? Coming, DateTimeOffset? AcknowledgedAt);

    public sealed record ReachView(string Policy, int Number, string Title, int Acknowledged, int People);

    public sealed record AcknowledgementView(string Policy, int Number, string ContentHash, DateTimeOffset AcknowledgedAt);

    public static void MapPolicies(this RouteGroupBuilder api)
    {
        var policies = api.MapGroup("/policies").WithTags("Policies");
        policies.MapGet("/", async (HttpContext http, PolicyShelf shelf) =>
            (await shelf.MineAsync(await http.ActorAsync(), http.RequestAborted)).Select(p => new MyPolicyView(p.Policy, ViewOf(p.Current), ViewOf(p.Coming), p.AcknowledgedAt))).WithSummary("My policies, what I have still to acknowledge first");
        policies.MapGet("/reach", async (HttpContext http, PolicyShelf shelf) =>
            (await shelf.ReachAsync(await http.ActorAsync(), http.RequestAborted)).Select(r => new ReachView(r.Version.Policy, r.Version.Number, r.Version.Title, r.Acknowledged, r.People))).WithSummary("How many have acknowledged the versions that hold");
        policies.MapGet("/{policy}", async (HttpContext http, string policy, PolicyShelf shelf) =>
            (await shelf.OneAsync(policy, await http.ActorAsync(), http.RequestAborted)).Select(ViewOf)).WithSummary("All versions of a policy, the newest first");
        policies.MapGet("/{policy}/missing", MissingAsync).WithSummary("Who has not acknowledged the version that holds");
        policies.MapPost("/{policy}/versions", PublishAsync).WithSummary("Publish a version with the day from which it holds").IsIdempotent();
        policies.MapPost("/{policy}/versions/{number:int}/acknowledgement", AcknowledgeAsync).WithSummary("Say that you have read it and follow it");
    }

    private static async Task<UseCasesApi.Listed<Missing>> MissingAsync(HttpContext http, string policy, PolicyShelf shelf, int page = 1, int size = 20) =>
        UseCasesApi.Listing(await shelf.MissingAsync(policy, await http.ActorAsync(), page, size, http.RequestAborted));

    private static async Task<IResult> PublishAsync(HttpContext http, string policy, PublishRequest request, PublishPolicy publish)
    {
        var version = await publish.RunAsync(policy, request.Title ?? "", request.Text ?? "", request.EffectiveOn, request.Seen, await http.ActorAsync(), http.RequestAborted);
        return Results.Created($"/api/v1/policies/{policy}", ViewOf(version));
    }

    private static async Task<AcknowledgementView> AcknowledgeAsync(HttpContext http, string policy, int number, AcknowledgeRequest request, AcknowledgePolicy acknowledge)
    {
        var read = await acknowledge.RunAsync(policy, number, request.ContentHash ?? "", await http.ActorAsync(), http.RequestAborted);
        return new(read.Policy, read.Number, read.ContentHash, read.AcknowledgedAt);
    }

    private static VersionView? ViewOf(PolicyVersion? v) => v is null ? null : new(v.Policy, v.Number, v.Title, v.Text, v.ContentHash, v.EffectiveOn, v.PublishedAt);
}
