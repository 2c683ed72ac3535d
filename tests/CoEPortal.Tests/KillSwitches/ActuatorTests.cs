using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>Which changes a gateway that cannot ask is told, and what the console says of it.</summary>
public sealed class ActuatorTests(TestPostgres postgres) : ActuatorTest(postgres)
{
    [Fact]
    public async Task A_stop_is_queued_with_the_switch_told_to_theFake_and_confirmed_by_reading_it_back()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        Assert.Equal(PushReading.Pending, (await RowAsync()).Reading);
        Assert.Equal(SwitchReading.Stopping, (await StandingAsync(key)).Reading);

        Assert.Equal(1, await DeliverAsync());

        Assert.Equal(["Route:/claims"], Fake.Refused);
        var row = await RowAsync();
        Assert.Equal((PushReading.Effective, 1, Clock.GetUtcNow()), (row.Reading, row.Actuator.Blocked, row.Actuator.ReadAt!.Value));
        Assert.Contains("PushConfirmed", await ActionsOfActuatorAsync());
        Assert.Equal((SwitchReading.Stopped, 2), ((await StandingAsync(key)).Reading, (await StandingAsync(key)).Applied));

        await ReleaseAsync(key);
        await DeliverAsync();
        Assert.Empty(Fake.Blocked);
    }

    [Fact]
    public async Task What_does_not_go_through_theFake_is_not_told_to_it_and_a_refused_click_queues_nothing()
    {
        await GivenABoundAsync("/claims");
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        await DrainAsync();

        await StopAsync(other);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await Assert.ThrowsAsync<RuleViolationException>(() => StopAsync(other));
        Assert.Equal(0, await WaitingAsync());

        Fake.Trouble = "It takes no connection.";
        await SweepAsync();
        Assert.Equal(SwitchReading.Stopped, (await StandingAsync(other)).Reading);
    }

    [Fact]
    public async Task A_stopped_model_is_told_to_aFake_that_can_refuse_models_and_counts_as_stopped_when_it_confirmed()
    {
        await GivenABoundAsync("/claims");
        await Get<RegisterActuators>().RunAsync([new ActuatorSetting(Name, ActuatorKind.HaProxy, Gateway, Models: true)]);
        await DrainAsync();
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", new Engagement(SwitchMode.Stop, "It invents sources."), Who("security"));
        Assert.Equal(SwitchReading.Stopping, (await StandingOfModelAsync()).Reading);

        Assert.Equal(1, await DeliverAsync());

        Assert.Equal(["Model:gpt-4o"], Fake.Refused);
        Assert.Equal(SwitchReading.Stopped, (await StandingOfModelAsync()).Reading);

        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", "Mended.", Who(persona));
        }

        await DeliverAsync();
        Assert.Empty(Fake.Blocked);

        async Task<SwitchStanding> StandingOfModelAsync() => (await Get<SwitchConsole>().StandingOfAsync(SwitchScope.Model, "gpt-4o", Who("auditor")))!;
    }

    [Fact]
    public async Task Stopping_everything_or_theFake_blocks_theFake_as_a_whole()
    {
        await GivenABoundAsync("/claims");
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Gateway, "GATEWAY-EU", new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await DeliverAsync();
        Assert.Equal(["*", "Route:/claims"], Fake.Refused);
    }

    [Fact]
    public async Task A_softer_mode_or_a_share_is_a_stop_for_aFake_that_can_only_block()
    {
        var key = await GivenABoundAsync("/claims");
        await StopAsync(key);
        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, new ReleaseWish("Mended.", Share: 10), Who(persona));
        }

        await DeliverAsync();

        Assert.Equal(["Route:/claims"], Fake.Refused);
    }

    [Fact]
    public async Task A_credential_that_is_bound_no_more_is_unknown_and_blocked()
    {
        var key = await GivenABoundAsync("/claims");
        await DeliverAsync();
        Assert.Empty(Fake.Blocked);
        await using var db = await DbAsync();

        await Get<BindCredential>().RemoveAsync(key, await db.CredentialBindings.Select(b => b.Id).SingleAsync(), Who("coe-lead"));
        await DeliverAsync();

        Assert.Equal(["Route:/claims"], Fake.Refused);
    }

    [Fact]
    public async Task AFake_that_left_the_settings_is_told_no_more_and_holds_no_switch_back()
    {
        var key = await GivenABoundAsync("/claims");
        await Get<RegisterActuators>().RunAsync([]);
        await DrainAsync();

        await StopAsync(key);

        Assert.Equal(0, await WaitingAsync());
        Assert.Empty(await Get<ActuatorList>().ForAsync(Who("auditor")));
        Assert.DoesNotContain((await StandingAsync(key)).Nodes, n => n.Name == Name);
        Assert.Contains("ActuatorRemoved", await ActionsOfActuatorAsync());
    }
}
