using CoEPortal.Enforcement.Probes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Tests.Enforcement;

/// <summary>Drills that also ask through a gateway, by the canary's route there.</summary>
[Collection(typeof(PortalCollection))]
public sealed class RouteProbeTests(RunningPortal portal)
{
    [Theory]
    [InlineData("nginx-auth-request")]
    [InlineData("nginx-lua")]
    [InlineData("haproxy")]
    [InlineData("caddy")]
    public async Task A_drill_of_the_canary_sees_the_real_gateway_let_through_before_and_refuse_after(string kit)
    {
        await using var gateway = await GatewayKitTests.StartAsync(portal, kit, "/unbound");
        using var probe = new RouteProbe(Settings("edge", new Uri(gateway.Client.BaseAddress!, "/coe-canary")));
        await UntilAsync(probe, ProbeAnswer.Allowed);

        var (drill, points) = await DrillAsync(probe);

        var route = Assert.Single(points, p => p.Name == "edge (route)");
        Assert.DoesNotContain(drill.Silent, s => s.StartsWith("edge", StringComparison.Ordinal));
        Assert.True(drill.GatewaysAt >= drill.ClickedAt.AddMilliseconds(route.AfterMs - 1));
        await UntilAsync(probe, ProbeAnswer.Allowed);
    }

    [Theory]
    [InlineData(new[] { ProbeAnswer.Refused }, "edge (route): refused before the canary was halted")]
    [InlineData(new[] { ProbeAnswer.Unclear }, "edge (route): no answer before the canary was halted")]
    [InlineData(new[] { ProbeAnswer.Allowed }, "edge (route): still let through")]
    [InlineData(new[] { ProbeAnswer.Allowed, ProbeAnswer.Unclear }, "edge (route): no answer")]
    public async Task A_route_that_does_not_show_a_stop_makes_the_drill_incomplete_and_says_why(ProbeAnswer[] answers, string why)
    {
        var (drill, points) = await DrillAsync(new Scripted(answers));

        Assert.Equal(DrillOutcome.Incomplete, drill.Outcome);
        Assert.Contains(why, drill.Silent);
        Assert.DoesNotContain(points, p => p.Name == "edge (route)");
    }

    [Theory]
    [InlineData("Name", "X", "Portal__Probes__1__Name is 3 to 60 small letters")]
    [InlineData("Url", "ftp://x", "Portal__Probes__1__Url is the canary's route")]
    [InlineData("Url", "http://key@x/", "Portal__Probes__1__Url is the canary's route")]
    [InlineData("TimeoutMs", "60000", "Portal__Probes__1__TimeoutMs is 100 to 5000")]
    [InlineData("Credential", "sk-1", "Portal__Probes__1__Credential is not a setting")]
    public void A_setting_that_cannot_be_meant_is_refused_at_start_by_its_name(string setting, string value, string message)
    {
        var given = new Dictionary<string, string?> { ["Name"] = "edge-eu", ["Url"] = "http://127.0.0.1:1/coe-canary", [setting] = value };
        var settings = new ConfigurationBuilder().AddInMemoryCollection(given.ToDictionary(g => $"Portal:Probes:1:{g.Key}", g => g.Value)).Build();

        Assert.StartsWith(message, Assert.Throws<InvalidOperationException>(() => RouteProbeSettings.Read(settings)).Message, StringComparison.Ordinal);
    }

    private static RouteProbeSettings Settings(string name, Uri address) => new(name, address, null, TimeSpan.FromSeconds(2));

    private static async Task UntilAsync(RouteProbe probe, ProbeAnswer wanted)
    {
        for (var i = 0; i < 1500 && await probe.AskAsync(TestContext.Current.CancellationToken) != wanted; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(wanted, await probe.AskAsync(TestContext.Current.CancellationToken));
    }

    private async Task<(Drill Drill, IReadOnlyList<DrillPoint> Points)> DrillAsync(IRouteProbe probe)
    {
        var start = new StartDrill(
            await portal.GetAsync<IDbContextFactory<GovernanceDb>>(), await portal.GetAsync<EngageKillSwitch>(), await portal.GetAsync<ProbeRefusal>(), [probe], TimeProvider.System)
        {
            WaitAtMost = TimeSpan.FromSeconds(3),
        };
        return await start.RunAsync(StartDrill.Canary, "", DemoPersonas.Find("risk")!.Actor);
    }

    /// <summary>Gives one answer after the other, the last for ever.</summary>
    private sealed class Scripted(ProbeAnswer[] answers) : IRouteProbe
    {
        private int _asked;

        public string Name => "edge";

        public Task<ProbeAnswer> AskAsync(CancellationToken cancellation) =>
            Task.FromResult(answers[Math.Min(Interlocked.Increment(ref _asked), answers.Length) - 1]);
    }
}
