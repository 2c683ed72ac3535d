using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class DialectTests(RunningPortal portal)
{
    private const string Prompt = "a-prompt-that-nobody-may-keep";

    [Fact]
    public async Task LiteLLM_is_told_to_block_what_is_stopped_by_the_hash_of_its_key()
    {
        var (key, hash) = await BoundAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        object Body(string keyHash) => new
        {
            texts = new[] { Prompt },
            request_data = new { user_api_key_hash = keyHash },
            request_headers = new Dictionary<string, string> { ["x-gov-use-case"] = key },
            input_type = "request",
            litellm_call_id = "call-1",
        };

        Assert.Equal("NONE", (string?)(await PostAsync(gateway, "/beta/litellm_basic_guardrail_api", Body(hash)))["action"]);
        // What the client says in its headers identifies nobody.
        Assert.Equal("BLOCKED", (string?)(await PostAsync(gateway, "/beta/litellm_basic_guardrail_api", Body(new string('0', 64))))["action"]);
        await StopAsync(key);
        var blocked = await PostAsync(gateway, "/beta/litellm_basic_guardrail_api", Body(hash));
        Assert.Equal(("BLOCKED", "Write by hand today."), ((string?)blocked["action"], (string?)blocked["blocked_reason"]));
    }

    [Fact]
    public async Task Portkey_as_it_was_captured_gets_a_verdict()
    {
        var (key, _) = await BoundAsync();
        var captured = JsonNode.Parse(await File.ReadAllTextAsync(Repository.Shared("samples", "portkey-webhook-001.raw.json")))!;
        captured["metadata"]!["use_case_id"] = key;
        using var gateway = await portal.WithTokenAsync("enforcement.read");

        Assert.True((bool?)(await PostAsync(gateway, "/gov/v1/portkey", captured))["verdict"]);
        await StopAsync(key);
        var denied = await PostAsync(gateway, "/gov/v1/portkey", captured);
        Assert.Equal((false, "kill_manual"), ((bool)denied["verdict"]!, (string?)denied["data"]!["reason"]));
    }

    [Fact]
    public async Task OpenFeature_answers_one_flag_and_all_and_304_when_nothing_changed()
    {
        var (key, _) = await BoundAsync();
        using var app = await portal.WithTokenAsync("enforcement.read");
        var context = new { context = new { targetingKey = "user-1" } };

        Assert.True((bool?)(await PostAsync(app, $"/ofrep/v1/evaluate/flags/{key}", context))["value"]);
        using var all = await app.PostAsJsonAsync("/ofrep/v1/evaluate/flags", context);
        Assert.Contains(key, await all.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        app.DefaultRequestHeaders.IfNoneMatch.Add(all.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await app.PostAsJsonAsync("/ofrep/v1/evaluate/flags", context)).StatusCode);
        await StopAsync(key);
        Assert.Equal(HttpStatusCode.OK, (await app.PostAsJsonAsync("/ofrep/v1/evaluate/flags", context)).StatusCode);
        Assert.False((bool?)(await PostAsync(app, $"/ofrep/v1/evaluate/flags/{key}", context))["value"]);
        using var unknown = await app.PostAsJsonAsync("/ofrep/v1/evaluate/flags/UC-9999", context);
        Assert.Equal((HttpStatusCode.NotFound, "FLAG_NOT_FOUND"), (unknown.StatusCode, (string?)(await RunningPortal.JsonAsync(unknown))["errorCode"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"metadata\":")]
    [InlineData("{\"metadata\":{\"use_case_id\":7},\"request\":\"x\"}")]
    [InlineData("\u0000")]
    public async Task What_cannot_be_read_is_denied_in_every_dialect_and_never_an_error_of_ours(string body)
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        foreach (var (path, denied) in new[] { ("/beta/litellm_basic_guardrail_api", "BLOCKED"), ("/gov/v1/portkey", "\"verdict\":false"), ("/ofrep/v1/evaluate/flags", "errorCode") })
        {
            foreach (var text in new[] { body, new string('[', 100_000) })
            {
                using var content = new StringContent(text, Encoding.UTF8, "application/json");
                using var answer = await gateway.PostAsync(path, content);
                Assert.InRange((int)answer.StatusCode, 200, 499);
                Assert.Contains(denied, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_stranger_is_denied_in_every_dialect()
    {
        using var stranger = await portal.WithTokenAsync("telemetry.write");

        Assert.Equal("BLOCKED", (string?)(await PostAsync(stranger, "/beta/litellm_basic_guardrail_api", new { }))["action"]);
        Assert.False((bool?)(await PostAsync(stranger, "/gov/v1/portkey", new { }))["verdict"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsJsonAsync("/ofrep/v1/evaluate/flags", new { })).StatusCode);
    }

    [Fact]
    public async Task Prompts_that_arrive_are_kept_nowhere_in_the_database()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        await PostAsync(gateway, "/beta/litellm_basic_guardrail_api", new { texts = new[] { Prompt }, request_data = new { user_api_key_hash = "x" } });
        await PostAsync(gateway, "/gov/v1/portkey", new { request = new { text = Prompt, json = new { model = "m", messages = new[] { Prompt } } } });

        await using var connection = new Npgsql.NpgsqlConnection(portal.RuntimeConnectionString);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(
            "select count(*) from audit.event where body::text like $1", connection);
        command.Parameters.AddWithValue("%" + Prompt + "%");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    private async Task<(string Key, string Hash)> BoundAsync()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("dialect-" + key)));
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/bindings", new { kind = "keyHash", value = hash, gateway = "litellm" })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
        return (key, hash);
    }

    private async Task StopAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong.", message = "Write by hand today." })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, object body)
    {
        using var content = new StringContent(System.Text.Json.JsonSerializer.Serialize(body), new MediaTypeHeaderValue("application/json"));
        using var answer = await http.PostAsync(path, content);
        return await RunningPortal.JsonAsync(answer);
    }
}
