using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>A node whose line to a real PostgreSQL is cut while it serves.</summary>
public sealed class LostDatabaseTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly VerdictRequest Nothing = new(null, null, null, null, null, null);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-node-");
    private readonly NodeClock _time = new();

    [Fact]
    public async Task Each_tier_does_what_its_fail_mode_says_what_was_stopped_stays_stopped_and_a_release_counts_when_it_is_back()
    {
        var (low, high, stopped) = (await GivenAnApprovedAsync(HelpBotProposal), await GivenAnApprovedAsync(BenefitsProposal), await GivenAnApprovedAsync(HelpBotProposal));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, stopped, SwitchMode.Stop, "Wrong sums.", "", Who("security"));
        // The way to the server's socket leads over a link that can be taken away.
        var server = new NpgsqlConnectionStringBuilder(Database.RuntimeConnectionString);
        var (folder, way) = (server.Host!, Path.Combine(_folder.FullName, "way"));
        Directory.CreateSymbolicLink(way, folder);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = way, ApplicationName = "lost-node" }.ConnectionString);
        using var node = NodeOn(source);
        await node.RefreshAsync();
        Assert.Equal(("", "", Verdict.KillManual), Reasons());

        Directory.Delete(way);
        await AsOwnerAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lost-node'");
        await Assert.ThrowsAnyAsync<Exception>(() => node.RefreshAsync());
        _time.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(("", Verdict.Stale, Verdict.KillManual), Reasons());
        _time.Pass(TimeSpan.FromHours(2));
        Assert.Equal((Verdict.FailOpen, Verdict.Stale, Verdict.KillManual), Reasons());

        foreach (var persona in new[] { "risk", "security" })
        {
            await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, stopped, "Mended.", Who(persona));
        }

        Assert.Equal(Verdict.KillManual, Of(stopped));
        Directory.CreateSymbolicLink(way, folder);
        await node.RefreshAsync();
        Assert.Equal(("", "", ""), Reasons());

        (string, string, string) Reasons() => (Of(low), Of(high), Of(stopped));

        string Of(string key) => Verdict.Of(node.Current, Nothing with { UseCase = key }, node.Age).Reason;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private SwitchBoard NodeOn(NpgsqlDataSource source)
    {
        var databases = new On(source);
        return new SwitchBoard(
            new EnforcementSnapshots(databases), new RecoverGeneration(databases, Clock), source,
            new NodeMemory(Path.Combine(_folder.FullName, "node.json"), Clock, NullLogger<NodeMemory>.Instance), SnapshotSigner.None, new Organisation(), _time,
            NullLogger<SwitchBoard>.Instance);
    }

    private sealed class On(NpgsqlDataSource source) : IDbContextFactory<GovernanceDb>
    {
        public GovernanceDb CreateDbContext() => new(new DbContextOptionsBuilder<GovernanceDb>().UseNpgsql(source).Options);
    }

    /// <summary>A monotonic clock that a test moves.</summary>
    private sealed class NodeClock : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
