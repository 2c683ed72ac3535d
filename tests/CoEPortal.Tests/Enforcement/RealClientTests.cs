using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Reliability;
using CoEPortal.Tests.Scoring;
using OpenAI;
using OpenAI.Chat;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CoEPortal.Tests.Enforcement;

/// <summary>Gateways and SDKs as people install them, against the running portal.</summary>
[Collection(typeof(PortalCollection))]
public sealed class RealClientTests(RunningPortal portal)
{
    [Fact]
    public async Task Portkey_behind_nginx_is_stopped_on_the_route_that_its_webhook_misses_too()
    {
        var nginx = GatewayKit.Find("nginx");
        Assert.SkipWhen(nginx is null, "nginx is not installed (./coe test installs it when run as root).");
        await NodeClients.DemandAsync();
        var key = await ApprovedAsync();
        var (token, port, address) = (await portal.TokenAsync("enforcement.read"), GatewayKit.FreePort(), await portal.AddressAsync());
        using var model = new FakeModel();
        using var portkey = NodeClients.Start(["-r", "./loopback.cjs", "node_modules/@portkey-ai/gateway/build/start-server.js", "--headless", $"--port={port}"]);
        try
        {
            await using var gateway = await GatewayKit.StartAsync(
                "portkey", "nginx.conf", nginx, path => ["-p", Path.GetDirectoryName(path)!, "-c", path, "-g", $"daemon off; master_process off; pid {Path.GetDirectoryName(path)}/n.pid; error_log {Path.GetDirectoryName(path)}/error.log;"],
                address, token, "", ("@USE_CASE@", key), ("@PORTKEY@", $"127.0.0.1:{port}"), ("@PROVIDER_KEY@", "sk-of-a-test"));
            Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
            Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK, "/v1/responses"));

            await StopAsync(key);

            Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
            Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden, "/v1/responses"));
            Assert.Equal((446, 200), (await AloneAsync("/v1/chat/completions"), await AloneAsync("/v1/responses")));
        }
        finally
        {
            portkey.Kill(entireProcessTree: true);
        }

        // Without nginx in front: what the kit's page says leaks.
        async Task<int> AloneAsync(string path)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            client.DefaultRequestHeaders.Add("x-portkey-metadata", $$"""{"use_case_id":"{{key}}"}""");
            client.DefaultRequestHeaders.Add("x-portkey-config",
                $$$"""{"provider":"openai","api_key":"sk-of-a-test","custom_host":"{{{model.Address}}}v1","input_guardrails":[{"default.webhook":{"webhookURL":"{{{address}}}gov/v1/portkey","headers":{"Authorization":"Bearer {{{token}}}"},"timeout":2000,"failOnError":true},"deny":true}]}""");
            using var answer = await client.PostAsJsonAsync(path, new { model = "gpt-4o-mini", messages = new[] { new { role = "user", content = "hi" } }, input = "hi" });
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task OpenFeature_answers_one_flag_and_all_of_them_and_an_unknown_use_case_gets_the_callers_default()
    {
        await NodeClients.DemandAsync();
        var key = await ApprovedAsync();
        var (address, token) = ((await portal.AddressAsync()).AbsoluteUri, await portal.TokenAsync("enforcement.read"));

        var running = await AskAsync();
        Assert.Equal((true, true, "FLAG_NOT_FOUND", 200, 304), ((bool)running["one"]!, (bool)running["bulk"]!, (string?)running["unknown"], (int)running["bulkStatus"]!, (int)running["again"]!));
        await StopAsync(key);
        var stopped = await AskAsync();
        Assert.Equal((false, false, "kill_manual"), ((bool)stopped["one"]!, (bool)stopped["bulk"]!, (string?)stopped["reason"]));

        async Task<JsonNode> AskAsync() => JsonNode.Parse(await NodeClients.RunAsync("ofrep.cjs", ("PORTAL", address.TrimEnd('/')), ("TOKEN", token), ("FLAG", key)))!;
    }

    [Fact]
    public async Task OpenTelemetry_for_JavaScript_tells_of_OpenAIs_calls_once_by_spans_and_metrics_together()
    {
        await NodeClients.DemandAsync();
        var key = await ApprovedAsync();
        using var model = new FakeModel();

        await NodeClients.RunAsync("otel.cjs", ("PORTAL", (await portal.AddressAsync()).AbsoluteUri), ("TOKEN", await portal.TokenAsync("telemetry.write", key)), ("MODEL", model.Address.AbsoluteUri));

        Assert.Equal((3, 1, 24, 68), await UsageAsync(key));
    }

    [Fact]
    public async Task OpenAIs_client_for_NET_tells_of_its_calls_with_its_own_activity_source()
    {
        var key = await ApprovedAsync();
        using var model = new FakeModel();
        var (address, authorization) = (await portal.AddressAsync(), $"Authorization=Bearer {await portal.TokenAsync("telemetry.write", key)}");
        AppContext.SetSwitch("OpenAI.Experimental.EnableOpenTelemetry", true);
        using (var traces = Sdk.CreateTracerProviderBuilder().AddSource("OpenAI.*").AddOtlpExporter(o => To(o, "v1/traces")).Build())
        using (var metrics = Sdk.CreateMeterProviderBuilder().AddMeter("OpenAI.*").AddOtlpExporter(o => To(o, "v1/metrics")).Build())
        {
            var chat = new ChatClient("gpt-4o-mini", new ApiKeyCredential("sk-of-a-test"), new OpenAIClientOptions { Endpoint = new Uri(model.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
            await chat.CompleteChatAsync("hi");
            await chat.CompleteChatAsync("hi");
            var broken = new ChatClient("broken", new ApiKeyCredential("sk-of-a-test"), new OpenAIClientOptions { Endpoint = new Uri(model.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
            await Assert.ThrowsAsync<ClientResultException>(() => broken.CompleteChatAsync("hi"));
            // Twice, as an exporter does when it shuts down: a running total that is sent again counts nothing.
            traces!.ForceFlush();
            metrics!.ForceFlush();
        }

        Assert.Equal((3, 1, 24, 68), await UsageAsync(key));

        void To(OtlpExporterOptions options, string path) =>
            (options.Endpoint, options.Protocol, options.Headers) = (new Uri(address, path), OtlpExportProtocol.HttpProtobuf, authorization);
    }

    [Fact]
    public async Task A_rule_of_Prometheus_reaches_the_use_case_through_Alertmanager()
    {
        Assert.SkipUnless(FullRun.IsOn, "Takes a quarter of a minute: ./coe test --full.");
        var (prometheus, alertmanager) = (GatewayKit.Find("prometheus"), GatewayKit.Find("prometheus-alertmanager"));
        Assert.SkipWhen(prometheus is null || alertmanager is null, "prometheus and prometheus-alertmanager are not installed (./coe test --full installs them when run as root).");
        var key = await ApprovedAsync();
        var (folder, scraped, alerts) = (Directory.CreateTempSubdirectory("coe-prometheus-"), GatewayKit.FreePort(), GatewayKit.FreePort());
        var address = await portal.AddressAsync();
        await Write("alertmanager.yml",
            $$"""
            route: { receiver: coe, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
            receivers:
              - name: coe
                webhook_configs: [ { url: "{{address}}ingest/alertmanager", http_config: { authorization: { credentials: "{{await portal.TokenAsync("telemetry.write", key)}}" } } } ]
            """);
        await Write("rules.yml",
            """
            groups:
              - name: coe
                interval: 1s
                rules: [ { alert: PortalGoverns, expr: "coe_enforcement_generation > 0", labels: { severity: critical }, annotations: { summary: "The generation is above zero." } } ]
            """);
        await Write("prometheus.yml",
            $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [ "{{folder.FullName}}/rules.yml" ]
            alerting: { alertmanagers: [ { static_configs: [ { targets: [ "127.0.0.1:{{alerts}}" ] } ] } ] }
            scrape_configs: [ { job_name: portal, static_configs: [ { targets: [ "{{address.Authority}}" ] } ] } ]
            """);
        using var manager = Start(alertmanager!, $"--config.file={folder.FullName}/alertmanager.yml", $"--storage.path={folder.FullName}/a", $"--web.listen-address=127.0.0.1:{alerts}", "--cluster.listen-address=");
        using var server = Start(prometheus!, $"--config.file={folder.FullName}/prometheus.yml", $"--storage.tsdb.path={folder.FullName}/p", $"--web.listen-address=127.0.0.1:{scraped}");
        try
        {
            var signal = await SignalAsync(key);
            Assert.Equal(("alertmanager", "PortalGoverns", "critical", true), (signal.Source, signal.Name, signal.Severity, signal.IsFiring));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            manager.Kill(entireProcessTree: true);
            await Task.WhenAll(server.WaitForExitAsync(), manager.WaitForExitAsync());
            folder.Delete(recursive: true);
        }

        Task Write(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder.FullName, name), text);

        static Process Start(string program, params string[] arguments)
        {
            var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            // They write much, and nobody reads it.
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            return process;
        }
    }

    private async Task<Signal> SignalAsync(string key)
    {
        var signals = await portal.GetAsync<SignalList>();
        for (var i = 0; i < 600; i++)
        {
            if ((await signals.OfAsync(key, DemoPersonas.Find("coe-lead")!.Actor)).Items is [var signal, ..])
            {
                return signal;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("No alert arrived within a minute.");
    }

    private Task<string> ApprovedAsync() => portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));

    private async Task StopAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
    }

    private async Task<(int Calls, int Failed, int InputTokens, int OutputTokens)> UsageAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
        return (Of("calls"), Of("failedCalls"), Of("inputTokens"), Of("outputTokens"));

        int Of(string name) => usage[name]!.GetValue<int>();
    }
}
