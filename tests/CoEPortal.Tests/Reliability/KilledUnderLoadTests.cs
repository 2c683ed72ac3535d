using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Workflows;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>
/// While people work, the portal is killed by the kernel, and the database with it or alone. What was acknowledged is there,
/// once; each change has its event, each event its number, and the log is the one that was signed.
/// </summary>
public sealed class KilledUnderLoadTests : IAsyncDisposable
{
    private const int Writers = 8;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"coe-killed-{Guid.CreateVersion7():n}");
    private readonly ConcurrentBag<string> _acknowledged = [];
    private int _sent;

    private static int Rounds => FullRun.IsOn ? 25 : 1;

    /// <summary>How long people work between two kills. Another random moment each time; the seed is of no use, as the machine is not the same again.</summary>
    private static TimeSpan Moment => TimeSpan.FromMilliseconds(Random.Shared.Next(500, FullRun.IsOn ? 4000 : 1500));

    public ValueTask DisposeAsync()
    {
        TestPostgres.Remove(_folder);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Whatever_is_killed_no_acknowledged_change_is_lost_and_each_has_one_event_and_one_number()
    {
        var database = await StartDatabaseAsync();
        await using var portal = new PortalProcess(_folder, database);
        await portal.StartAsync();
        var key = await GivenAUseCaseAsync(database);
        using var stop = new CancellationTokenSource();
        var work = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WorkAsync(portal, key, writer, stop.Token)));
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(Moment);
            await portal.KillAsync();
            await portal.StartAsync();
            await Task.Delay(Moment);
            // By turns at once, as the kernel does it, and as an administrator in a hurry does: no shutdown checkpoint either way.
            await EndAsync(database, round % 2 == 0 ? "KILL" : "QUIT");
            await database.DisposeAsync();
            database = await StartDatabaseAsync();
            await portal.WaitUntilReadyAsync();
        }

        await Task.Delay(Moment);
        await stop.CancelAsync();
        await work;
        await DemandWholeAsync(database);
        await portal.StopAsync();
        await DemandSoundAsync(database);
        await database.DisposeAsync();
    }

    /// <summary>Comments, and a stop of another model each time: half of it is what matters most.</summary>
    private async Task WorkAsync(PortalProcess portal, string key, int writer, CancellationToken stop)
    {
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"w{writer}-{turn}");
            Interlocked.Increment(ref _sent);
            var done = turn % 2 == 0
                ? await portal.TryPostAsync("submitter", $"/api/v1/use-cases/{key}/comments", JsonContent.Create(new { text = name }))
                : await portal.TryPostAsync("security", $"/api/v1/switches/model/{name}/engage", JsonContent.Create(new { reason = "killed under load" }));
            if (done)
            {
                _acknowledged.Add(name);
            }
            else
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private async Task DemandWholeAsync(EmbeddedPostgres database)
    {
        await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
        var started = Stopwatch.GetTimestamp();
        while (await LinesAsync(owner, "select 'waits' where exists (select from audit.pending) or (select max(size) from audit.checkpoint) < (select count(*) from audit.leaf)") is not [])
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "The log is not kept any more.");
            await Task.Delay(100);
        }

        var changes = await LinesAsync(owner, "select text from comment union all select target from kill_switch where scope = 'Model'");
        var acknowledged = _acknowledged.ToList();
        Assert.True(acknowledged.Count > Writers, $"Only {acknowledged.Count} of {_sent} changes went through: nothing was tested.");
        Assert.Equal(changes.Count, changes.Distinct().Count());
        Assert.Empty(acknowledged.Except(changes));
        TestContext.Current.TestOutputHelper?.WriteLine($"{_sent} sent, {acknowledged.Count} acknowledged, {changes.Count} made, {2 * Rounds} kills");

        // Each change with one event, each event with its change.
        Assert.Empty(await LinesAsync(
            owner,
            """
            select coalesce(c.key, e.subject_key) from
              (select id::text as key from comment union all select scope || '/' || target from kill_switch) c
              full join (select subject_key from audit.event where action in ('CommentWritten', 'KillSwitchEngaged')) e on lower(e.subject_key) = lower(c.key)
            where c.key is null or e.subject_key is null
            """));
        Assert.Equal(
            changes.Count.ToString(CultureInfo.InvariantCulture),
            (await LinesAsync(owner, "select count(*)::text from audit.event where action in ('CommentWritten', 'KillSwitchEngaged')"))[0]);
    }

    private async Task DemandSoundAsync(EmbeddedPostgres database)
    {
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString);
        await connection.OpenAsync();
        Assert.Empty(await Invariants.BrokenAsync(connection));
        Assert.Empty(await Replay.DifferencesAsync(connection));

        using var key = LogKey.FromPem("coeportal.local/audit", await File.ReadAllTextAsync(Path.Combine(_folder, "audit-key.pem")));
        var pin = PinnedKey.Parse(key.Public);
        var given = SignedCheckpoint.OpenAll(await File.ReadAllTextAsync(Path.Combine(_folder, "audit", "checkpoints")), [pin]);
        await using var runtime = NpgsqlDataSource.Create(database.RuntimeConnectionString);
        using var file = new MemoryStream();
        await new ExportLog(runtime).RunAsync(file, key.Origin, DemoPersonas.Find("auditor")!.Actor);
        file.Position = 0;
        var report = LogCheck.Verify(file, [pin], given);
        Assert.Empty(report.Findings);
        Assert.Equal(report.Size, report.SignedSize);
    }

    private static async Task<string> GivenAUseCaseAsync(EmbeddedPostgres database)
    {
        await using var node = Node.Start(database.RuntimeConnectionString, TimeProvider.System);
        return (await node.Get<StartUseCase>().RunAsync(Races.Who("submitter"), Scoring.TriageTests.RealProposal("Claims summarisation with retrieval"))).Key;
    }

    private Task<EmbeddedPostgres> StartDatabaseAsync() => EmbeddedPostgres.StartAsync(_folder, TestPostgres.BinariesSetting);

    private static async Task EndAsync(EmbeddedPostgres database, string signal)
    {
        var postmaster = File.ReadLines(Path.Combine(database.ClusterDirectory, "postmaster.pid")).First();
        using var kill = Process.Start("kill", ["-" + signal, postmaster]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task<List<string>> LinesAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
