using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Reports;

/// <summary>A rehearsal of a stop, step by step.</summary>
public sealed class DrillPackTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task A_drill_for_real_has_its_steps_its_points_and_the_stop_it_made()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var id = await GivenADrillAsync(key);

        var pack = await PackAsync<DrillPack>(new DrillSubject(id));

        Assert.Equal((key, DrillOutcome.Incomplete), (pack.Drill.Target, pack.Drill.Outcome));
        Assert.Equal(["nginx/1", "node"], pack.Points.Select(p => p.Name));
        Assert.NotNull(pack.Title);
        Assert.Contains(pack.Timeline, e => e.Action == nameof(DrillEnded));
    }

    [Fact]
    public async Task Its_evidence_has_the_times_and_proves_the_outcome()
    {
        var id = await GivenADrillAsync(await GivenAnApprovedAsync(ClaimsProposal));
        await NewLog().BringUpToDateAsync(TestContext.Current.CancellationToken);

        var bundle = EvidenceBundle.Read((await PackAsync<DrillPack>(new DrillSubject(id))).ToBundle("test", LogKey.Public).Write());

        Assert.Empty(BundleCheck.Verify(bundle));
        Assert.Empty(BundleLogCheck.Verify(bundle, [PinnedKey.Parse(LogKey.Public)], out _));
        Assert.Equal([("nginx/1", 400m), ("node", 120m)], bundle.Drill!.Points.Select(p => (p.Name, p.AfterMs)));
        Assert.Equal(nameof(DrillEnded), Assert.Single(bundle.Events).Action);
    }

    [Fact]
    public async Task A_drill_that_is_not_there_has_no_report() =>
        await Assert.ThrowsAsync<NotFoundException>(() => Get<RequestAuditPack>().RunAsync(new DrillSubject(Guid.Empty), Paper.A4, Who("auditor")));

    [Fact]
    public async Task It_is_printed_against_the_objective()
    {
        SkipWithoutBrowser();
        var id = await GivenADrillAsync(await GivenAnApprovedAsync(ClaimsProposal));

        var text = Squeezed(await TextAsync(await PrintedAsync(new DrillSubject(id))));

        foreach (var expected in new[] { "Not everywhere", "kong/2", "400 ms", "objective of 2 s", "t5", "First refusal seen", "3 calls", "Did not confirm" })
        {
            Assert.Contains(Squeezed(expected), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task When_a_point_applies_a_switch_is_kept_as_it_confirms()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await AsOwnerAsync("insert into enforcement_node values ('node', 1, clock_timestamp(), clock_timestamp())");
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums", "", Who("security"));
        await AsOwnerAsync("update enforcement_node set generation = (select value from enforcement_generation), applied_at = clock_timestamp()");
        await AsOwnerAsync("update enforcement_node set generation = generation + 1, applied_at = clock_timestamp() + interval '1 hour'");

        var stop = Assert.Single((await PackAsync(key)).Switches);

        Assert.Equal(1, stop.Effect!.Points);
        Assert.InRange(stop.TimeToEffect!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    private async Task<Guid> GivenADrillAsync(string key)
    {
        var clicked = Clock.GetUtcNow();
        var drill = Drill.Ended(
            key, DrillKind.Real, "Quarterly", TimeSpan.FromSeconds(2), 7,
            new DrillTimes(clicked, clicked.AddMilliseconds(20), clicked.AddMilliseconds(120), clicked.AddMilliseconds(400), clicked.AddMilliseconds(90)),
            ["kong/2"], (3, 0.25m), Who("security"), clicked.AddSeconds(10));
        await using var db = await DbAsync();
        db.Drills.Add(drill);
        await db.SaveChangesAsync();
        await AsOwnerAsync($"insert into drill_point values ('{drill.Id}', 'node', false, 120), ('{drill.Id}', 'nginx/1', true, 400)");
        return drill.Id;
    }
}
