using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Approvals;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Dpia;

/// <summary>An assessment in its lane: who decides, on which text, and what becomes of it.</summary>
public sealed class DpiaReviewTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task A_high_risk_that_is_left_is_accepted_by_its_lane_and_never_by_one_person()
    {
        var dpia = await AnsweredAsync(isHigh: true);
        Assert.Equal("lane-required", await RuleAsync(() => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("risk"))));

        var round = await AskAsync(dpia);
        Assert.Equal((ReviewTopic.Dpia, dpia.Key, "dpia-review", dpia.ContentHash), (round.Topic, round.TopicName, round.DefinitionId, round.ContentHash));
        Assert.Equal([Role.Legal, Role.Security, Role.Privacy, Role.Risk], round.RequiredFunctions);
        await DecideEachAsync(dpia, Role.Legal, Role.Security);
        Assert.Null(await OpenTaskAsync(dpia.UseCaseKey, Role.Risk));
        await DecideEachAsync(dpia, Role.Privacy);
        Assert.False((await OneAsync(dpia.Key)).IsSignedOff);
        await DecideEachAsync(dpia, Role.Risk);

        var signed = await OneAsync(dpia.Key);
        Assert.Equal((true, null, 1, Who("risk").Id.Value), (signed.IsSignedOff, signed.WaitsFor, signed.LatestVersion, signed.Versions.Single().SignedBy));
        Assert.Equal(dpia.ContentHash, signed.Versions.Single().ContentHash);
        var actions = await ActionsAsync(dpia.UseCaseKey);
        Assert.Equal(["ReviewOpened", "DecisionRecorded", "DecisionRecorded", "DecisionRecorded", "DecisionRecorded"], actions.SkipWhile(a => a != "DpiaAdviceAnswered").Skip(1).Take(5));
        Assert.Equal(["DpiaSignedOff", "ReviewSettled"], actions.TakeLast(2).Order(StringComparer.Ordinal));
        Assert.Contains(await ToldAsync("submitter"), n => n.Link == $"/dpias/{dpia.Key}" && n.Title.EndsWith("is approved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lower_risk_may_go_through_the_lane_too_and_asks_no_consultation()
    {
        var dpia = await AnsweredAsync();

        var round = await AskAsync(dpia);
        Assert.Equal([Role.Legal, Role.Security, Role.Risk], round.RequiredFunctions);
        await DecideEachAsync(dpia, Role.Legal, Role.Security, Role.Risk);

        Assert.True((await OneAsync(dpia.Key)).IsSignedOff);
    }

    [Fact]
    public async Task While_its_lane_decides_nobody_advises_answers_signs_or_asks_beside_it()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);

        Assert.Equal(DpiaTurn.Review, (await OneAsync(dpia.Key)).WaitsFor);
        Assert.Equal("in-review", await RuleAsync(() => AskAsync(dpia)));
        Assert.Equal("in-review", await RuleAsync(() => Get<SignDpia>().AdviseAsync(dpia.Key, "No.", dpia.ContentHash, Who("privacy"))));
        Assert.Equal("in-review", await RuleAsync(() => Get<SignDpia>().AnswerAsync(dpia.Key, false, "No.", Who("submitter"))));
        Assert.Equal("in-review", await RuleAsync(() => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("risk"))));
        Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(0, await Get<SweepDpias>().RunAsync());
    }

    [Fact]
    public async Task Changing_the_text_ends_the_lane_and_what_was_decided_counts_for_nothing()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);
        await DecideEachAsync(dpia, Role.Legal);
        dpia = await OneAsync(dpia.Key);

        Assert.Equal("in-review", await RuleAsync(() => ChangeAsync(dpia, "One more word.", endsReviews: false)));
        Assert.Equal("a_record_under_review_does_not_change", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync($"update dpia set content_hash = 'sha256:{new string('0', 64)}'"))).ConstraintName);
        var changed = await ChangeAsync(dpia, "One more word.", endsReviews: true);

        Assert.Null(changed.WaitsFor);
        Assert.Null(await OpenTaskAsync(dpia.UseCaseKey));
        Assert.Equal(RoundStatus.Cancelled, (await NewestRoundAsync(dpia)).Status);
        Assert.Equal("advice-open", await RuleAsync(() => AskAsync(changed)));
    }

    [Fact]
    public async Task A_change_and_the_last_decision_at_once_end_in_one_of_the_two()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);
        await DecideEachAsync(dpia, Role.Legal, Role.Security);
        dpia = await OneAsync(dpia.Key);
        var task = (await OpenTaskAsync(dpia.UseCaseKey, Role.Risk))!;

        await Task.WhenAll(
            AttemptAsync(() => DecideAsync(task, "risk", DecisionKind.Approve)),
            AttemptAsync(() => ChangeAsync(dpia, "At the same moment.", endsReviews: true)));

        var (after, round) = (await OneAsync(dpia.Key), await NewestRoundAsync(dpia));
        Assert.Equal(round.Status is RoundStatus.Approved, after.IsSignedOff);
        Assert.Equal(after.IsSignedOff, after.ContentHash == dpia.ContentHash);
        Assert.Null(after.WaitsFor);
    }

    [Fact]
    public async Task Two_who_ask_at_once_open_one_review()
    {
        var dpia = await AnsweredAsync();

        var refused = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AttemptAsync(() => AskAsync(dpia))));

        Assert.Single(refused, r => r is null);
        await using var db = await DbAsync();
        Assert.Equal(1, await db.ApprovalRounds.CountAsync(r => r.TopicId == dpia.Id));
    }

    [Fact]
    public async Task A_request_for_changes_gives_it_back_and_it_can_be_asked_again()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);
        await DecideAsync((await OpenTaskAsync(dpia.UseCaseKey, Role.Legal))!, "legal", DecisionKind.RequestChanges, "Name the processor.");

        var back = await OneAsync(dpia.Key);
        Assert.Equal((null, false, dpia.ContentHash), (back.WaitsFor, back.IsSignedOff, back.ContentHash));
        Assert.Equal("objected", await RuleAsync(() => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("risk"))));
        await AskAsync(dpia);
        Assert.NotNull(await OpenTaskAsync(dpia.UseCaseKey, Role.Legal));
    }

    [Fact]
    public async Task A_vetoed_text_is_not_asked_about_again_a_changed_one_is()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);
        await DecideAsync((await OpenTaskAsync(dpia.UseCaseKey, Role.Security))!, "security", DecisionKind.Veto, "No encryption at rest.");

        Assert.Equal("vetoed", await RuleAsync(() => AskAsync(dpia)));
        Assert.Equal("objected", await RuleAsync(() => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who("risk"))));
        dpia = await ChangeAsync(await OneAsync(dpia.Key), "Encrypted at rest now.", endsReviews: false);
        await AdviseAndAnswerAsync(dpia);
        await AskAsync(dpia);
        Assert.NotNull(await OpenTaskAsync(dpia.UseCaseKey, Role.Security));
    }

    [Fact]
    public async Task Whoever_advised_does_not_accept_the_risk_in_another_function()
    {
        var both = await GivenAPersonAsync("both", "Kim Both", Role.Privacy, Role.Risk);
        var dpia = await WrittenAsync(isHigh: false);
        await AdviseAndAnswerAsync(dpia, both);
        await AskAsync(dpia);
        await DecideEachAsync(dpia, Role.Legal, Role.Security);

        Assert.Equal("second-person-required", await RuleAsync(async () => await DecideAsAsync((await OpenTaskAsync(dpia.UseCaseKey, Role.Risk))!, both)));
        Assert.False((await OneAsync(dpia.Key)).IsSignedOff);
        await DecideEachAsync(dpia, Role.Risk);
        Assert.True((await OneAsync(dpia.Key)).IsSignedOff);
    }

    [Fact]
    public async Task Whoever_wrote_or_asked_does_not_decide()
    {
        var dpia = await AnsweredAsync(isHigh: true);
        var round = await AskAsync(dpia, "privacy");
        Assert.Equal([Who("submitter").Id.Value, Who("privacy").Id.Value], round.Authors);
        await DecideEachAsync(dpia, Role.Legal, Role.Security);

        var consultation = (await OpenTaskAsync(dpia.UseCaseKey, Role.Privacy))!;
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => DecideAsync(consultation, "privacy", DecisionKind.Approve));
        Assert.Equal(("own-proposal", $"You had a hand in {dpia.Key}, so another Privacy reviewer decides."), (refusal.Rule, refusal.Message));
        await DecideAsync(consultation, "privacy2", DecisionKind.Approve);
        Assert.NotNull(await OpenTaskAsync(dpia.UseCaseKey, Role.Risk));
    }

    [Fact]
    public async Task It_is_asked_for_only_when_it_is_complete_answered_and_about_something_that_was_submitted()
    {
        var unsubmitted = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var early = await Get<WriteDpia>().StartAsync(unsubmitted.Key, Who("submitter"));
        Assert.Equal("not-submitted", await RuleAsync(() => AskAsync(early)));

        var dpia = await WrittenAsync(isHigh: false);
        Assert.Equal("advice-open", await RuleAsync(() => AskAsync(dpia)));
        await AdviseAndAnswerAsync(dpia);
        Assert.Equal("not-permitted", await RuleAsync(() => AskAsync(dpia, "legal")));
        await Assert.ThrowsAsync<NotFoundException>(() => AskAsync(dpia, "submitter2"));
        Assert.Equal("content-changed", await RuleAsync(() => Get<AskDpiaReview>().RunAsync(dpia.Key, "sha256:x", Who("submitter"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<AskDpiaReview>().RunAsync("DPIA-9999", "", Who("submitter")));

        dpia = await Get<WriteDpia>().SaveAsync(dpia.Key, dpia.Draft with { Outcome = ScreeningOutcome.ReliesOnExisting, OutcomeReason = "DPIA-0001 holds here too." }, (await OneAsync(dpia.Key)).Version, Who("submitter"));
        await AdviseAndAnswerAsync(dpia);
        Assert.Equal("no-review-needed", await RuleAsync(() => AskAsync(dpia)));
    }

    [Fact]
    public async Task A_lane_that_an_operator_cancels_gives_the_assessment_back()
    {
        var dpia = await AnsweredAsync();
        await AskAsync(dpia);
        var lane = (await Get<LaneList>().OfAsync(new LaneFilter(), Who("coe-lead"))).Items.Single(l => l.DefinitionId == "dpia-review");

        await Get<OperateLane>().CancelAsync(lane.Id, "Asked by mistake.", Who("coe-lead"));

        Assert.Null((await OneAsync(dpia.Key)).WaitsFor);
        await AskAsync(dpia);
    }

    private async Task<ImpactAssessment> WrittenAsync(bool isHigh)
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var dpia = await Get<WriteDpia>().StartAsync(key, Who("submitter"));
        var content = DpiaTests.Complete(dpia);
        content = isHigh
            ? content with { Risks = [content.Risks[0] with { ResidualLikelihood = Likelihood.Probable, ResidualHarm = Harm.Severe }], PriorConsultation = "No objection, letter of 3 November." }
            : content;
        return await Get<WriteDpia>().SaveAsync(dpia.Key, content, dpia.Version, Who("submitter"), endsReviews: true);
    }

    private async Task<ImpactAssessment> AnsweredAsync(bool isHigh = false)
    {
        var dpia = await WrittenAsync(isHigh);
        await AdviseAndAnswerAsync(dpia);
        return await OneAsync(dpia.Key);
    }

    private async Task AdviseAndAnswerAsync(ImpactAssessment dpia, Actor? officer = null)
    {
        await Get<SignDpia>().AdviseAsync(dpia.Key, "Read each letter.", dpia.ContentHash, officer ?? Who("privacy"));
        await Get<SignDpia>().AnswerAsync(dpia.Key, true, "", Who("submitter"));
    }

    private Task<ApprovalRound> AskAsync(ImpactAssessment dpia, string persona = "submitter") => Get<AskDpiaReview>().RunAsync(dpia.Key, dpia.ContentHash, Who(persona));

    private async Task DecideEachAsync(ImpactAssessment dpia, params Role[] functions)
    {
        foreach (var function in functions)
        {
            await DecideAsync((await OpenTaskAsync(dpia.UseCaseKey, function))!, PersonaOf(function), DecisionKind.Approve);
        }
    }

    private Task<ImpactAssessment> ChangeAsync(ImpactAssessment dpia, string reason, bool endsReviews) =>
        Get<WriteDpia>().SaveAsync(dpia.Key, dpia.Draft with { OutcomeReason = reason }, dpia.Version, Who("submitter"), endsReviews);

    private async Task<ImpactAssessment> OneAsync(string key) => (await Get<DpiaLibrary>().OneAsync(key, Who("auditor"))).Assessment;

    private async Task<ApprovalRound> NewestRoundAsync(ImpactAssessment dpia)
    {
        await using var db = await DbAsync();
        return await db.ApprovalRounds.AsNoTracking().Where(r => r.TopicId == dpia.Id).OrderByDescending(r => r.Number).FirstAsync();
    }
}
