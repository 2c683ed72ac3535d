using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Policies;
using CoEPortal.Tests.Cards;
using CoEPortal.Tests.Dpia;
using CoEPortal.Tests.Gates;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>No current card, assessment or gate where the lane asks for one: warned first, denied after the grace, allowed again at once.</summary>
public sealed class DutyTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task What_lacks_its_records_is_warned_then_denied_and_runs_again_once_it_has_them()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal with { PersonalData = PersonalData.Ordinary });
        Assert.Equal((true, "", null), await AskAsync(key));
        Assert.Equal(1, await SweepAsync());
        Assert.Equal((true, "", "no_card until 2026-12-23T09:00:00Z"), await AskAsync(key));
        Assert.Equal(0, await SweepAsync());
        Assert.Equal([DutyRecord.Card, DutyRecord.Dpia], (await Get<DutyList>().OfAsync(key, Who("auditor"))).Select(d => d.Duty).Order());

        Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(1, await SweepAsync());
        Assert.Equal((false, "no_card", null), await AskAsync(key));
        await CardAsync(key);
        await SweepAsync();
        Assert.Equal((false, "no_dpia", null), await AskAsync(key));
        await DpiaAsync(key);
        await SweepAsync();
        Assert.Equal((true, "", null), await AskAsync(key));

        // A year later the card is stale: warned anew, with a grace of its own.
        Clock.Advance(TimeSpan.FromDays(366));
        await SweepAsync();
        Assert.StartsWith("no_card until 2028-", (await AskAsync(key)).Grace, StringComparison.Ordinal);
        Assert.Equal(
            ["DutyMissed", "DutyMissed", "DutyDenied", "DutyDenied", "DutyMet", "DutyMet", "DutyMissed", "DutyMissed"],
            (await ActionsAsync(key)).Where(a => a.StartsWith("Duty", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_fast_lane_asks_for_nothing_and_without_personal_data_no_assessment_is_asked_for()
    {
        var fast = await GivenAnApprovedAsync(HelpBotProposal);
        var impersonal = await GivenAnApprovedAsync(ClaimsProposal with { PersonalData = PersonalData.None });
        await SweepAsync();

        Assert.Empty(await Get<DutyList>().OfAsync(fast, Who("auditor")));
        Assert.DoesNotContain(await Get<DutyList>().OfAsync(impersonal, Who("auditor")), d => d.Duty is DutyRecord.Dpia);
        await Assert.ThrowsAsync<NotFoundException>(() => Get<DutyList>().OfAsync(fast, Who("submitter2")));
    }

    [Fact]
    public async Task The_full_lane_runs_only_on_what_was_promoted_and_still_passes_its_gate()
    {
        var key = await GivenAnApprovedAsync(BenefitsProposal);
        await SweepAsync();
        Assert.Contains(await Get<DutyList>().OfAsync(key, Who("auditor")), d => d.Duty is DutyRecord.Gate);
        await PushAsync(key, "build-1", 0);
        await Get<RequestPromotion>().RunAsync(key, GateTests.Prompt, GateTests.Hash, "", null, "ci");
        while (await OpenTaskAsync(key) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }

        await SweepAsync();
        Assert.DoesNotContain(await Get<DutyList>().OfAsync(key, Who("auditor")), d => d.Duty is DutyRecord.Gate);
        Clock.Advance(TimeSpan.FromDays(31));
        await SweepAsync();
        Assert.Contains(await Get<DutyList>().OfAsync(key, Who("auditor")), d => d.Duty is DutyRecord.Gate);
        await PushAsync(key, "build-2", -31);
        await SweepAsync();
        Assert.DoesNotContain(await Get<DutyList>().OfAsync(key, Who("auditor")), d => d.Duty is DutyRecord.Gate);
    }

    [Fact]
    public void The_duties_that_ship_are_good_and_one_without_a_grace_is_refused_with_its_line()
    {
        var yaml = File.ReadAllText(Path.Combine(Repository.Root, "templates", "gates", "duties-2026.11.yaml"));

        Assert.Null(VersionedFile.Read<DutyRules>(yaml, "x", out _));
        var refused = VersionedFile.Read<DutyRules>(yaml.Replace("graceDays: 30", "graceDays: 0", StringComparison.Ordinal), "x", out _);
        Assert.Equal((5, "graceDays is 1 to 365: nothing is denied without warning."), (refused!.Line, refused.Reason));
    }

    private Task<int> SweepAsync() => Get<SweepDuties>().RunAsync();

    private async Task<(bool Allowed, string Reason, string? Grace)> AskAsync(string key)
    {
        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), new VerdictRequest(key, null, null, null, null, null), TimeSpan.Zero);
        return (verdict.Allowed, verdict.Reason, verdict.Grace);
    }

    private async Task CardAsync(string key)
    {
        var card = await Get<WriteCard>().StartAsync(new CardDraft(CardKind.System, "Claims", "", key, CardMarkdownTests.Complete(CardKind.System)), Who("submitter"));
        await Get<PublishCard>().RunAsync(card.Key, card.ContentHash, null, Who("risk"));
    }

    private async Task DpiaAsync(string key)
    {
        var dpia = await Get<WriteDpia>().StartAsync(key, Who("submitter"));
        dpia = await Get<WriteDpia>().SaveAsync(dpia.Key, DpiaTests.Complete(dpia), dpia.Version, Who("submitter"));
        await Get<SignDpia>().AdviseAsync(dpia.Key, "Fine.", dpia.ContentHash, Who("privacy"));
        await Get<SignDpia>().AnswerAsync(dpia.Key, true, "", Who("submitter"));
        await Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("coe-lead"));
    }

    private async Task PushAsync(string key, string run, double daysAgo)
    {
        foreach (var (suite, figures) in new (string, (string, decimal)[])[]
        {
            ("golden-set", [("accuracy", 0.95m), ("hallucination-rate", 0.01m)]), ("safety", [("toxicity", 0m), ("injection-success", 0m)]), ("cost", [("cost-per-output", 0.01m)]),
        })
        {
            await Get<RecordGateResult>().RunAsync(key, GateTests.Result(run, suite, figures: figures, daysAgo: daysAgo), null, "ci");
        }
    }
}
