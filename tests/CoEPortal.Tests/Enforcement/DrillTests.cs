using System.Net;
using System.Net.Http.Json;
using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class DrillTests(RunningPortal portal)
{
    private static readonly Actor Risk = DemoPersonas.Find("risk")!.Actor;

    [Fact]
    public async Task The_canary_is_halted_timed_and_let_go_without_two_people()
    {
        var (drill, points) = await (await portal.GetAsync<StartDrill>()).RunAsync(StartDrill.Canary, "", Risk);

        Assert.Equal(DrillKind.Canary, drill.Kind);
        Assert.NotNull(drill.DeniedAt);
        Assert.True(drill.ClickedAt <= drill.CommittedAt && drill.CommittedAt <= drill.DeniedAt);
        Assert.Contains(points, p => !p.IsGateway);
        var board = await portal.GetAsync<SwitchBoard>();
        await board.RefreshAsync();
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        gateway.DefaultRequestHeaders.Add("X-Gov-Use-Case", StartDrill.Canary);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.GetAsync("/gov/v1/decide")).StatusCode);
        Assert.Contains(await (await portal.GetAsync<DrillHistory>()).PointsAsync(Risk), p => p.Drills > 0);
        Assert.DoesNotContain(await (await portal.GetAsync<DrillHistory>()).OverdueAsync(Risk), o => o.Target == StartDrill.Canary);
    }

    [Fact]
    public async Task A_gateway_that_was_heard_of_and_does_not_confirm_makes_a_drill_incomplete()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        using var content = JsonContent.Create(new { enforcer_id = "deaf", generation = (await portal.GetAsync<SwitchBoard>()).Current.Generation });
        await content.LoadIntoBufferAsync();
        (await gateway.PostAsync("/gov/v1/acks", content)).EnsureSuccessStatusCode();
        await (await portal.GetAsync<Acks>()).WriteAsync();

        var (drill, _) = await (await portal.GetAsync<StartDrill>()).RunAsync(StartDrill.Canary, "", Risk);

        Assert.Equal(DrillOutcome.Incomplete, drill.Outcome);
        Assert.Contains("test/deaf", drill.Silent);
    }

    [Fact]
    public async Task A_drill_for_real_stops_the_use_case_and_two_people_release_it()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        var drills = await portal.GetAsync<StartDrill>();
        Assert.Equal("reason-required", (await Assert.ThrowsAsync<RuleViolationException>(() => drills.RunAsync(key, "", Risk))).Rule);
        Assert.Equal("not-permitted", (await Assert.ThrowsAsync<RuleViolationException>(() => drills.RunAsync(key, "x", DemoPersonas.Find("auditor")!.Actor))).Rule);

        var (drill, _) = await drills.RunAsync(key, "Quarterly rehearsal.", Risk);
        Assert.Equal(DrillKind.Real, drill.Kind);
        var board = await portal.GetAsync<SwitchBoard>();
        Assert.False(Verdict.Of(board.Current, new VerdictRequest(key, null, null, null, null, null), TimeSpan.Zero).Allowed);
        Assert.Equal("already-engaged", (await Assert.ThrowsAsync<RuleViolationException>(() => drills.RunAsync(key, "Again.", Risk))).Rule);
    }

    [Fact]
    public async Task A_drill_runs_from_the_command_line_and_prints_its_steps()
    {
        var (_, output) = await Coe.RunAsync(["drill", "canary"], ("COE_URL", (await portal.AddressAsync()).ToString()), ("COE_TOKEN", "Demo risk"));

        Assert.Contains("first refusal", output, StringComparison.Ordinal);
        Assert.Contains("drill of canary:", output, StringComparison.Ordinal);
    }
}
