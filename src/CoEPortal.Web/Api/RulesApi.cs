using CoEPortal.Governance.Access;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Api;

/// <summary>Triage rules: which are in force, and what others would change.</summary>
public static class RulesApi
{
    public sealed record VersionView(string Version, DateOnly EffectiveOn, bool InForce);

    /// <param name="Refused">Files that are not used, each with its line and reason.</param>
    public sealed record RulesView(IReadOnlyList<VersionView> Versions, IReadOnlyList<string> Refused);

    public static void MapRules(this RouteGroupBuilder api)
    {
        var rules = api.MapGroup("/rules").WithTags("Rules");
        rules.MapGet("/", ListAsync).WithSummary("Versions of the triage rules, and files that were refused");
        rules.MapPost("/preview", PreviewAsync).WithSummary("What a rules file (YAML as the body) would change, before it takes effect").Accepts<string>("application/yaml");
        rules.MapGet("/{version}/preview", PreviewOfAsync).WithSummary("What a version would change of what stands now");
    }

    private static async Task<RulesView> ListAsync(HttpContext http, TriageRules rules, TimeProvider clock)
    {
        AccessPolicy.Demand(await http.ActorAsync(), Permission.ReadWorkflows);
        var inForce = rules.InForce(clock.GetUtcNow());
        return new([.. rules.All.Select(r => new VersionView(r.Version, r.EffectiveOn, r == inForce))], rules.Refused);
    }

    private static async Task<PreviewedRules> PreviewAsync(HttpContext http, RulesPreview preview)
    {
        var actor = await http.ActorAsync();
        AccessPolicy.Demand(actor, Permission.ReadWorkflows);
        using var reader = new StreamReader(http.Request.Body);
        return await preview.RunAsync(RulesPreview.Given(await reader.ReadToEndAsync(http.RequestAborted)), actor, http.RequestAborted);
    }

    private static async Task<PreviewedRules> PreviewOfAsync(HttpContext http, string version, TriageRules rules, RulesPreview preview) =>
        await preview.RunAsync(rules.OfVersion(version) ?? throw new NotFoundException("version of the rules", version), await http.ActorAsync(), http.RequestAborted);
}
