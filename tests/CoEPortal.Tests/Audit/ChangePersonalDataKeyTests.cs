using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reliability;
using Npgsql;

namespace CoEPortal.Tests.Audit;

/// <summary>The key that encrypts the keys of people is replaced by its owner, while nobody uses the database.</summary>
public sealed class ChangePersonalDataKeyTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    private static readonly PersonalDataKey Next = PersonalDataKey.Parse("Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=");
    private static readonly Actor Keeper = Actor.OnTheCommandLine("keeper");

    [Fact]
    public async Task With_the_new_key_everything_is_read_and_with_the_old_one_no_node_starts()
    {
        await GivenEventsAsync();
        await AsOwnerAsync("insert into privacy.person_key (person_id, destroyed_at) values ('gone@demo', now())");

        Assert.Equal(2, await ChangeAsync(PersonalDataKey, Next));

        Assert.False(await Get<ClaimPersonalDataKey>().RunAsync(PersonalDataKey));
        await using var node = Node.Start(Database.RuntimeConnectionString, Clock, key: Next);
        Assert.True(await node.Get<ClaimPersonalDataKey>().RunAsync(Next));
        var told = (await node.Get<AuditExplorer>().SearchAsync(new AuditFilter(), Who("auditor"))).Items;
        Assert.Contains(told, e => e.Entry.ActorName == Who("security").Name && (string?)e.Entry.Details["reason"] == "A leak.");
        Assert.Single(told, e => e.Entry.Action == nameof(PersonalDataKeyChanged) && e.Entry.Details["people"]!.GetValue<int>() == 2);
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();
        Assert.True((await CheckAsync()).Holds);
    }

    [Fact]
    public async Task A_wrong_old_key_the_same_key_and_a_portal_that_runs_are_refused_and_nothing_has_changed()
    {
        await GivenEventsAsync();

        Assert.Equal("same-key", await RuleAsync(() => ChangeAsync(PersonalDataKey, PersonalDataKey)));
        Assert.Equal("other-key", await RuleAsync(() => ChangeAsync(Next, PersonalDataKey.Create())));
        await using var owner = Node.Start(Database.OwnerConnectionString, Clock);
        await using var running = await Get<NpgsqlDataSource>().OpenConnectionAsync();
        Assert.Equal("nodes-running", await RuleAsync(() => owner.Get<ChangePersonalDataKey>().RunAsync(PersonalDataKey, Next, Keeper)));

        Assert.True(await Get<ClaimPersonalDataKey>().RunAsync(PersonalDataKey));
        await using var node = Node.Start(Database.RuntimeConnectionString, Clock);
        Assert.Contains((await node.Get<AuditExplorer>().SearchAsync(new AuditFilter(), Who("auditor"))).Items, e => e.Entry.ActorName == Who("security").Name);
    }

    [Theory]
    [InlineData("update privacy.person_key set wrapped_key = decode(repeat('00', 60), 'hex')")]
    [InlineData("begin; update privacy.wrapping_key set changed_in = pg_current_xact_id(); update privacy.person_key set wrapped_key = decode(repeat('00', 60), 'hex'), destroyed_at = null where person_id = 'gone@demo'")]
    public async Task A_key_is_wrapped_anew_only_with_the_change_and_a_destroyed_one_never(string sql)
    {
        await GivenEventsAsync();
        await AsOwnerAsync("insert into privacy.person_key (person_id, destroyed_at) values ('gone@demo', now())");

        Assert.Equal("a_key_is_only_destroyed", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName);
    }

    [Fact]
    public async Task The_account_of_the_portal_can_change_no_key() => Assert.Equal(
        PostgresErrorCodes.InsufficientPrivilege,
        (await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<int>("update privacy.wrapping_key set changed_in = pg_current_xact_id() returning 1"))).SqlState);

    private async Task GivenEventsAsync()
    {
        Assert.True(await Get<ClaimPersonalDataKey>().RunAsync(PersonalDataKey));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "A leak.", "", Who("security"));
        await Get<IssueMachineToken>().RunAsync("gateway", [MachineToken.EnforcementRead], null, TimeSpan.FromDays(1), Who("admin"));
    }

    private async Task<int> ChangeAsync(PersonalDataKey from, PersonalDataKey to)
    {
        Get<NpgsqlDataSource>().Clear();
        await using var owner = Node.Start(Database.OwnerConnectionString, Clock);
        return await owner.Get<ChangePersonalDataKey>().RunAsync(from, to, Keeper);
    }
}
