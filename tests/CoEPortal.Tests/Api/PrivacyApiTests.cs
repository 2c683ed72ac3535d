using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Api;

/// <summary>Erasing and holding, as scripts see it.</summary>
[Collection(typeof(PortalCollection))]
public sealed class PrivacyApiTests(RunningPortal portal)
{
    [Fact]
    public async Task Somebody_is_asked_about_held_and_erased_over_the_API()
    {
        var id = await GivenSomebodyAsync();
        using var privacy = await portal.AsAsync("privacy");
        using var legal = await portal.AsAsync("legal");
        using var lead = await portal.AsAsync("coe-lead");
        var held = await RunningPortal.JsonAsync(await lead.PostAsJsonAsync("/api/v1/privacy/holds", new { kind = "person", target = id, reason = "Claim 4711." }));
        using var asked = await privacy.PostAsJsonAsync("/api/v1/privacy/erasures", new { person = id, reason = "Article 17.", reference = "DSR-1" });
        Assert.Equal(HttpStatusCode.Created, asked.StatusCode);
        var request = (await RunningPortal.JsonAsync(asked))["id"]!.GetValue<string>();

        Assert.Equal((HttpStatusCode.Conflict, "stands-against"), await RefusedAsync(lead, $"/api/v1/privacy/erasures/{request}/carry-out", new { }));
        Assert.Equal((HttpStatusCode.Conflict, "second-person-required"), await RefusedAsync(privacy, $"/api/v1/privacy/erasures/{request}/carry-out", new { }));
        Assert.Equal((HttpStatusCode.Forbidden, "not-permitted"), await RefusedAsync(legal, $"/api/v1/privacy/erasures/{request}/carry-out", new { }));
        var outlook = await RunningPortal.JsonAsync(await legal.GetAsync($"/api/v1/privacy/people/{Uri.EscapeDataString(id)}/outlook"));
        Assert.Equal("personHeld", outlook["obstacles"]![0]!["kind"]!.GetValue<string>());
        using var lifted = await legal.PostAsJsonAsync($"/api/v1/privacy/holds/{held["id"]}/lift", new { reason = "Settled." });
        Assert.Equal(HttpStatusCode.OK, lifted.StatusCode);

        using var done = await lead.PostAsJsonAsync($"/api/v1/privacy/erasures/{request}/carry-out", new { });
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Equal(1, (await RunningPortal.JsonAsync(done))["rows"]!["person"]!.GetValue<int>());
        var person = await RunningPortal.JsonAsync(await legal.GetAsync($"/api/v1/privacy/people/{Uri.EscapeDataString(id)}"));
        Assert.Equal("Erased person", person["name"]!.GetValue<string>());
        var listed = await RunningPortal.JsonAsync(await legal.GetAsync("/api/v1/privacy/erasures"));
        Assert.Contains(listed["items"]!.AsArray(), e => e!["id"]!.GetValue<string>() == request && e["state"]!.GetValue<string>() == "erased");
    }

    [Fact]
    public async Task A_request_is_taken_back_and_is_nothing_for_everybody()
    {
        var id = await GivenSomebodyAsync();
        using var privacy = await portal.AsAsync("privacy");
        using var author = await portal.AsAsync("submitter");
        var request = (await RunningPortal.JsonAsync(await privacy.PostAsJsonAsync("/api/v1/privacy/erasures", new { person = id, reason = "Article 17." })))["id"]!.GetValue<string>();

        using var back = await privacy.PostAsJsonAsync($"/api/v1/privacy/erasures/{request}/take-back", new { reason = "They stay." });
        Assert.Equal("takenBack", (await RunningPortal.JsonAsync(back))["state"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Forbidden, (await author.GetAsync("/api/v1/privacy/erasures")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await author.GetAsync("/api/v1/privacy/holds")).StatusCode);
        Assert.Equal((HttpStatusCode.Forbidden, "own-erasure"), await RefusedAsync(privacy, "/api/v1/privacy/erasures", new { person = "privacy@demo", reason = "I leave." }));
        Assert.Equal((HttpStatusCode.NotFound, "not-found"), await RefusedAsync(privacy, "/api/v1/privacy/erasures", new { person = "nobody@demo", reason = "Article 17." }));
    }

    private async Task<string> GivenSomebodyAsync()
    {
        var actor = new Actor(PersonId.Of($"{Guid.CreateVersion7():n}", "demo"), "Otto Leaver", new HashSet<Role> { Role.Risk }, "Risk");
        await using var db = await (await portal.GetAsync<IDbContextFactory<GovernanceDb>>()).CreateDbContextAsync();
        db.People.Add(Person.Register(actor, Actor.Rule("test"), TimeProvider.System.GetUtcNow()));
        await db.SaveChangesAsync();
        return actor.Id.Value;
    }

    private static async Task<(HttpStatusCode, string)> RefusedAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        return (answer.StatusCode, (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>());
    }
}
