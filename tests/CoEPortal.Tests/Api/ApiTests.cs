using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Api;

[Collection(typeof(PortalCollection))]
public sealed class ApiTests(RunningPortal portal)
{
    private static Proposal Claims => TriageTests.RealProposal("Claims summarisation with retrieval");

    [Theory]
    [InlineData("GET", "/api/v1/use-cases")]
    [InlineData("GET", "/api/v1/tasks")]
    [InlineData("POST", "/api/v1/use-cases")]
    [InlineData("POST", "/api/v1/switches/all/*/engage")]
    public async Task Nobody_gets_in_without_signing_in(string method, string path)
    {
        using var http = new HttpClient { BaseAddress = await portal.AddressAsync() };
        foreach (var authorization in new[] { null, "Demo nobody", "Bearer coe_123", "Basic eDp5" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task A_wrong_field_gets_a_message_by_its_name_and_nothing_is_saved()
    {
        using var author = await portal.AsAsync("submitter");
        var before = await TotalAsync(author);

        var overlong = await ProblemAsync(author, new JsonObject { ["title"] = new string('a', 300), ["kpi"] = new JsonObject { ["metric"] = "<img src=x>" } });
        Assert.Equal(["kpi.metric", "title"], overlong["errors"]!.AsObject().Select(e => e.Key).Order());
        var wrongEnum = await ProblemAsync(author, new JsonObject { ["dataClass"] = "topSecret" });
        Assert.Equal("dataClass", wrongEnum["errors"]!.AsObject().Single().Key);
        var unknown = await ProblemAsync(author, new JsonObject { ["approved"] = true });
        Assert.Contains("approved", unknown["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        Assert.Equal(before, await TotalAsync(author));
    }

    [Fact]
    public async Task A_missing_field_holds_only_submitting()
    {
        using var author = await portal.AsAsync("submitter");
        var key = (await RunningPortal.JsonAsync(await author.PostAsJsonAsync("/api/v1/use-cases", new { title = "Half a thought" })))["key"]!.GetValue<string>();

        using var held = await author.PostAsync($"/api/v1/use-cases/{key}/submit", null);

        Assert.Equal(HttpStatusCode.BadRequest, held.StatusCode);
        Assert.Contains("problem", (await RunningPortal.JsonAsync(held))["errors"]!.AsObject().Select(e => e.Key));
    }

    [Theory]
    [InlineData("/api/v1/use-cases?stage=inReview&lane=full&riskClass=high", HttpStatusCode.OK)]
    [InlineData("/api/v1/use-cases?stage=InReview", HttpStatusCode.OK)]
    [InlineData("/api/v1/tasks?function=coeLead&lane=standard&view=takenByOthers", HttpStatusCode.OK)]
    [InlineData("/api/v1/workflows/instances?status=running", HttpStatusCode.OK)]
    [InlineData("/api/v1/use-cases?lane=slow", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/use-cases?lane=1", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/use-cases?lane=-1", HttpStatusCode.BadRequest)]
    public async Task A_list_is_filtered_by_the_words_that_answers_use(string path, HttpStatusCode status)
    {
        using var lead = await portal.AsAsync("coe-lead");

        Assert.Equal(status, (await lead.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_and_what_is_not_for_you_read_the_same()
    {
        using var author = await portal.AsAsync("submitter");
        using var stranger = await portal.AsAsync("submitter2");
        var key = (await RunningPortal.JsonAsync(await author.PostAsJsonAsync("/api/v1/use-cases", Claims, ProposalJson.Options)))["key"]!.GetValue<string>();

        using var foreign = await stranger.GetAsync($"/api/v1/use-cases/{key}");
        using var missing = await stranger.GetAsync("/api/v1/use-cases/UC-9999");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (foreign.StatusCode, missing.StatusCode));
        var (one, two) = (await RunningPortal.JsonAsync(foreign), await RunningPortal.JsonAsync(missing));
        Assert.Equal(two["detail"]!.GetValue<string>().Replace("UC-9999", key, StringComparison.Ordinal), one["detail"]!.GetValue<string>());
        Assert.Equal(two["rule"]!.GetValue<string>(), one["rule"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_update_needs_the_version_it_saw_and_a_stale_one_is_refused()
    {
        using var author = await portal.AsAsync("submitter");
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", Claims, ProposalJson.Options);
        var key = (await RunningPortal.JsonAsync(started))["key"]!.GetValue<string>();
        async Task<HttpStatusCode> PutAsync(string? etag, string tone)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/use-cases/{key}") { Content = JsonContent.Create(Claims with { Tone = tone }, options: ProposalJson.Options) };
            if (etag is not null)
            {
                request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(etag));
            }

            return (await author.SendAsync(request)).StatusCode;
        }

        var seen = started.Headers.ETag!.Tag;
        Assert.Equal(HttpStatusCode.PreconditionRequired, await PutAsync(null, "x"));
        Assert.Equal(HttpStatusCode.OK, await PutAsync(seen, "first"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync(seen, "second"));
    }

    [Fact]
    public async Task The_same_idempotency_key_makes_one_use_case_however_often_and_at_once()
    {
        using var author = await portal.AsAsync("submitter");
        var id = Guid.CreateVersion7().ToString();
        async Task<(HttpStatusCode, string?)> CreateAsync(string title)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/use-cases") { Content = JsonContent.Create(new { title }) };
            request.Headers.Add("Idempotency-Key", id);
            using var answer = await author.SendAsync(request);
            return (answer.StatusCode, answer.IsSuccessStatusCode ? (await RunningPortal.JsonAsync(answer))["key"]!.GetValue<string>() : null);
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync("Once")));

        Assert.Single(answers.Distinct());
        Assert.Equal(HttpStatusCode.Created, answers[0].Item1);
        Assert.Equal(HttpStatusCode.Conflict, (await CreateAsync("Another thing")).Item1);
    }

    [Theory]
    [InlineData("""{"decision":"maybe","contentHash":"x"}""")]
    [InlineData("""{"decision":1}""")]
    [InlineData("{")]
    [InlineData("[]")]
    public async Task A_decision_that_is_none_of_the_four_is_refused(string body)
    {
        using var legal = await portal.AsAsync("legal");

        using var answer = await legal.PostAsync($"/api/v1/tasks/{Guid.CreateVersion7()}/decision", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_change_that_another_site_sends_through_a_browser_is_refused()
    {
        using var author = await portal.AsAsync("submitter");
        author.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        Assert.Equal(HttpStatusCode.Forbidden, (await author.PostAsJsonAsync("/api/v1/use-cases", new { title = "x" })).StatusCode);
    }

    [Fact]
    public async Task The_door_for_gateways_never_asks_for_a_password_and_denies_whom_it_does_not_know()
    {
        using var nobody = new HttpClient { BaseAddress = await portal.AddressAsync() };
        foreach (var method in new[] { "GET", "POST", "PUT", "DELETE", "PATCH" })
        {
            using var answer = await nobody.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/gov/v1/decide/v1/chat/completions"));
            Assert.Equal((HttpStatusCode.Forbidden, "unknown_enforcer"), (answer.StatusCode, answer.Headers.GetValues("X-Gov-Reason").Single()));
        }

        using var wrongScope = await portal.WithTokenAsync("telemetry.write");
        Assert.Equal("unknown_enforcer", (await wrongScope.GetAsync("/gov/v1/decide")).Headers.GetValues("X-Gov-Reason").Single());
    }

    [Fact]
    public async Task The_description_of_the_API_names_every_path_of_the_contract()
    {
        using var http = await portal.AsAsync("submitter");
        var paths = (await RunningPortal.JsonAsync(await http.GetAsync("/openapi/v1.json")))["paths"]!.AsObject().Select(p => p.Key).ToList();

        foreach (var path in new[]
        {
            "/api/v1/use-cases", "/api/v1/use-cases/{key}", "/api/v1/use-cases/{key}/submit", "/api/v1/tasks", "/api/v1/tasks/{id}/decision",
            "/api/v1/use-cases/{key}/bindings", "/api/v1/use-cases/{key}/usage", "/api/v1/switches/{scope}/{id}/engage",
            "/api/v1/switches/{scope}/{id}/release", "/api/v1/use-cases/{key}/audit-pack", "/api/v1/tasks/{id}/claim", "/api/v1/delegations",
            "/api/v1/conditions/{id}/report", "/api/v1/use-cases/{key}/comments", "/api/v1/use-cases/{key}/lift-veto", "/api/v1/workflows/{id}",
            "/api/v1/workflows/instances/{id}/upgrade",
        })
        {
            Assert.Contains(path, paths);
        }
    }

    private static async Task<int> TotalAsync(HttpClient http) =>
        (await RunningPortal.JsonAsync(await http.GetAsync("/api/v1/use-cases")))["total"]!.GetValue<int>();

    private static async Task<JsonNode> ProblemAsync(HttpClient http, JsonObject body)
    {
        using var answer = await http.PostAsJsonAsync("/api/v1/use-cases", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return await RunningPortal.JsonAsync(answer);
    }
}
