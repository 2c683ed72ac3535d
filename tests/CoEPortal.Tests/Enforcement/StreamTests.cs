using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

[Collection(typeof(PortalCollection))]
public sealed class StreamTests(RunningPortal portal)
{
    [Fact]
    public async Task A_stop_is_told_to_who_listens_and_again_to_who_missed_it()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        var before = (await portal.GetAsync<SwitchBoard>()).Current.Generation;
        using var stream = await OpenAsync(gateway, before);
        using var lead = await portal.AsAsync("coe-lead");
        using var engaged = await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." });
        engaged.EnsureSuccessStatusCode();

        var stop = $$"""{"use_case":"{{key}}","state":"stop"}""";
        Assert.Contains(stop, await EventAsync(stream, stop).WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        using var late = await OpenAsync(gateway, before);
        Assert.Contains(stop, await EventAsync(late, stop).WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public async Task Who_knows_a_generation_that_cannot_be_told_from_is_asked_to_fetch(long lastSeen)
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        // More changes than are kept.
        var log = new ChangeLog();
        for (var i = 1; i <= ChangeLog.Kept + 5; i++)
        {
            log.Add(EnforcementSnapshot.Nothing, Generation(i));
        }

        Assert.Null(log.Since(lastSeen, ChangeLog.Kept + 5));
        Assert.Equal(3, log.Since(ChangeLog.Kept + 2, ChangeLog.Kept + 5)!.Count);
        using var stream = await OpenAsync(gateway, long.MaxValue);
        Assert.StartsWith("event: reset", await EventAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_never_reads_is_dropped_and_holds_no_memory_of_its_own()
    {
        var board = await portal.GetAsync<SwitchBoard>();
        var stream = new SnapshotStream(board, new StreamLimits { PingEvery = TimeSpan.FromMilliseconds(5), WriteWithin = TimeSpan.FromMilliseconds(200) }, TimeProvider.System);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64, resumeWriterThreshold: 32));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.RunAsync(pipe.Writer.AsStream(), null, () => true, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_revoked_token_ends_its_stream()
    {
        var board = await portal.GetAsync<SwitchBoard>();
        var stream = new SnapshotStream(board, new StreamLimits { PingEvery = TimeSpan.FromMilliseconds(5) }, TimeProvider.System);

        await stream.RunAsync(new MemoryStream(), null, () => false, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_node_bears_so_many_streams_and_asks_the_next_one_to_come_later()
    {
        var stream = new SnapshotStream(await portal.GetAsync<SwitchBoard>(), new StreamLimits { MostStreams = 2 }, TimeProvider.System);

        Assert.True(stream.TryEnter() && stream.TryEnter());
        Assert.False(stream.TryEnter());
        stream.Leave();
        Assert.True(stream.TryEnter());
    }

    [Fact]
    public async Task A_thousand_gateways_that_come_back_at_once_all_get_the_snapshot_and_their_stream()
    {
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        var current = (await portal.GetAsync<SwitchBoard>()).Current.Generation;

        var streams = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var snapshot = await gateway.GetAsync("/gov/v1/snapshot");
            Assert.Equal(HttpStatusCode.OK, snapshot.StatusCode);
            return await OpenAsync(gateway, -1);
        }));
        foreach (var stream in streams)
        {
            Assert.Contains($"\"generation\":{current}", await EventAsync(stream), StringComparison.Ordinal);
            stream.Dispose();
        }
    }

    private static EnforcementSnapshot Generation(long generation) => new()
    {
        Generation = generation,
        UseCases = EnforcementSnapshot.Nothing.UseCases,
        Credentials = EnforcementSnapshot.Nothing.Credentials,
        Models = EnforcementSnapshot.Nothing.Models,
        Gateways = EnforcementSnapshot.Nothing.Gateways,
        Everything = null,
        Tokens = EnforcementSnapshot.Nothing.Tokens,
    };

    private static async Task<StreamReader> OpenAsync(HttpClient gateway, long lastSeen)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/gov/v1/stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", lastSeen.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var answer = await gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The first that says it: what the schedule changes meanwhile is told too.</summary>
    private static async Task<string> EventAsync(StreamReader stream, string says)
    {
        while (true)
        {
            var told = await EventAsync(stream);
            if (told.Length == 0 || told.Contains(says, StringComparison.Ordinal))
            {
                return told;
            }
        }
    }

    private static async Task<string> EventAsync(StreamReader stream)
    {
        var text = new StringBuilder();
        while (await stream.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) is { } line)
        {
            if (line.Length > 0 && line[0] != ':' && !line.StartsWith("retry", StringComparison.Ordinal))
            {
                text.Append(line).Append('\n');
            }
            else if (text.Length > 0)
            {
                return text.ToString();
            }
        }

        return text.ToString();
    }
}
