using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Scoring;
using Npgsql;

namespace CoEPortal.Tests.Enforcement.Ingest;

/// <summary>
/// Logs of gateways over HTTP. Portkey's and Alertmanager's bodies were captured from the real ones; those of LiteLLM, Kong,
/// APISIX and nginx follow their documentation: contract only.
/// </summary>
[Collection(typeof(PortalCollection))]
public sealed class LogEndpointTests(RunningPortal portal)
{
    private static int _count;

    [Theory]
    [InlineData("array")]
    [InlineData("ndjson")]
    [InlineData("single")]
    public async Task LiteLlm_contract_only_each_format_of_its_callback_is_taken_and_counts_once(string format)
    {
        var (key, gateway) = await BoundAsync();
        var calls = Enumerable.Range(0, 3).Select(_ => LiteLlm(Unique("chatcmpl"))).ToList();
        List<string> bodies = format switch
        {
            "array" => [new JsonArray([.. calls]).ToJsonString()],
            "ndjson" => [string.Join('\n', calls.Select(c => c.ToJsonString())) + "\n"],
            _ => [.. calls.Select(c => c.ToJsonString())],
        };

        foreach (var body in bodies.Concat(bodies))
        {
            await SendAsync(gateway, "/ingest/litellm", body, format == "ndjson" ? "application/x-ndjson" : "application/json");
        }

        var usage = await UsageAsync(key);
        Assert.Equal((3, 3 * 120, 3 * 34, 3 * 0.0042m), usage);
    }

    [Theory]
    [InlineData("1795334655.637", "1795334656.137")]
    [InlineData("\"2026-11-22T08:04:15.637\"", "\"2026-11-22T08:04:16.137Z\"")]
    public async Task LiteLlm_contract_only_times_are_seconds_or_iso(string start, string end)
    {
        var (_, gateway) = await BoundAsync();
        var id = Unique("chatcmpl");
        var body = LiteLlm(id);
        body["startTime"] = JsonNode.Parse(start);
        body["endTime"] = JsonNode.Parse(end);

        await SendAsync(gateway, "/ingest/litellm", body.ToJsonString());

        Assert.Equal(
            "2026-11-22 08:04:15.637|500000",
            await ScalarAsync($"select to_char(started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || '|' || duration_us from telemetry.call where response_id = '{id}'"));
    }

    [Fact]
    public async Task LiteLlm_contract_only_its_bill_is_labelled_reported_and_a_bill_it_failed_to_make_is_priced()
    {
        var (_, gateway) = await BoundAsync();
        var (billed, failed) = (Unique("chatcmpl"), Unique("chatcmpl"));
        var without = LiteLlm(failed);
        without["response_cost"] = 0;
        without["response_cost_failure_debug_info"] = new JsonObject { ["error_str"] = "no price" };

        await SendAsync(gateway, "/ingest/litellm", new JsonArray(LiteLlm(billed), without).ToJsonString());

        Assert.Equal("reported", await ScalarAsync($"select cost_origin from telemetry.call where response_id = '{billed}'"));
        Assert.StartsWith("priced@", (string)(await ScalarAsync($"select cost_origin from telemetry.call where response_id = '{failed}'"))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LiteLlm_contract_only_guardrails_failures_and_keys_arrive_and_no_content_does()
    {
        var (_, gateway) = await BoundAsync();
        var id = Unique("chatcmpl");
        var body = LiteLlm(id);
        body["status"] = "failure";
        body["status_fields"] = new JsonObject { ["guardrail_status"] = "guardrail_intervened" };
        body["error_information"] = new JsonObject { ["error_class"] = "RateLimitError", ["error_message"] = "my prompt secret" };
        body["error_str"] = "my prompt secret";

        await SendAsync(gateway, "/ingest/litellm", body.ToJsonString());

        Assert.Equal(
            "true|RateLimitError|Intervened|key:88dc28d0f030|1",
            await ScalarAsync($"select failed || '|' || error_type || '|' || guardrail || '|' || credential || '|' || (select max(guardrail_calls) from telemetry.usage_minute m where m.use_case_key = c.use_case_key) from telemetry.call c where response_id = '{id}'"));
        await DemandNothingStoredOfAsync("my prompt secret");
    }

    [Fact]
    public async Task The_key_of_a_gateway_leads_to_its_use_case_before_any_tag()
    {
        var owner = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        var tagged = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Unique("key"))));
        await (await portal.GetAsync<BindCredential>()).RunAsync(owner, CredentialKind.KeyHash, hash, "litellm-eu", CoEPortal.Governance.Access.DemoPersonas.Find("coe-lead")!.Actor);
        using var gateway = await portal.WithTokenAsync("telemetry.write");
        var (byKey, byTag) = (LiteLlm(Unique("chatcmpl")), LiteLlm(Unique("chatcmpl")));
        byKey["metadata"]!["user_api_key_hash"] = hash;
        byKey["request_tags"] = new JsonArray("use_case:" + tagged);
        byTag["request_tags"] = new JsonArray("other", "use_case:" + tagged);

        await SendAsync(gateway, "/ingest/litellm", new JsonArray(byKey, byTag).ToJsonString());

        Assert.Equal((1, 1), ((await UsageAsync(owner)).Calls, (await UsageAsync(tagged)).Calls));
    }

    [Fact]
    public async Task Baggage_grants_nothing()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var client = await portal.WithTokenAsync("telemetry.write");
        client.DefaultRequestHeaders.Add("baggage", $"ai.use_case.id={key}");
        client.DefaultRequestHeaders.Add("X-Gov-Use-Case", key);

        await SendAsync(client, "/ingest/litellm", LiteLlm(Unique("chatcmpl")).ToJsonString());

        Assert.Equal(0, (await UsageAsync(key)).Calls);
    }

    [Fact]
    public async Task Portkey_sends_the_providers_key_and_no_secret_of_it_reaches_the_database_or_the_log()
    {
        var (key, gateway) = await BoundAsync();
        string[] files = ["portkey-log-010.raw.json", "portkey-log-2318.raw.json", "portkey-webhook-001.raw.json", "portkey-webhook-003.raw.json"];
        foreach (var file in files.Concat(files))
        {
            await SendAsync(gateway, "/ingest/logs/portkey", await File.ReadAllTextAsync(Repository.Shared("samples", file)));
        }

        // two calls of 12 and 34 tokens; what the hooks asked before a call is none
        var usage = await UsageAsync(key);
        Assert.Equal((2, 24, 68), (usage.Calls, usage.Input, usage.Output));
        await DemandNothingStoredOfAsync("sk-fake");
        await DemandNothingStoredOfAsync("Hello from fake");
    }

    [Fact]
    public async Task A_key_in_a_field_that_is_kept_is_redacted()
    {
        var (_, gateway) = await BoundAsync();
        var id = Unique("chatcmpl");
        var body = LiteLlm(id);
        body["model"] = "sk-live-0123456789abcdef";
        body["request_tags"] = new JsonArray("use_case:Bearer coe_0123456789");

        await SendAsync(gateway, "/ingest/litellm", body.ToJsonString());

        Assert.Equal("[redacted]", await ScalarAsync($"select model from telemetry.call where response_id = '{id}'"));
        await DemandNothingStoredOfAsync("0123456789");
    }

    [Theory]
    [InlineData("kong", """{"request":{"id":"ID","headers":{"authorization":"Bearer sk-secret","x-gov-user":"nina.berg","x-gov-cohort":"north"}},"started_at":1795334655637,"latencies":{"request":500,"kong":2},"route":{"id":"r-1","name":"claims-chat"},"response":{"status":200},"ai":{"proxy":{"meta":{"provider_name":"openai","request_model":"gpt-4o-mini","response_model":"gpt-4o-mini-2024-07-18"},"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"cost":0.25},"payload":{"request":"my prompt secret"}}}}""", 0.25)]
    [InlineData("apisix", """{"request":{"headers":{"authorization":"Bearer sk-secret","x-request-id":"ID","x-gov-user":"nina.berg","x-gov-cohort":"north"}},"start_time":1795334655637,"latency":500.25,"route_id":"r-1","response":{"status":200},"llm_summary":{"request_model":"gpt-4o-mini","model":"gpt-4o-mini-2024-07-18","prompt_tokens":100,"completion_tokens":20,"total_tokens":120},"llm_request":"my prompt secret"}""", 0.000027)]
    [InlineData("nginx", """{"request_id":"ID","msec":1795334655.637,"uri":"/v1/chat/completions","status":200,"request_time":0.5,"use_case":"UC-9999","args":"sk-secret","end_user":"nina.berg","cohort":"north"}""", 0)]
    public async Task Contract_only_a_log_of_each_gateway_counts_once_and_nothing_but_figures_is_kept(string dialect, string log, decimal cost)
    {
        var (key, gateway) = await BoundAsync();
        var body = log.Replace("ID", Unique(dialect), StringComparison.Ordinal);

        await SendAsync(gateway, "/ingest/logs/" + dialect, body);
        await SendAsync(gateway, "/ingest/logs/" + dialect, $"[{body}]");

        Assert.Equal((1, dialect == "nginx" ? 0 : 100, dialect == "nginx" ? 0 : 20, cost), await UsageAsync(key));
        Assert.Equal("1 north", await ScalarAsync($"select count(*) || ' ' || max(cohort) from telemetry.active_user where use_case_key = '{key}'"));
        await DemandNothingStoredOfAsync("nina.berg");
        await DemandNothingStoredOfAsync("sk-secret");
        await DemandNothingStoredOfAsync("my prompt secret");
    }

    [Theory]
    [InlineData("kong", """{"request":{"id":"x"},"started_at":1795334655637}""")]
    [InlineData("apisix", """{"start_time":1795334655637,"route_id":"r"}""")]
    [InlineData("nginx", """{"msec":1795334655.6,"uri":"/healthz","status":200}""")]
    [InlineData("nginx", """{"msec":1795334655.6,"uri":"/v1/chat/completions","status":403,"reason":"kill_manual"}""")]
    [InlineData("portkey", """{"requestType":"proxy"}""")]
    public async Task Logs_of_something_else_and_of_refused_requests_are_no_calls(string dialect, string log)
    {
        var (key, gateway) = await BoundAsync();
        await SendAsync(gateway, "/ingest/logs/" + dialect, log);

        Assert.Equal(0, (await UsageAsync(key)).Calls);
    }

    [Theory]
    [InlineData("prompt_tokens", "-1")]
    [InlineData("prompt_tokens", "1e30")]
    [InlineData("prompt_tokens", "1.5")]
    [InlineData("response_cost", "-0.01")]
    [InlineData("response_cost", "\"NaN\"")]
    [InlineData("startTime", "4000000000")]
    [InlineData("startTime", "null")]
    [InlineData("id", "null")]
    [InlineData("model", "\"a\\u0000b\"")]
    public async Task A_call_with_a_figure_that_cannot_be_is_refused_alone(string field, string value)
    {
        var (key, gateway) = await BoundAsync();
        var bad = LiteLlm(Unique("chatcmpl"));
        bad[field] = JsonNode.Parse(value);

        var receipt = await SendAsync(gateway, "/ingest/litellm", new JsonArray(bad, LiteLlm(Unique("chatcmpl"))).ToJsonString());

        Assert.Equal((1, 1), (receipt["rejected"]!.GetValue<int>(), receipt["stored"]!.GetValue<int>()));
        Assert.Equal(1, (await UsageAsync(key)).Calls);
    }

    [Theory]
    [InlineData("/ingest/litellm", "{\"id\":", HttpStatusCode.BadRequest)]
    [InlineData("/ingest/litellm", "[1]", HttpStatusCode.BadRequest)]
    [InlineData("/ingest/litellm", "[[{}]]", HttpStatusCode.BadRequest)]
    [InlineData("/ingest/logs/other", "{}", HttpStatusCode.NotFound)]
    public async Task A_body_that_cannot_be_read_is_refused_in_words(string path, string body, HttpStatusCode status)
    {
        var (_, gateway) = await BoundAsync();
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await gateway.PostAsync(path, content);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("\"message\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nested_body_is_refused_and_does_not_end_the_portal()
    {
        var (_, gateway) = await BoundAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));
        using var content = new StringContent(deep, new MediaTypeHeaderValue("application/json"));
        using var answer = await gateway.PostAsync("/ingest/litellm", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Alertmanagers_alert_becomes_a_signal_once_and_ends_when_it_is_resolved()
    {
        var (key, gateway) = await BoundAsync();
        var body = JsonNode.Parse(await File.ReadAllTextAsync(Repository.Shared("samples", "alertmanager_webhook-0.json")))!["body"]!;
        body["alerts"]![0]!["fingerprint"] = Unique("f");

        await SendAsync(gateway, "/ingest/alertmanager", body.ToJsonString());
        await SendAsync(gateway, "/ingest/alertmanager", body.ToJsonString());
        Assert.Equal("AiErrorRateHigh|kill|true", await ScalarAsync($"select name || '|' || severity || '|' || is_firing from telemetry.signal where use_case_key = '{key}'"));

        body["alerts"]![0]!["status"] = "resolved";
        body["alerts"]![0]!["endsAt"] = "2026-11-22T08:20:00Z";
        await SendAsync(gateway, "/ingest/alertmanager", body.ToJsonString());
        var signals = await (await portal.GetAsync<SignalList>()).OfAsync(key, CoEPortal.Governance.Access.DemoPersonas.Find("coe-lead")!.Actor);
        Assert.Equal((1, false, new DateTimeOffset(2026, 11, 22, 8, 20, 0, TimeSpan.Zero)), (signals.Total, signals.Items[0].IsFiring, signals.Items[0].EndedAt));
    }

    [Fact]
    public async Task LiteLlm_contract_only_a_budget_warning_becomes_a_signal_without_the_key_or_the_mail_address()
    {
        var (key, gateway) = await BoundAsync();
        const string warning =
            """
            {"spend":1,"max_budget":0.5,"token":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b","user_id":"default_user_id","team_id":null,
             "user_email":"someone@example.org","key_alias":null,"event":"budget_crossed","event_group":"key","event_message":"User Budget: Budget Crossed"}
            """;
        await SendAsync(gateway, "/ingest/litellm/alerts", warning);

        Assert.Equal("budget_crossed|key key 88dc28d0f030: $1 of $0.5 spent", await ScalarAsync($"select name || '|' || summary from telemetry.signal where use_case_key = '{key}'"));
        await DemandNothingStoredOfAsync("someone@example.org");
        await DemandNothingStoredOfAsync("88dc28d0f030c55ed4ab");
    }

    /// <summary>The documented example, with what matters here.</summary>
    private static JsonObject LiteLlm(string id) => JsonNode.Parse(
        """
        {"id":"ID","trace_id":"t-ID","litellm_call_id":"call-ID","call_type":"acompletion","response_cost":0.0042,"status":"success",
         "total_tokens":154,"prompt_tokens":120,"completion_tokens":34,"startTime":1795334655.637,"endTime":1795334656.137,"completionStartTime":1795334655.9,
         "model":"openai/gpt-4o-mini","custom_llm_provider":"openai","model_group":"gpt-4o-mini",
         "metadata":{"user_api_key_hash":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b","user_api_key_team_id":null,
           "usage_object":{"prompt_tokens_details":{"cached_tokens":20}}},
         "request_tags":[],"messages":[{"role":"user","content":"my prompt secret"}],"response":{"choices":[{"message":{"content":"my prompt secret"}}]}}
        """.Replace("ID", id, StringComparison.Ordinal))!.AsObject();

    private static string Unique(string prefix) => $"{prefix}-{Interlocked.Increment(ref _count)}-{Environment.TickCount64}";

    private async Task<(string Key, HttpClient Gateway)> BoundAsync()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        return (key, await portal.WithTokenAsync("telemetry.write", key));
    }

    private static async Task<JsonNode> SendAsync(HttpClient gateway, string path, string body, string mediaType = "application/json")
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue(mediaType));
        using var answer = await gateway.PostAsync(path, content);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        return await RunningPortal.JsonAsync(answer);
    }

    private async Task<(int Calls, int Input, int Output, decimal Cost)> UsageAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
        return (usage["calls"]!.GetValue<int>(), usage["inputTokens"]!.GetValue<int>(), usage["outputTokens"]!.GetValue<int>(), usage["cost"]!.GetValue<decimal>());
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(portal.RuntimeConnectionString);
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>In no column of any table of telemetry, not in the audit log, and in no line that the portal logged.</summary>
    private async Task DemandNothingStoredOfAsync(string secret)
    {
        foreach (var table in new[] { "call", "usage_minute", "spend", "signal", "source", "metric_usage" })
        {
            Assert.Equal(0L, await ScalarAsync($"select count(*) from telemetry.{table} t where t::text like '%{secret}%'"));
        }

        Assert.Equal(0L, await ScalarAsync($"select count(*) from audit.event t where t::text like '%{secret}%'"));
        Assert.DoesNotContain(portal.Log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }
}
