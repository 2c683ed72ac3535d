using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Adoption;

/// <summary>A rollout, its champion and a failure, as scripts see them.</summary>
[Collection(typeof(PortalCollection))]
public sealed class AdoptionApiTests(RunningPortal portal)
{
    private static readonly string Today = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    private static readonly string Later = TimeProvider.System.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_rollout_waits_for_its_champion_over_http_too()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        using var lead = await portal.AsAsync("coe-lead");
        using var champion = await portal.AsAsync("legal2");
        var plan = new
        {
            cohorts = new[] { new { name = "Desk", department = "Api desk", eligible = 40, startsOn = Today } },
            phases = new[] { new { share = 30, plannedOn = Today, needsChampions = true }, new { share = 100, plannedOn = Today, needsChampions = false } },
        };
        var planned = await OkAsync(lead.PutAsJsonAsync($"/api/v1/use-cases/{key}/adoption", plan));
        var first = await OkAsync(lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/adoption/steps", new { step = "moveOn", reason = "Begin.", version = (int)planned["version"]! }));
        using var refused = await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/adoption/steps", new { step = "moveOn", reason = "On.", version = (int)first["version"]! });
        Assert.Contains("champion-not-agreed", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var named = await lead.PostAsJsonAsync("/api/v1/champions", new { person = "legal2@demo", department = "Api desk", fromOn = Today, untilOn = Later });
        Assert.Equal(HttpStatusCode.Created, named.StatusCode);
        var id = (string)JsonNode.Parse(await named.Content.ReadAsStringAsync())!["id"]!;
        Assert.Equal(HttpStatusCode.NoContent, (await champion.PostAsJsonAsync($"/api/v1/champions/{id}/answer", new { accepts = true })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await champion.PostAsJsonAsync($"/api/v1/use-cases/{key}/adoption/agreements", new { cohort = "Desk" })).StatusCode);

        var sheet = JsonNode.Parse(await lead.GetStringAsync($"/api/v1/use-cases/{key}/adoption"))!;
        Assert.Equal((1, 40, 0), ((int)sheet["rollout"]!["phase"]!, (int)sheet["eligible"]!, sheet["waitsForChampionOf"]!.AsArray().Count));
        Assert.Null(sheet["active"]);
        var second = await OkAsync(lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/adoption/steps", new { step = "moveOn", reason = "On.", version = (int)sheet["rollout"]!["version"]! }));
        Assert.Equal(2, (int)second["phase"]!);
        Assert.Contains("Api desk", await champion.GetStringAsync("/api/v1/champions?search=api"), StringComparison.Ordinal);
        Assert.Equal("[]", await lead.GetStringAsync("/api/v1/champions/gaps"));
        Assert.Equal(HttpStatusCode.NoContent, (await lead.PostAsJsonAsync($"/api/v1/champions/{id}/end", new { reason = "Moved." })).StatusCode);
    }

    [Fact]
    public async Task A_failure_is_told_published_and_met_over_http()
    {
        using var submitter = await portal.AsAsync("submitter");
        using var lead = await portal.AsAsync("coe-lead");
        var told = new { title = "Api failure", happened = "It broke.", learnt = "Look twice.", kind = "tool", useCases = Array.Empty<string>() };
        using var made = await submitter.PostAsJsonAsync("/api/v1/failures", told);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var entry = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        var at = $"/api/v1/failures/{(string)entry["key"]!}";
        var published = new { told.title, told.happened, told.learnt, told.kind, told.useCases, version = (int)entry["version"]! };
        Assert.Equal(HttpStatusCode.Forbidden, (await submitter.PostAsJsonAsync(at + "/publish", published)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await lead.PostAsJsonAsync(at + "/publish", published)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await lead.PostAsync(at + "/met", null)).StatusCode);
        var listed = JsonNode.Parse(await submitter.GetStringAsync("/api/v1/failures?kind=tool&search=api+failure"))!["items"]![0]!;
        Assert.Equal((1, false, "published"), ((int)listed["met"]!, (bool)listed["happenedToMe"]!, (string)listed["state"]!));
        Assert.Equal(HttpStatusCode.NoContent, (await lead.PostAsJsonAsync(at + "/withdraw", new { reason = "Mended." })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await submitter.GetAsync(at)).StatusCode);
    }

    private static async Task<JsonNode> OkAsync(Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}
