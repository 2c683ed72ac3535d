using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Adoption;

/// <summary>Champions are asked, answer for themselves, and a phase can wait for them.</summary>
public sealed class ChampionTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private DateOnly Today => Get<Organisation>().DayOf(Clock.GetUtcNow());

    [Fact]
    public async Task A_champion_is_one_after_accepting_and_nobody_answers_for_another()
    {
        var keep = Get<KeepChampions>();
        foreach (var persona in new[] { "submitter", "legal", "auditor", "admin" })
        {
            Assert.Equal("not-permitted", await RuleAsync(() => keep.NameAsync(DraftOf("operator"), Who(persona))));
        }

        Assert.Equal("own-champion", await RuleAsync(() => keep.NameAsync(DraftOf("coe-lead"), Who("coe-lead"))));
        Assert.Equal("person-cannot", await RuleAsync(() => keep.NameAsync(DraftOf("operator") with { Person = new PersonId("stranger@demo") }, Who("coe-lead"))));
        Assert.Equal("days-unusable", await RuleAsync(() => keep.NameAsync(DraftOf("operator") with { UntilOn = Today.AddYears(3) }, Who("coe-lead"))));
        Assert.Equal("department-required", await RuleAsync(() => keep.NameAsync(DraftOf("operator") with { Department = " " }, Who("coe-lead"))));
        await Assert.ThrowsAsync<NotFoundException>(() => keep.NameAsync(DraftOf("operator") with { UseCaseKey = "UC-0099" }, Who("coe-lead")));

        var champion = await keep.NameAsync(DraftOf("operator"), Who("coe-lead"));
        Assert.Equal("champion-known", await RuleAsync(() => keep.NameAsync(DraftOf("operator"), Who("coe-lead2"))));
        Assert.Equal("not-yours", await RuleAsync(() => keep.AnswerAsync(champion.Id, true, "", Who("coe-lead"))));
        Assert.Single(await Get<ChampionBoard>().AskedOfAsync(Who("operator")));
        await keep.AnswerAsync(champion.Id, true, "", Who("operator"));
        Assert.Equal("answered", await RuleAsync(() => keep.AnswerAsync(champion.Id, false, "", Who("operator"))));
        Assert.Equal("not-permitted", await RuleAsync(() => keep.EndAsync(champion.Id, "x", Who("submitter"))));
        await keep.EndAsync(champion.Id, "Another department.", Who("operator"));

        var declined = await keep.NameAsync(DraftOf("operator"), Who("coe-lead2"));
        await keep.AnswerAsync(declined.Id, false, "No time.", Who("operator"));
        Assert.Empty((await Get<ChampionBoard>().PageAsync(new(), Who("submitter"))).Items);
        Assert.Equal(2, (await Get<ChampionBoard>().PageAsync(new("claims", WithPast: true), Who("submitter"))).Total);
        Assert.Equal(["ChampionNamed", "ChampionAnswered", "ChampionEnded", "ChampionNamed", "ChampionAnswered"], (await EntriesAsync(e => e.SubjectType == "champion")).Select(e => e.Action));
        await using var db = await DbAsync();
        Assert.Equal(2, await db.Notifications.CountAsync(n => n.PersonId == Who("operator").Id.Value && n.Kind == "champion-asked"));
        Assert.Equal(1, await db.Notifications.CountAsync(n => n.PersonId == Who("coe-lead2").Id.Value && n.Kind == "champion-answered"));
    }

    [Fact]
    public async Task A_phase_waits_for_the_champion_of_each_cohort_whose_agreement_ends_with_the_phase()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var run = Get<RunRollout>();
        var planned = await run.PlanAsync(
            key, new([new("Desk", "", "Claims", null, 40, Today), new("Next year", "", "Sales", null, 40, Today.AddDays(60))], [new(30, Today, null, null, null, true, ""), new(60, Today, null, null, null, true, ""), new(100, Today, null, null, null, false, "")]), null, Who("submitter"));
        var champion = await Get<KeepChampions>().NameAsync(DraftOf("operator"), Who("coe-lead"));
        var first = await run.MoveOnAsync(key, "Begin.", planned.Version, Who("coe-lead"));
        Assert.Equal("champion-not-agreed", await RuleAsync(() => run.MoveOnAsync(key, "On.", first.Version, Who("coe-lead"))));
        // Named is not enough, and who is no champion cannot agree.
        Assert.Equal("not-champion", await RuleAsync(() => run.AgreeAsync(key, "Desk", Who("operator"))));
        Assert.Equal("not-champion", await RuleAsync(() => run.AgreeAsync(key, "Desk", Who("submitter"))));
        await CallAsync(key);
        Assert.Equal(["Claims"], (await Get<ChampionBoard>().GapsAsync(Who("coe-lead"))).Select(g => g.Department));
        Assert.Empty(await Get<ChampionBoard>().GapsAsync(Who("submitter2")));

        await Get<KeepChampions>().AnswerAsync(champion.Id, true, "", Who("operator"));
        Assert.Empty(await Get<ChampionBoard>().GapsAsync(Who("coe-lead")));
        var asked = Assert.Single(await Get<ChampionBoard>().AgreementsOfAsync(Who("operator")));
        Assert.Equal((key, "Desk", 30), (asked.UseCaseKey, asked.Cohort, asked.Share));
        Assert.Equal("not-champion", await RuleAsync(() => run.AgreeAsync(key, "Next year", Who("operator"))));
        var agreed = await run.AgreeAsync(key, "Desk", Who("operator"));
        Assert.Equal("nothing-to-agree", await RuleAsync(() => run.AgreeAsync(key, "Desk", Who("operator"))));
        var second = await run.MoveOnAsync(key, "On.", agreed.Version, Who("coe-lead"));
        Assert.Equal(["its champion agreed for Desk"], second.Decisions[^1].Measured);
        Assert.Equal("champion-not-agreed", await RuleAsync(() => run.MoveOnAsync(key, "On.", second.Version, Who("coe-lead"))));

        var back = await run.GoBackAsync(key, 1, "Back to the desk.", second.Version, Who("coe-lead"));
        Assert.Equal("champion-not-agreed", await RuleAsync(() => run.MoveOnAsync(key, "On.", back.Version, Who("coe-lead"))));
        await using var db = await DbAsync();
        Assert.Equal(1, await db.Notifications.CountAsync(n => n.PersonId == Who("operator").Id.Value && n.Kind == "rollout-agreement"));
        Assert.Single(await EntriesAsync(e => e.Action == "RolloutAgreed"));
    }

    [Fact]
    public async Task Whoever_agreed_as_a_champion_does_not_move_the_phase_on()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var run = Get<RunRollout>();
        var champion = await Get<KeepChampions>().NameAsync(DraftOf("submitter"), Who("coe-lead"));
        await Get<KeepChampions>().AnswerAsync(champion.Id, true, "", Who("submitter"));
        var planned = await run.PlanAsync(key, new([new("Desk", "", "Claims", null, 40, Today)], [new(30, Today, null, null, null, true, ""), new(100, Today, null, null, null, false, "")]), null, Who("submitter"));
        await run.MoveOnAsync(key, "Begin.", planned.Version, Who("submitter"));
        var agreed = await run.AgreeAsync(key, "Desk", Who("submitter"));

        Assert.Equal("own-agreement", await RuleAsync(() => run.MoveOnAsync(key, "On.", agreed.Version, Who("submitter"))));
        Assert.Equal(2, (await run.MoveOnAsync(key, "On.", agreed.Version, Who("coe-lead"))).Phase);
        // Of a use case that somebody may not see, the list tells no key.
        var named = await Get<KeepChampions>().NameAsync(DraftOf("brand") with { UseCaseKey = key }, Who("coe-lead"));
        Assert.Equal([(null, true), (null, false)], (await Get<ChampionBoard>().PageAsync(new(), Who("submitter2"))).Items.OrderBy(r => r.Champion.Id != named.Id).Select(r => (r.UseCaseKey, r.IsForOne)));
    }

    private ChampionDraft DraftOf(string persona) => new(Who(persona).Id, "Claims", null, Today, Today.AddDays(90));

    private async Task CallAsync(string key) => await Get<RecordCalls>().RunAsync([new ReportedCall { Source = "test", SourceEventId = "a", StartedAt = Clock.GetUtcNow(), InputTokens = 10 }], key);
}
