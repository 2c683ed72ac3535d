using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Tests.Scoring;
using Npgsql;

namespace CoEPortal.Tests.Enforcement.Ingest;

[Collection(typeof(PortalCollection))]
public sealed class FeedbackEndpointTests(RunningPortal portal)
{
    private const string Down = """{"id":"f-81","callId":"chatcmpl-9x","thumbs":"down","score":2,"text":"Wrong tariff, ask ines@example.org","at":"2026-11-22T08:04:00Z","prompt":"never read"}""";

    [Fact]
    public async Task Feedback_of_a_bound_token_is_taken_once_in_each_form_and_redacted()
    {
        var (key, machine) = await BoundAsync();
        var first = await SendAsync(machine, "/ingest/feedback", $"[{Down},{Down}]");
        var again = await SendAsync(machine, "/ingest/feedback", Down + "\n" + Down.Replace("f-81", "f-82", StringComparison.Ordinal));
        Assert.Equal((2, 1, 1, 0), Counts(first));
        Assert.Equal((2, 1, 1, 0), Counts(again));

        using var lead = await portal.AsAsync("coe-lead");
        var list = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/feedback?useCase={key}&opinion=negative"));
        Assert.Equal((2, "Wrong tariff, ask [e-mail]", "negative", "chatcmpl-9x"), (
            list["total"]!.GetValue<int>(), list["items"]![0]!["text"]!.GetValue<string>(), list["items"]![0]!["opinion"]!.GetValue<string>(), list["items"]![0]!["callId"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"thumbs":"down"}""", "id is missing")]
    [InlineData("""{"id":"a"}""", "Say whether it was good")]
    [InlineData("""{"id":"a","thumbs":"sideways"}""", "thumbs is up or down")]
    [InlineData("""{"id":"a","score":9}""", "from 1 to 5")]
    [InlineData("""{"id":"a","score":4294967301}""", "score is not a number")]
    [InlineData("""{"id":"a","score":2.5}""", "score is not a number")]
    [InlineData("""{"id":"a","thumbs":"up","at":"1999-01-01"}""", "at is not an instant")]
    public async Task What_cannot_be_used_is_rejected_with_what_to_do_and_the_rest_is_taken(string bad, string why)
    {
        var (_, machine) = await BoundAsync();

        var answer = await SendAsync(machine, "/ingest/feedback", $"[{bad},{Down}]");

        Assert.Equal((2, 1, 0, 1), Counts(answer));
        Assert.Contains(why, answer["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_of_telemetry_nothing_is_taken()
    {
        using var nobody = new HttpClient { BaseAddress = await portal.AddressAsync() };
        using var gateway = await portal.WithTokenAsync("enforcement.read", null);
        foreach (var http in new[] { nobody, gateway })
        {
            using var content = new StringContent(Down, Encoding.UTF8, "application/json");
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync("/ingest/feedback", content)).StatusCode);
        }
    }

    [Fact]
    public async Task A_token_bound_to_nothing_names_a_use_case_that_exists()
    {
        var (key, _) = await BoundAsync();
        using var hub = await portal.WithTokenAsync("telemetry.write", null);

        var answer = await SendAsync(hub, "/ingest/feedback", $$"""[{"id":"h1","useCase":"{{key}}","thumbs":"up"},{"id":"h2","useCase":"UC-9999","thumbs":"up"},{"id":"h3","thumbs":"up"}]""");

        Assert.Equal((3, 1, 0, 2), Counts(answer));
    }

    [Fact]
    public async Task More_than_a_thousand_at_once_are_refused_as_a_whole()
    {
        var (_, machine) = await BoundAsync();
        using var content = new StringContent("[" + string.Join(',', Enumerable.Range(0, 1001).Select(i => $$"""{"id":"{{i}}","thumbs":"up"}""")) + "]", Encoding.UTF8, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, (await machine.PostAsync("/ingest/feedback", content)).StatusCode);
    }

    [Fact]
    public async Task An_evaluation_is_taken_once_and_needs_a_score_and_its_examples()
    {
        var (key, machine) = await BoundAsync();
        var body = """[{"id":"run-512","suite":"golden-set","score":0.94,"examples":400},{"id":"run-512","score":0.5,"examples":400},{"id":"x","score":0.5},{"id":"y","examples":3},{"id":"z","score":-1,"examples":3}]""";

        Assert.Equal((5, 1, 1, 3), Counts(await SendAsync(machine, "/ingest/evaluations", body)));
        await using var select = (await portal.GetAsync<NpgsqlDataSource>()).CreateCommand($"select score from telemetry.evaluation where use_case_key = '{key}'");
        Assert.Equal(0.94m, await select.ExecuteScalarAsync());
    }

    [Fact]
    public async Task People_enter_triage_and_close_feedback_over_the_api()
    {
        var (key, _) = await BoundAsync();
        using var lead = await portal.AsAsync("coe-lead");
        using var auditor = await portal.AsAsync("auditor");

        var entered = await PostAsync(lead, $"/api/v1/use-cases/{key}/feedback", """{"isGood":false,"text":"Wrong tariff"}""", HttpStatusCode.Created);
        var id = entered["id"]!.GetValue<Guid>();
        await PostAsync(auditor, $"/api/v1/feedback/{id}/triage", """{"fix":"prompt"}""", HttpStatusCode.Forbidden);
        var triaged = await PostAsync(lead, $"/api/v1/feedback/{id}/triage", """{"fix":"retrieval","note":"Old tariffs","version":1}""", HttpStatusCode.OK);
        Assert.Equal(("triaged", "retrieval"), (triaged["state"]!.GetValue<string>(), triaged["fix"]!.GetValue<string>()));
        Assert.Equal("changed-meanwhile", (await PostAsync(lead, $"/api/v1/feedback/{id}/done", """{"note":"Fixed","version":1}""", HttpStatusCode.Conflict))["rule"]!.GetValue<string>());
        Assert.Equal("done", (await PostAsync(lead, $"/api/v1/feedback/{id}/done", """{"note":"Fixed"}""", HttpStatusCode.OK))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_dry_run_over_the_api_tries_another_limit_and_changes_nothing()
    {
        var (key, _) = await BoundAsync();
        using var lead = await portal.AsAsync("coe-lead");

        var run = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/criteria/1/dry-run?days=7&limit=1"));
        Assert.Equal((1m, true, 0), (run["criterion"]!["limit"]!.GetValue<decimal>(), run["isMeasured"]!.GetValue<bool>(), run["stops"]!.AsArray().Count));
        Assert.Equal(HttpStatusCode.Conflict, (await lead.GetAsync($"/api/v1/use-cases/{key}/criteria/1/dry-run?days=93")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await lead.GetAsync($"/api/v1/use-cases/{key}/criteria/99/dry-run")).StatusCode);
    }

    private static (int, int, int, int) Counts(JsonNode receipt) => (
        receipt["received"]!.GetValue<int>(), receipt["stored"]!.GetValue<int>(), receipt["alreadyKnown"]!.GetValue<int>(), receipt["rejected"]!.GetValue<int>());

    private async Task<(string Key, HttpClient Machine)> BoundAsync()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        return (key, await portal.WithTokenAsync("telemetry.write", key));
    }

    private static async Task<JsonNode> SendAsync(HttpClient machine, string path, string body)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await machine.PostAsync(path, content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await RunningPortal.JsonAsync(answer);
    }

    private static async Task<JsonNode> PostAsync(HttpClient person, string path, string body, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await person.PostAsync(path, content);
        Assert.Equal(status, answer.StatusCode);
        return await RunningPortal.JsonAsync(answer);
    }
}
