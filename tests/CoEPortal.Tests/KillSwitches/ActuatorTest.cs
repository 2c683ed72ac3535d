using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>One gateway that cannot ask, with routes of one use case bound to it.</summary>
public abstract class ActuatorTest(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected const string Name = "kong-eu";
    protected const string Gateway = "gateway-eu";

    protected FakeGateway Fake { get; } = new();

    protected static ActuatorTarget Route(string route) => new(CredentialKind.Route, route);

    protected async Task<string> GivenABoundAsync(params string[] routes)
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
    protected async Task DrainAsync()
    {
        await DeliverAsync();
        await AsOwnerAsync("update outbox_message set sent_at = created_at where channel = 'actuator' and sent_at is null");
        Fake.Orders = 0;
    }

    protected Task StopAsync(string key) => Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, new Engagement(SwitchMode.Stop, "Wrong answers."), Who("security"));

    protected async Task ReleaseAsync(string key)
    {
        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Mended.", Who(persona));
        }
    }

    protected Task<int> DeliverAsync(CancellationToken cancellation = default) => Get<DeliverOutbox>().RunAsync(
        Carrier.ToGateway(Name), (message, token) => Get<PushToGateway>().DeliverAsync(message, Fake, token), cancellation);

    protected Task SweepAsync() => Get<PushToGateway>().RunAsync(Name, Fake);

    protected async Task<ActuatorRow> RowAsync() => Assert.Single(await Get<ActuatorList>().ForAsync(Who("auditor")));

    protected async Task<SwitchStanding> StandingAsync(string key) => (await Get<SwitchConsole>().StandingOfAsync(SwitchScope.UseCase, key, Who("auditor")))!;

    protected async Task<int> WaitingAsync() => (await Get<DeliverOutbox>().CountAsync(Carrier.ToGateway(Name))).Waiting;

    protected async Task<List<string>> ActionsOfActuatorAsync()
    {
        await using var db = await DbAsync();
        return await db.AuditEvents.Where(e => e.SubjectType == "actuator" && e.SubjectKey == Name).OrderBy(e => e.SubjectVersion).Select(e => e.Action).ToListAsync();
    }
}
