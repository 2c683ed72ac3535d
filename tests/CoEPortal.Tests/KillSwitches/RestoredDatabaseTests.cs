using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

public sealed class RestoredDatabaseTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-node-");

    [Fact]
    public async Task A_database_restored_to_before_a_stop_does_not_release_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        using var node = Node("a");
        await node.RefreshAsync();
        await StopAsync(key);
        await node.RefreshAsync();
        var remembered = node.Current.Generation;

        await RestoreToBeforeAsync(remembered);
        await node.RefreshAsync();

        Assert.True(node.Current.Generation > remembered);
        Assert.False(Allows(node, key));
        Assert.Equal((remembered - 1, remembered), (node.Recovered!.Found, node.Recovered.Remembered));
        await using var db = await DbAsync();
        Assert.Equal(1, await db.AuditEvents.CountAsync(e => e.Action == "EnforcementRecovered"));
        Assert.True((await db.KillSwitches.SingleAsync()).EngagedByRule);
    }

    [Fact]
    public async Task Two_nodes_that_saw_different_last_generations_agree_after_a_restore()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        using var behind = Node("a");
        using var ahead = Node("b");
        await behind.RefreshAsync();
        await StopAsync(key);
        await ahead.RefreshAsync();

        await RestoreToBeforeAsync(behind.Current.Generation);
        await behind.RefreshAsync();
        await ahead.RefreshAsync();
        await behind.RefreshAsync();

        Assert.Equal(ahead.Current.Generation, behind.Current.Generation);
        Assert.Equal(Allows(ahead, key), Allows(behind, key));
    }

    [Fact]
    public async Task A_node_that_starts_without_the_database_still_denies_what_was_stopped()
    {
        var (stopped, running) = (await GivenAnApprovedAsync(HelpBotProposal), await GivenAnApprovedAsync(HelpBotProposal));
        using (var node = Node("a"))
        {
            await StopAsync(stopped);
            await node.RefreshAsync();
        }

        using var restarted = Node("a", "Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=1");
        await restarted.StartAsync(TestContext.Current.CancellationToken);

        Assert.True(restarted.HasLoaded);
        Assert.False(Allows(restarted, stopped));
        Assert.True(Allows(restarted, running));
        Clock.Advance(TimeSpan.FromDays(1));
        using var later = Node("a", "Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=1");
        await later.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(later.Age >= TimeSpan.FromDays(1));
        await restarted.StopAsync(CancellationToken.None);
        await later.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_a_node_remembers_of_another_database_is_forgotten_at_its_start_and_never_later()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        using var first = Node("a");
        await first.RefreshAsync();
        await AsOwnerAsync("update enforcement_generation set world = gen_random_uuid(), value = value + 1");

        await Assert.ThrowsAsync<InvalidOperationException>(() => first.RefreshAsync());
        Assert.True(Allows(first, key));
        using var second = Node("a");
        await second.StartAsync(TestContext.Current.CancellationToken);
        Assert.Null(second.Recovered);
        Assert.True(second.Current.Generation > first.Current.Generation);
        await second.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"Format\":1,\"Generation\":9")]
    [InlineData("{\"Format\":2,\"Generation\":9}")]
    [InlineData("{\"Format\":1,\"Generation\":9}")]
    [InlineData("null")]
    public void A_damaged_memory_is_no_memory_and_no_crash(string content)
    {
        var path = Path.Combine(_folder.FullName, "damaged.json");
        File.WriteAllText(path, content);

        Assert.Null(new NodeMemory(path, Clock, NullLogger<NodeMemory>.Instance).Recall());
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_a_memory_old_not_young()
    {
        await GivenAnApprovedAsync(BenefitsProposal);
        var memory = new NodeMemory(Path.Combine(_folder.FullName, "clock.json"), Clock, NullLogger<NodeMemory>.Instance);
        memory.Keep(await Get<EnforcementSnapshots>().LoadAsync());
        Clock.Advance(TimeSpan.FromDays(-1));

        Assert.True(memory.Recall()!.Value.Age > TimeSpan.FromDays(300));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static bool Allows(SwitchBoard node, string key) =>
        Verdict.Of(node.Current, new VerdictRequest(key, null, null, null, null, null), TimeSpan.Zero).Allowed;

    private SwitchBoard Node(string name, string? otherDatabase = null)
    {
        var memory = new NodeMemory(Path.Combine(_folder.FullName, name + ".json"), Clock, NullLogger<NodeMemory>.Instance);
        var source = otherDatabase is null ? Get<NpgsqlDataSource>() : NpgsqlDataSource.Create(otherDatabase);
        var databases = otherDatabase is null ? Get<IDbContextFactory<Governance.Persistence.GovernanceDb>>() : new Unreachable(otherDatabase);
        return new SwitchBoard(
            new EnforcementSnapshots(databases), new RecoverGeneration(databases, Clock), source, memory, SnapshotSigner.None, new Organisation(), Clock,
            NullLogger<SwitchBoard>.Instance);
    }

    private Task<KillSwitch> StopAsync(string key) => Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums.", "", Who("security"));

    /// <summary>What a restore of a backup from before the stop leaves: an older generation, and a switch that knows nothing of it.</summary>
    private Task RestoreToBeforeAsync(long generation) => AsOwnerAsync(
        $"""
        set session_replication_role = replica;
        alter table kill_switch disable trigger all;
        update kill_switch set state = 'Released', mode = null, generation = {generation - 1};
        alter table kill_switch enable always trigger two_people_release_a_switch;
        update enforcement_generation set value = {generation - 1};
        """);

    private sealed class Unreachable(string connectionString) : IDbContextFactory<Governance.Persistence.GovernanceDb>
    {
        public Governance.Persistence.GovernanceDb CreateDbContext() =>
            new(new DbContextOptionsBuilder<Governance.Persistence.GovernanceDb>().UseNpgsql(connectionString).Options);
    }
}
