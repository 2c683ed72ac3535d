using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Audit;

public sealed class RefusedAttemptTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task Who_may_not_stop_and_tries_is_in_the_log_and_nothing_is_stopped()
    {
        Assert.Equal("not-permitted", await RuleAsync(() => StopAsync("auditor", "gpt-4o")));

        var refused = Assert.Single(await RefusalsAsync());
        Assert.Equal((Who("auditor").Id.Value, "refusals"), (refused.ActorId, refused.SubjectType));
        var body = JsonNode.Parse(refused.Body)!;
        Assert.Equal(("EngageKillSwitch", "Model/gpt-4o", "not-permitted"), ((string)body["attempted"]!, (string)body["target"]!, (string)body["rule"]!));
        await using var db = await DbAsync();
        Assert.False(await db.KillSwitches.AnyAsync());
    }

    [Fact]
    public async Task So_is_who_decides_for_another_function_or_lifts_an_own_veto_or_releases_twice()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        var task = (await OpenTaskAsync("UC-0001", Role.Legal))!;
        Assert.Equal("not-your-function", await RuleAsync(() => DecideAsync(task, "brand", DecisionKind.Approve)));
        var round = await DecideAsync(task, "legal", DecisionKind.Veto, "No contract.");
        Assert.Equal("own-veto", await RuleAsync(() => Get<LiftVeto>().RunAsync("UC-0001", "It was signed.", round.ContentHash, Confirmed("legal"))));
        await StopAsync("security", "gpt-4o");
        await ReleaseAsync("security");
        Assert.Equal("second-person-required", await RuleAsync(() => ReleaseAsync("security")));

        Assert.Equal(
            ["DecideReview not-your-function", "LiftVeto own-veto", "ReleaseKillSwitch second-person-required"],
            (await RefusalsAsync()).Select(e => JsonNode.Parse(e.Body)!).Select(b => $"{b["attempted"]} {b["rule"]}").Order());
    }

    [Fact]
    public async Task Nobody_fills_the_log_by_asking_for_what_they_may_not()
    {
        for (var i = 0; i < RefusedAttempts.MostInADay + 5; i++)
        {
            await RuleAsync(() => StopAsync("auditor", "gpt-4o"));
        }

        Assert.Equal(RefusedAttempts.MostInADay, (await RefusalsAsync()).Count);
        Clock.Advance(TimeSpan.FromDays(1));
        await RuleAsync(() => StopAsync("auditor", "gpt-4o"));
        Assert.Equal(RefusedAttempts.MostInADay + 1, (await RefusalsAsync()).Count);
    }

    [Fact]
    public async Task Refusals_at_the_same_moment_are_all_kept_and_numbered()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RuleAsync(() => StopAsync("auditor", $"model-{i}"))));

        Assert.Equal(Enumerable.Range(1, 8), (await RefusalsAsync()).Select(e => e.SubjectVersion).Order());
    }

    [Theory]
    [InlineData("already-engaged")]
    [InlineData("reason-required")]
    public async Task A_late_click_and_a_missing_reason_are_not(string rule)
    {
        await StopAsync("security", "gpt-4o");

        Assert.Equal(rule, await RuleAsync(() => StopAsync("risk", "gpt-4o", rule == "reason-required" ? "" : "Leak.")));

        Assert.Empty(await RefusalsAsync());
    }

    [Theory]
    [InlineData("a\u0000b")]
    [InlineData("\ud800")]
    [InlineData("")]
    public async Task What_was_named_cannot_spoil_the_log(string target)
    {
        Assert.Equal("not-permitted", await RuleAsync(() => StopAsync("auditor", target)));
        Assert.Equal("not-permitted", await RuleAsync(() => StopAsync("auditor", new string('x', 1_000_000))));

        Assert.All(await RefusalsAsync(), r => Assert.True(r.Body.Length < 500));
    }

    private Task<List<TimelineEntry>> RefusalsAsync() => EntriesAsync(e => e.Action == nameof(AttemptRefused));

    private Task ReleaseAsync(string persona) => Get<ReleaseKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", "It was fixed.", Who(persona));

    private Task StopAsync(string persona, string model, string reason = "Leak.") =>
        Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, model, SwitchMode.Stop, reason, "", Who(persona));
}
