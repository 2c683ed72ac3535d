using CoEPortal.Enforcement.Actuators;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Enforcement;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>What a gateway is told is read back, kept right, and never overtaken by something older.</summary>
public sealed class PushTests(TestPostgres postgres) : ActuatorTest(postgres)
{
    [Fact]
    public async Task AFake_that_does_not_answer_is_unreachable_and_tried_again_sooner_than_mail_until_it_does()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        Fake.Trouble = "No answer within 3 s.";
        var waits = new List<double>();
        for (var attempt = 0; attempt < 8; attempt++)
        {
            await DeliverAsync();
            await using var db = await DbAsync();
            var message = await db.OutboxMessages.SingleAsync(m => m.Channel == "actuator" && m.SentAt == null);
            waits.Add((message.NextAttemptAt - Clock.GetUtcNow()).TotalSeconds);
            Clock.Advance(message.NextAttemptAt - Clock.GetUtcNow());
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
        var lost = await RowAsync();
        Assert.Equal((PushReading.Unreachable, "No answer within 3 s.", 1), (lost.Reading, lost.Actuator.Detail, lost.Waiting));
        Assert.Single(await ActionsOfActuatorAsync(), a => a == "GatewayLost");
        Assert.Equal(SwitchReading.Stopping, (await StandingAsync(key)).Reading);

        Fake.Trouble = null;
        Assert.Equal(1, await DeliverAsync());
        Assert.Equal(PushReading.Effective, (await RowAsync()).Reading);
        Assert.Equal(["Route:/claims"], Fake.Refused);
    }

    [Fact]
    public async Task AFake_that_says_yes_and_does_nothing_differs_and_no_switch_counts_as_effective()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        Fake.Forgets = true;

        Assert.Equal(0, await DeliverAsync());

        var row = await RowAsync();
        Assert.Equal((PushReading.Differs, "Route:/claims is open and should be blocked"), (row.Reading, row.Actuator.Detail));
        Assert.Equal(SwitchReading.Stopping, (await StandingAsync(key)).Reading);
        Assert.Contains("PushNotConfirmed", await ActionsOfActuatorAsync());
    }

    [Fact]
    public async Task One_credential_that_theFake_refuses_does_not_keep_the_others_open()
    {
        await GivenABoundAsync("/claims", "/odd", "/zebra");
        Fake.Refuses = Route("/odd");

        await Get<EngageKillSwitch>().RunAsync(SwitchScope.All, KillSwitch.Everything, new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await DeliverAsync();

        Assert.Equal(["*", "Route:/claims", "Route:/zebra"], Fake.Refused);
        Assert.Equal(PushReading.Differs, (await RowAsync()).Reading);
    }

    [Fact]
    public async Task The_sweep_blocks_again_what_a_restart_or_a_hand_opened_and_says_so()
    {
        var key = await GivenABoundAsync("/claims");
        await StopAsync(key);
        await DeliverAsync();
        Fake.Blocked.Clear();

        await SweepAsync();

        Assert.Equal(["Route:/claims"], Fake.Refused);
        var actuator = (await RowAsync()).Actuator;
        Assert.Equal(("Route:/claims was open", Clock.GetUtcNow()), (actuator.Corrected, actuator.CorrectedAt!.Value));
        Assert.Contains("GatewayDriftCorrected", await ActionsOfActuatorAsync());
    }

    [Fact]
    public async Task A_sweep_that_finds_all_as_it_should_be_writes_nothing_to_the_log_or_theFake()
    {
        await GivenABoundAsync("/claims");
        await SweepAsync();
        var (before, orders) = (await ActionsOfActuatorAsync(), Fake.Orders);

        await SweepAsync();

        Assert.Equal(before, await ActionsOfActuatorAsync());
        Assert.Equal(orders, Fake.Orders);
    }

    [Fact]
    public async Task What_somebody_else_blocked_at_theFake_is_never_lifted()
    {
        var key = await GivenABoundAsync("/claims");
        Fake.Blocked.Add(Route("/claims"));
        await StopAsync(key);
        await DeliverAsync();

        await ReleaseAsync(key);
        await DeliverAsync();

        Assert.Equal(["Route:/claims"], Fake.Refused);
        var row = await RowAsync();
        Assert.Equal((PushReading.Effective, "Route:/claims was blocked there by somebody else and is left so"), (row.Reading, row.Actuator.Detail));
    }

    [Fact]
    public async Task A_block_whose_worker_died_before_it_could_say_so_is_still_lifted_after_the_release()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        using var death = new CancellationTokenSource();
        Fake.AfterOrder = () => death.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DeliverAsync(death.Token));
        Assert.Equal(["Route:/claims"], Fake.Refused);

        Fake.AfterOrder = null;
        await ReleaseAsync(key);
        Clock.Advance(Carrier.ToGateway(Name).Lease);
        await DeliverAsync();

        Assert.Empty(Fake.Blocked);
        Assert.Equal(PushReading.Effective, (await RowAsync()).Reading);
    }

    [Fact]
    public async Task A_worker_that_is_overtaken_by_a_newer_change_begins_anew_and_does_not_order_the_older_state()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        Fake.AfterRead = async () =>
        {
            Fake.AfterRead = null;
            await ReleaseAsync(key);
        };

        await DeliverAsync();

        Assert.Empty(Fake.Blocked);
        Assert.Equal(0, Fake.Orders);
    }

    [Fact]
    public async Task Workers_at_once_tell_aFake_one_at_a_time_and_it_ends_in_the_newest_state()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        for (var i = 0; i < 4; i++)
        {
            await StopAsync(key);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DeliverAsync()));
            await ReleaseAsync(key);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DeliverAsync()));
            Clock.Advance(TimeSpan.FromMinutes(5));
            await DeliverAsync();
            Assert.Empty(Fake.Blocked);
        }

        Assert.Equal(1, Fake.MostAtOnce);
    }

    [Fact]
    public async Task The_database_refuses_to_go_back_to_an_older_generation()
    {
        await GivenABoundAsync("/claims");
        await SweepAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update actuator set generation = generation - 1"));

        Assert.Equal("pushes_only_go_forward", refusal.ConstraintName);
    }

    /// <summary>Contract only: the fakes are written from the documents of LiteLLM and Kong.</summary>
    [Theory]
    [InlineData(ActuatorKind.LiteLlm)]
    [InlineData(ActuatorKind.Kong)]
    public async Task By_its_documented_interface_aFake_is_told_corrected_lost_and_caught_when_it_says_yes_and_does_nothing(ActuatorKind kind)
    {
        const string hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        Environment.SetEnvironmentVariable("COE_TEST_ADMIN_SECRET", FakeAdmin.Secret);
        using var fake = kind is ActuatorKind.Kong ? FakeAdmin.Kong() : FakeAdmin.LiteLlm();
        using var admin = new ActuatorSettings(
            Name, kind, Gateway, fake.Address, () => Environment.GetEnvironmentVariable("COE_TEST_ADMIN_SECRET")!, "", Models: kind is ActuatorKind.LiteLlm, TimeSpan.FromSeconds(3)).Admin();
        var key = await GivenABoundAsync("claims");
        await Get<RegisterActuators>().RunAsync([new ActuatorSetting(Name, kind, Gateway)]);
        await Get<BindCredential>().RunAsync(key, CredentialKind.KeyHash, hash, Gateway, Who("coe-lead"));
        fake.Blocked[hash] = null;
        fake.Places.Add("routes/claims");
        await StopAsync(key);

        await PushAsync();
        Assert.Equal((ActuatorStanding.Effective, true), ((await RowAsync()).Actuator.Standing, IsBlocked()));

        fake.Blocked[hash] = false;
        fake.Plugins.Clear();
        await PushAsync();
        Assert.Equal((kind is ActuatorKind.Kong ? "Route:claims was open" : $"KeyHash:{hash} was open", true), ((await RowAsync()).Actuator.Corrected, IsBlocked()));

        fake.Instead = (401, "{}");
        await PushAsync();
        Assert.Equal((PushReading.Unreachable, "It does not take our credential (401)."), ((await RowAsync()).Reading, (await RowAsync()).Actuator.Detail));

        (fake.Instead, fake.Forgets) = (null, true);
        await ReleaseAsync(key);
        await PushAsync();
        Assert.Equal((PushReading.Differs, true), ((await RowAsync()).Reading, (await RowAsync()).Actuator.Detail.EndsWith("is still blocked", StringComparison.Ordinal)));

        fake.Forgets = false;
        await PushAsync();
        Assert.Equal((ActuatorStanding.Effective, false), ((await RowAsync()).Actuator.Standing, IsBlocked()));

        Task PushAsync() => Get<PushToGateway>().RunAsync(Name, admin);

        bool IsBlocked() => kind is ActuatorKind.Kong ? fake.Plugins.Count > 0 : fake.Blocked[hash] is true;
    }
}
