using System.Net;
using System.Net.Http.Json;
using CoEPortal.Enforcement.Actuators;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Scoring;
using CoEPortal.Web.Worker;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Tests.Enforcement;

/// <summary>A real HAProxy that asks nobody: the worker tells it, over its runtime socket, and reads back.</summary>
[Collection(typeof(PortalCollection))]
public sealed class HaProxyMapTests(RunningPortal portal)
{
    private const string Name = "haproxy-test";

    private static readonly Actor Auditor = DemoPersonas.Find("auditor")!.Actor;

    [Fact]
    public async Task What_is_stopped_is_refused_also_after_HAProxy_was_restarted_until_two_people_release_it()
    {
        var program = GatewayKit.Find("haproxy");
        Assert.SkipWhen(program is null, "haproxy is not installed (./coe test installs it when run as root).");
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        var route = $"/map-{key}";
        await PostAsync("coe-lead", $"/api/v1/use-cases/{key}/bindings", new { kind = "route", value = route, gateway = Name });
        await using var gateway = await GatewayKit.StartAsync("haproxy-map", "haproxy.cfg", program, path => ["-db", "-f", path], await portal.AddressAsync(), "", route);
        using var worker = await WorkerAsync(("Kind", "HaProxy"), ("Gateway", Name), ("Url", $"unix:{gateway.State}/admin.sock"), ("Map", $"{gateway.State}/coe-stopped.map"));
        await worker.StartAsync(default);
        try
        {
            Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
            await PostAsync("coe-lead", $"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." });
            Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
            Assert.Equal(PushReading.Effective, (await UntilAsync(r => r.Reading is PushReading.Effective && r.Actuator.Blocked == 1)).Reading);

            await gateway.RestartAsync("haproxy.cfg");
            Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
            var corrected = await UntilAsync(r => r.Actuator.CorrectedAt is not null && r.Reading is PushReading.Effective);
            Assert.Equal($"Route:{route} was open", corrected.Actuator.Corrected);

            await PostAsync("risk", $"/api/v1/switches/use-case/{key}/release", new { reason = "Mended." });
            Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
            await PostAsync("coe-lead", $"/api/v1/switches/use-case/{key}/release", new { reason = "Checked." });
            Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
        }
        finally
        {
            await worker.StopAsync(default);
            await (await portal.GetAsync<RegisterActuators>()).RunAsync([]);
        }
    }

    [Fact]
    public async Task A_stopped_model_is_refused_under_each_of_its_names_and_so_is_a_request_that_names_none()
    {
        var program = GatewayKit.Find("haproxy");
        Assert.SkipWhen(program is null, "haproxy is not installed (./coe test installs it when run as root).");
        var model = $"model-{Guid.CreateVersion7():N}";
        await using var gateway = await GatewayKit.StartAsync("haproxy-map", "haproxy.cfg", program, path => ["-db", "-f", path], await portal.AddressAsync(), "", "/any");
        using var worker = await WorkerAsync(("Kind", "HaProxy"), ("Gateway", Name), ("Url", $"unix:{gateway.State}/admin.sock"), ("Map", $"{gateway.State}/coe-stopped.map"), ("Models", "true"));
        await worker.StartAsync(default);
        try
        {
            using var client = gateway.Client;
            Assert.Equal(HttpStatusCode.OK, await SayAsync(client, $$"""{"model":"{{model}}"}"""));
            await PostAsync("coe-lead", $"/api/v1/switches/model/{model}/engage", new { mode = "stop", reason = "It invents sources." });
            await UntilAsync(r => r.Actuator.Confirmed.Contains(ActuatorTarget.Model(model)));

            Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(client, $$"""{"model":"{{model}}"}"""));
            Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(client, $$"""{"messages":[{"content":"}{"}],"model":"OpenAI/{{model.ToUpperInvariant()}}-2026-08-06"}"""));
            Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(client, """{"messages":[]}"""));
            Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(client, $$"""{"messages":"{{new string('x', 200_000)}}","model":"another"}"""));
            Assert.Equal(HttpStatusCode.OK, await SayAsync(client, $$"""{"model":"{{model}}-mini"}"""));
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/models")).StatusCode);
        }
        finally
        {
            foreach (var persona in new[] { "risk", "coe-lead" })
            {
                await PostAsync(persona, $"/api/v1/switches/model/{model}/release", new { reason = "Mended." });
            }

            await worker.StopAsync(default);
            await (await portal.GetAsync<RegisterActuators>()).RunAsync([]);
        }

        static async Task<HttpStatusCode> SayAsync(HttpClient client, string body) =>
            (await client.PostAsync("/v1/chat/completions", new StringContent(body, System.Text.Encoding.UTF8, "application/json"))).StatusCode;
    }

    private async Task<PushToGateways> WorkerAsync(params (string Name, string Value)[] settings)
    {
        var read = ActuatorSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Append(("Name", Name)).Select(s => KeyValuePair.Create("Portal:Actuators:1:" + s.Item1, (string?)s.Item2))).Build());
        return new PushToGateways(
            read, await portal.GetAsync<RegisterActuators>(), await portal.GetAsync<CoEPortal.Governance.Notifications.DeliverOutbox>(),
            await portal.GetAsync<PushToGateway>(), TimeProvider.System, await portal.GetAsync<Microsoft.Extensions.Logging.ILogger<PushToGateways>>())
        {
            ReadEvery = TimeSpan.FromMilliseconds(300),
        };
    }

    private async Task<ActuatorRow> UntilAsync(Func<ActuatorRow, bool> holds)
    {
        var list = await portal.GetAsync<ActuatorList>();
        for (var i = 0; i < 1500; i++)
        {
            if ((await list.ForAsync(Auditor)).SingleOrDefault(r => r.Actuator.Name == Name) is { } row && holds(row))
            {
                return row;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"The console never said so; it says {(await list.ForAsync(Auditor)).SingleOrDefault()?.Actuator.Detail}.");
    }

    private async Task PostAsync(string persona, string path, object body)
    {
        using var http = await portal.AsAsync(persona);
        (await http.PostAsJsonAsync(path, body)).EnsureSuccessStatusCode();
    }
}
