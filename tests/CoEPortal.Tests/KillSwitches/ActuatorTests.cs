using CoEPortal.Enforcement.Actuators;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Enforcement;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>Gateways that cannot ask are told what is stopped, and read back.</summary>
public sealed class ActuatorTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Name = "kong-eu";
    private const string Gateway = "gateway-eu";

    private readonly FakeGateway _gateway = new();

    [Fact]
    public async Task A_stop_is_queued_with_the_switch_told_to_the_gateway_and_confirmed_by_reading_it_back()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        Assert.Equal(PushReading.Pending, (await RowAsync()).Reading);
        Assert.Equal(SwitchReading.Stopping, (await StandingAsync(key)).Reading);

        Assert.Equal(1, await DeliverAsync());

        Assert.Equal(["Route:/claims"], _gateway.Refused);
        var row = await RowAsync();
        Assert.Equal((PushReading.Effective, 1, Clock.GetUtcNow()), (row.Reading, row.Actuator.Blocked, row.Actuator.ReadAt!.Value));
        Assert.Contains("PushConfirmed", await ActionsOfActuatorAsync());
        Assert.Equal((SwitchReading.Stopped, 2), ((await StandingAsync(key)).Reading, (await StandingAsync(key)).Applied));

        await ReleaseAsync(key);
        await DeliverAsync();
        Assert.Empty(_gateway.Blocked);
    }

    [Fact]
    public async Task What_does_not_go_through_the_gateway_is_not_told_to_it_and_a_refused_click_queues_nothing()
    {
        await GivenABoundAsync("/claims");
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        await DrainAsync();

        await StopAsync(other);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await Assert.ThrowsAsync<RuleViolationException>(() => StopAsync(other));
        Assert.Equal(0, await WaitingAsync());

        _gateway.Trouble = "It takes no connection.";
        await SweepAsync();
        Assert.Equal(SwitchReading.Stopped, (await StandingAsync(other)).Reading);
    }

    [Fact]
    public async Task Stopping_everything_or_the_gateway_blocks_the_gateway_as_a_whole()
    {
        await GivenABoundAsync("/claims");
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Gateway, "GATEWAY-EU", new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await DeliverAsync();
        Assert.Equal(["*", "Route:/claims"], _gateway.Refused);
    }

    [Fact]
    public async Task A_softer_mode_or_a_share_is_a_stop_for_a_gateway_that_can_only_block()
    {
        var key = await GivenABoundAsync("/claims");
        await StopAsync(key);
        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, new ReleaseWish("Mended.", Share: 10), Who(persona));
        }

        await DeliverAsync();

        Assert.Equal(["Route:/claims"], _gateway.Refused);
    }

    [Fact]
    public async Task A_credential_that_is_bound_no_more_is_unknown_and_blocked()
    {
        var key = await GivenABoundAsync("/claims");
        await DeliverAsync();
        Assert.Empty(_gateway.Blocked);
        await using var db = await DbAsync();

        await Get<BindCredential>().RemoveAsync(key, await db.CredentialBindings.Select(b => b.Id).SingleAsync(), Who("coe-lead"));
        await DeliverAsync();

        Assert.Equal(["Route:/claims"], _gateway.Refused);
    }

    [Fact]
    public async Task A_gateway_that_does_not_answer_is_unreachable_and_tried_again_sooner_than_mail_until_it_does()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        _gateway.Trouble = "No answer within 3 s.";
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

        _gateway.Trouble = null;
        Assert.Equal(1, await DeliverAsync());
        Assert.Equal(PushReading.Effective, (await RowAsync()).Reading);
        Assert.Equal(["Route:/claims"], _gateway.Refused);
    }

    [Fact]
    public async Task A_gateway_that_says_yes_and_does_nothing_differs_and_no_switch_counts_as_effective()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        _gateway.Forgets = true;

        Assert.Equal(0, await DeliverAsync());

        var row = await RowAsync();
        Assert.Equal((PushReading.Differs, "Route:/claims is open and should be blocked"), (row.Reading, row.Actuator.Detail));
        Assert.Equal(SwitchReading.Stopping, (await StandingAsync(key)).Reading);
        Assert.Contains("PushNotConfirmed", await ActionsOfActuatorAsync());
    }

    [Fact]
    public async Task One_credential_that_the_gateway_refuses_does_not_keep_the_others_open()
    {
        await GivenABoundAsync("/claims", "/odd", "/zebra");
        _gateway.Refuses = Route("/odd");

        await Get<EngageKillSwitch>().RunAsync(SwitchScope.All, KillSwitch.Everything, new Engagement(SwitchMode.Stop, "x"), Who("security"));
        await DeliverAsync();

        Assert.Equal(["*", "Route:/claims", "Route:/zebra"], _gateway.Refused);
        Assert.Equal(PushReading.Differs, (await RowAsync()).Reading);
    }

    [Fact]
    public async Task The_sweep_blocks_again_what_a_restart_or_a_hand_opened_and_says_so()
    {
        var key = await GivenABoundAsync("/claims");
        await StopAsync(key);
        await DeliverAsync();
        _gateway.Blocked.Clear();

        await SweepAsync();

        Assert.Equal(["Route:/claims"], _gateway.Refused);
        var actuator = (await RowAsync()).Actuator;
        Assert.Equal(("Route:/claims was open", Clock.GetUtcNow()), (actuator.Corrected, actuator.CorrectedAt!.Value));
        Assert.Contains("GatewayDriftCorrected", await ActionsOfActuatorAsync());
    }

    [Fact]
    public async Task A_sweep_that_finds_all_as_it_should_be_writes_nothing_to_the_log_or_the_gateway()
    {
        await GivenABoundAsync("/claims");
        await SweepAsync();
        var (before, orders) = (await ActionsOfActuatorAsync(), _gateway.Orders);

        await SweepAsync();

        Assert.Equal(before, await ActionsOfActuatorAsync());
        Assert.Equal(orders, _gateway.Orders);
    }

    [Fact]
    public async Task What_somebody_else_blocked_at_the_gateway_is_never_lifted()
    {
        var key = await GivenABoundAsync("/claims");
        _gateway.Blocked.Add(Route("/claims"));
        await StopAsync(key);
        await DeliverAsync();

        await ReleaseAsync(key);
        await DeliverAsync();

        Assert.Equal(["Route:/claims"], _gateway.Refused);
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
        _gateway.AfterOrder = () => death.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DeliverAsync(death.Token));
        Assert.Equal(["Route:/claims"], _gateway.Refused);

        _gateway.AfterOrder = null;
        await ReleaseAsync(key);
        Clock.Advance(Carrier.ToGateway(Name).Lease);
        await DeliverAsync();

        Assert.Empty(_gateway.Blocked);
        Assert.Equal(PushReading.Effective, (await RowAsync()).Reading);
    }

    [Fact]
    public async Task A_worker_that_is_overtaken_by_a_newer_change_begins_anew_and_does_not_order_the_older_state()
    {
        var key = await GivenABoundAsync("/claims");
        await DrainAsync();
        await StopAsync(key);
        _gateway.AfterRead = async () =>
        {
            _gateway.AfterRead = null;
            await ReleaseAsync(key);
        };

        await DeliverAsync();

        Assert.Empty(_gateway.Blocked);
        Assert.Equal(0, _gateway.Orders);
    }

    [Fact]
    public async Task Workers_at_once_tell_a_gateway_one_at_a_time_and_it_ends_in_the_newest_state()
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
            Assert.Empty(_gateway.Blocked);
        }

        Assert.Equal(1, _gateway.MostAtOnce);
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
    public async Task By_its_documented_interface_a_gateway_is_told_corrected_lost_and_caught_when_it_says_yes_and_does_nothing(ActuatorKind kind)
    {
        const string hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        Environment.SetEnvironmentVariable("COE_TEST_ADMIN_SECRET", FakeAdmin.Secret);
        using var fake = kind is ActuatorKind.Kong ? FakeAdmin.Kong() : FakeAdmin.LiteLlm();
        using var admin = new ActuatorSettings(
            Name, kind, Gateway, fake.Address, () => Environment.GetEnvironmentVariable("COE_TEST_ADMIN_SECRET")!, "", TimeSpan.FromSeconds(3)).Admin();
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

    [Fact]
    public async Task A_gateway_that_left_the_settings_is_told_no_more_and_holds_no_switch_back()
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

    private static ActuatorTarget Route(string route) => new(CredentialKind.Route, route);

    private async Task<string> GivenABoundAsync(params string[] routes)
    {
        await Get<RegisterActuators>().RunAsync([new ActuatorSetting(Name, ActuatorKind.Kong, Gateway)]);
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        foreach (var route in routes)
        {
            await Get<BindCredential>().RunAsync(key, CredentialKind.Route, route, Gateway, Who("coe-lead"));
        }

        await AsOwnerAsync("insert into enforcement_node (name, generation, applied_at, seen_at) values ('node', 1000000, now(), '2100-01-01') on conflict do nothing");
        return key;
    }

    /// <summary>What was queued before a test begins is delivered.</summary>
    private async Task DrainAsync()
    {
        await DeliverAsync();
        await AsOwnerAsync("update outbox_message set sent_at = created_at where channel = 'actuator' and sent_at is null");
        _gateway.Orders = 0;
    }

    private Task StopAsync(string key) => Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, new Engagement(SwitchMode.Stop, "Wrong answers."), Who("security"));

    private async Task ReleaseAsync(string key)
    {
        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Mended.", Who(persona));
        }
    }

    private Task<int> DeliverAsync(CancellationToken cancellation = default) => Get<DeliverOutbox>().RunAsync(
        Carrier.ToGateway(Name), (message, token) => Get<PushToGateway>().DeliverAsync(message, _gateway, token), cancellation);

    private Task SweepAsync() => Get<PushToGateway>().RunAsync(Name, _gateway);

    private async Task<ActuatorRow> RowAsync() => Assert.Single(await Get<ActuatorList>().ForAsync(Who("auditor")));

    private async Task<SwitchStanding> StandingAsync(string key) => (await Get<SwitchConsole>().StandingOfAsync(SwitchScope.UseCase, key, Who("auditor")))!;

    private async Task<int> WaitingAsync() => (await Get<DeliverOutbox>().CountAsync(Carrier.ToGateway(Name))).Waiting;

    private async Task<List<string>> ActionsOfActuatorAsync()
    {
        await using var db = await DbAsync();
        return await db.AuditEvents.Where(e => e.SubjectType == "actuator" && e.SubjectKey == Name).OrderBy(e => e.SubjectVersion).Select(e => e.Action).ToListAsync();
    }

    private sealed class FakeGateway : IGatewayAdmin
    {
        private int _atOnce;

        public HashSet<ActuatorTarget> Blocked { get; } = [];

        public IEnumerable<string> Refused => Blocked.Select(b => b.ToString()).Order(StringComparer.Ordinal);

        public string? Trouble { get; set; }

        public bool Forgets { get; set; }

        public ActuatorTarget? Refuses { get; set; }

        public Action? AfterOrder { get; set; }

        public Func<Task>? AfterRead { get; set; }

        public int Orders { get; set; }

        public int MostAtOnce { get; private set; }

        public async Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            try
            {
                if (Trouble is { } trouble)
                {
                    throw new GatewayAdminException(trouble);
                }

                var states = targets.ToDictionary(t => t, t => Blocked.Contains(t) ? TargetState.Blocked : TargetState.Open);
                await Task.Delay(1, cancellation);
                if (AfterRead is { } afterRead)
                {
                    await afterRead();
                }

                return states;
            }
            finally
            {
                Interlocked.Decrement(ref _atOnce);
            }
        }

        public Task BlockAsync(ActuatorTarget target, CancellationToken cancellation) => Order(target, () => Blocked.Add(target));

        public Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation) => Order(target, () => Blocked.Remove(target));

        public void Dispose()
        {
        }

        private Task Order(ActuatorTarget target, Action order)
        {
            Orders++;
            if (target == Refuses)
            {
                throw new GatewayAdminException("It was answered with 400.");
            }

            if (!Forgets)
            {
                order();
            }

            AfterOrder?.Invoke();
            return Task.CompletedTask;
        }
    }
}
