using System.Net;
using System.Net.Http.Json;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

/// <summary>The kits that can be run here, by the real gateways.</summary>
[Collection(typeof(PortalCollection))]
public sealed class GatewayKitTests(RunningPortal portal)
{
    private const string Low = "Digital Records Manager (DRM) User Assistance Chatbot";
    private const string High = "Pre-Effectuation Review / Targeted Denial Review Models";

    [Theory]
    [InlineData("nginx-auth-request")]
    [InlineData("nginx-lua")]
    [InlineData("haproxy")]
    [InlineData("caddy")]
    public async Task A_stop_reaches_the_gateway_and_a_release_by_two_people_opens_it_again(string kit)
    {
        var (key, route) = await BoundAsync(Low);
        await using var gateway = await StartAsync(portal, kit, route);

        Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
        await StopAsync(key);
        Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
        using (var forger = gateway.Client)
        {
            forger.DefaultRequestHeaders.Add("X-Gov-Route", "/another");
            forger.DefaultRequestHeaders.Add("X-Gov-Use-Case", StartDrill.Canary);
            Assert.Equal(HttpStatusCode.Forbidden, (await forger.PostAsJsonAsync("/v1/chat/completions", new { })).StatusCode);
        }

        await ReleaseAsync(key);
        Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("nginx-lua", "nginx.conf", "test/nginx")]
    [InlineData("haproxy", "haproxy.cfg", "test/haproxy")]
    public async Task A_gateway_that_holds_the_snapshot_keeps_what_was_stopped_stopped_across_its_restart_without_the_portal(string kit, string file, string point)
    {
        var (stopped, stoppedRoute) = await BoundAsync(Low);
        await using var gateway = await StartAsync(portal, kit, stoppedRoute);
        Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));
        await StopAsync(stopped);
        Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
        await ConfirmedAsync(point);

        gateway.Portal.Cut();
        Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
        await gateway.RestartAsync(file);
        Assert.Equal(HttpStatusCode.Forbidden, await gateway.AskAsync(HttpStatusCode.Forbidden));
    }

    [Theory]
    [InlineData("nginx-lua", "nginx.conf", Low, HttpStatusCode.OK)]
    [InlineData("nginx-lua", "nginx.conf", High, HttpStatusCode.Forbidden)]
    [InlineData("haproxy", "haproxy.cfg", Low, HttpStatusCode.OK)]
    [InlineData("haproxy", "haproxy.cfg", High, HttpStatusCode.Forbidden)]
    public async Task After_a_restart_without_the_portal_each_tier_does_what_its_fail_mode_says(string kit, string file, string proposal, HttpStatusCode expected)
    {
        var (_, route) = await BoundAsync(proposal);
        await using var gateway = await StartAsync(portal, kit, route);
        Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));

        gateway.Portal.Cut();
        await gateway.RestartAsync(file);

        Assert.Equal(expected, await gateway.AskAsync(expected));
    }

    [Theory]
    [InlineData("nginx-auth-request", HttpStatusCode.ServiceUnavailable)]
    [InlineData("caddy", HttpStatusCode.BadGateway)]
    public async Task A_gateway_that_asks_refuses_when_nobody_answers(string kit, HttpStatusCode expected)
    {
        var (_, route) = await BoundAsync(Low);
        await using var gateway = await StartAsync(portal, kit, route);
        Assert.Equal(HttpStatusCode.OK, await gateway.AskAsync(HttpStatusCode.OK));

        gateway.Portal.Cut();

        Assert.Equal(expected, await gateway.AskAsync(expected));
    }

    internal static async Task<GatewayKit> StartAsync(RunningPortal portal, string kit, string route)
    {
        var (program, file, arguments) = kit switch
        {
            "haproxy" => ("haproxy", "haproxy.cfg", (Func<string, string[]>)(path => ["-db", "-f", path])),
            "caddy" => ("caddy", "Caddyfile", path => ["run", "--adapter", "caddyfile", "--config", path]),
            _ => ("nginx", "nginx.conf", path =>
            [
                "-p", Path.GetDirectoryName(path)!, "-c", path,
                "-g", $"daemon off; master_process off; pid {Path.GetDirectoryName(path)}/n.pid; error_log {Path.GetDirectoryName(path)}/error.log;",
            ]),
        };
        var found = GatewayKit.Find(program);
        Assert.SkipWhen(found is null, $"{program} is not installed (./coe test installs it when run as root).");
        Assert.SkipWhen(kit == "nginx-lua" && !File.Exists("/usr/lib/nginx/modules/ngx_http_lua_module.so"), "nginx has no Lua module (Debian: libnginx-mod-http-lua).");
        return await GatewayKit.StartAsync(kit, file, found, arguments, await portal.AddressAsync(), await portal.TokenAsync("enforcement.read"), route);
    }

    private async Task<(string Key, string Route)> BoundAsync(string proposal)
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal(proposal));
        var route = $"/kit-{key}";
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/bindings", new { kind = "route", value = route, gateway = "test" })).EnsureSuccessStatusCode();
        await (await portal.GetAsync<SwitchBoard>()).RefreshAsync();
        return (key, route);
    }

    private async Task StopAsync(string key)
    {
        using var lead = await portal.AsAsync("coe-lead");
        (await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." })).EnsureSuccessStatusCode();
    }

    private async Task ReleaseAsync(string key)
    {
        foreach (var persona in new[] { "risk", "coe-lead" })
        {
            using var releaser = await portal.AsAsync(persona);
            (await releaser.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/release", new { reason = "Mended." })).EnsureSuccessStatusCode();
        }
    }

    /// <summary>The gateway itself said that it applies the newest generation.</summary>
    private async Task ConfirmedAsync(string point)
    {
        var console = await portal.GetAsync<SwitchConsole>();
        var generation = (await portal.GetAsync<SwitchBoard>()).Current.Generation;
        for (var i = 0; i < 500; i++)
        {
            if ((await console.NodesAsync(DemoPersonas.Find("coe-lead")!.Actor)).Any(n => n.Name == point && n.Generation >= generation))
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{point} did not confirm generation {generation}.");
    }
}
