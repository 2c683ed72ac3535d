using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Policies;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Dpia;

public sealed class DpiaTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task An_assessment_begins_with_what_the_one_pager_says_and_shows_where_each_text_is_from()
    {
        var dpia = await StartAsync();

        Assert.Equal("DPIA-0001", dpia.Key);
        Assert.Contains(ClaimsProposal.BusinessOwner, dpia.Draft.Answer("controller"), StringComparison.Ordinal);
        Assert.True(dpia.Draft.IsFromIntake("controller"));
        var saved = await SaveAsync(dpia, dpia.Draft with { Answers = new Dictionary<string, string>(dpia.Draft.Answers) { ["controller"] = "We" }, Prefilled = new Dictionary<string, string> { ["controller"] = "We" } });
        Assert.False(saved.Draft.IsFromIntake("controller"));
        Assert.Equal("dpia-exists", await RuleAsync(() => Get<WriteDpia>().StartAsync(dpia.UseCaseKey, Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<WriteDpia>().StartAsync(dpia.UseCaseKey, Who("legal"))));
    }

    [Fact]
    public async Task Two_editors_of_one_assessment_the_second_is_told_and_nothing_is_lost()
    {
        var dpia = await StartAsync();
        var first = await SaveAsync(dpia, Complete(dpia));

        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<WriteDpia>().SaveAsync(dpia.Key, dpia.Draft with { OutcomeReason = "Mine." }, dpia.Version, Who("privacy"))));
        Assert.Equal(first.ContentHash, (await OneAsync(dpia.Key)).ContentHash);
        var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => AttemptAsync(() => SaveAsync(first, first.Draft with { OutcomeReason = $"{n}" }))));
        Assert.Single(attempts, a => a is null);
    }

    [Fact]
    public async Task It_is_signed_off_after_the_officers_advice_was_answered_each_by_another_person()
    {
        var dpia = await StartAsync();
        Assert.Equal("screening-open", await RuleAsync(() => SignAsync(dpia, "coe-lead")));
        dpia = await SaveAsync(dpia, Complete(dpia));
        Assert.Equal("advice-open", await RuleAsync(() => SignAsync(dpia, "coe-lead")));
        Assert.Equal("not-your-function", await RuleAsync(() => AdviseAsync(dpia, "legal")));
        Assert.Equal("content-changed", await RuleAsync(() => Get<SignDpia>().AdviseAsync(dpia.Key, "Fine.", "sha256:x", Who("privacy"))));
        await AdviseAsync(dpia, "privacy");
        Assert.Equal("second-person-required", await RuleAsync(() => AnswerAsync(dpia, "privacy")));
        Assert.Equal("reason-required", await RuleAsync(() => Get<SignDpia>().AnswerAsync(dpia.Key, false, " ", Who("submitter"))));
        await AnswerAsync(dpia, "submitter");
        Assert.Equal("not-your-function", await RuleAsync(() => SignAsync(dpia, "privacy")));
        Assert.Equal("not-your-function", await RuleAsync(() => SignAsync(dpia, "legal")));
        Assert.Equal("not-permitted", await RuleAsync(() => SignAsync(dpia, "submitter")));
        Assert.Equal("review-date", await RuleAsync(() => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, new(2029, 1, 1), Who("coe-lead"))));

        var signed = await SignAsync(dpia, "coe-lead");
        Assert.Equal((1, true, new DateOnly(2027, 11, 23)), (signed.LatestVersion, signed.IsCurrent(new(2027, 11, 23)), signed.ReviewOn));
        Assert.False(signed.IsCurrent(new(2027, 11, 24)));
        Assert.Equal(["DpiaStarted", "DpiaAdvised", "DpiaAdviceAnswered", "DpiaSignedOff"], (await ActionsAsync(dpia.UseCaseKey)).Where(a => a.StartsWith("Dpia", StringComparison.Ordinal)));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsOwnerAsync("update dpia_version set number = 2"));
    }

    [Fact]
    public async Task Advice_counts_only_for_the_text_it_was_given_on()
    {
        var dpia = await StartAsync();
        dpia = await SaveAsync(dpia, Complete(dpia));
        await AdviseAsync(dpia, "privacy");
        dpia = await AnswerAsync(dpia, "submitter");
        dpia = await SaveAsync(dpia, dpia.Draft with { OutcomeReason = "One more word." });

        Assert.False(dpia.IsAdvised);
        Assert.Equal("advice-open", await RuleAsync(() => SignAsync(dpia, "coe-lead")));
    }

    [Fact]
    public async Task What_is_missing_or_too_risky_is_not_signed_off()
    {
        var dpia = await StartAsync();
        var content = Complete(dpia);
        async Task<string> RuleOf(DpiaContent changed)
        {
            dpia = await SaveAsync(dpia, changed);
            return await RuleAsync(() => SignAsync(dpia, "risk"));
        }

        Assert.Equal("dpia-incomplete", await RuleOf(content with { Answers = new Dictionary<string, string>() }));
        Assert.Equal("risk-required", await RuleOf(content with { Risks = [] }));
        Assert.Equal("measure-required", await RuleOf(content with { Risks = [content.Risks[0] with { Measure = "" }] }));
        Assert.Equal("consult-the-authority", await RuleOf(content with { Risks = [content.Risks[0] with { ResidualLikelihood = Likelihood.Probable, ResidualHarm = Harm.Severe }] }));
        Assert.Equal("criteria-say-otherwise", await RuleOf(content with { Outcome = ScreeningOutcome.NotRequired, OutcomeReason = "Small.", Criteria = ["scoring", "monitoring"] }));
        Assert.Equal("reason-required", await RuleOf(content with { Outcome = ScreeningOutcome.ReliesOnExisting, OutcomeReason = "" }));
        Assert.Equal("unknown-field", await RuleAsync(() => SaveAsync(dpia, content with { Answers = new Dictionary<string, string> { ["x"] = "y" } })));
        Assert.Equal("answer-too-long", await RuleAsync(() => SaveAsync(dpia, content with { OutcomeReason = new string('a', 8001) })));
    }

    [Fact]
    public async Task A_material_change_of_the_proposal_opens_it_again_and_other_words_do_not()
    {
        var dpia = await SignedAsync();
        await ChangeProposalAsync(dpia.UseCaseKey, p => p with { Problem = p.Problem + " Still." });
        await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));
        Assert.True((await OneAsync(dpia.Key)).IsSignedOff);
        await Get<WithdrawProposal>().RunAsync(dpia.UseCaseKey, "More.", Who("submitter"));

        await ChangeProposalAsync(dpia.UseCaseKey, p => p with { Endpoints = [.. p.Endpoints, "another-model"] });
        await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));
        var reopened = await OneAsync(dpia.Key);
        Assert.False(reopened.IsSignedOff);
        Assert.Contains("models and endpoints", reopened.ReopenedBecause, StringComparison.Ordinal);
        Assert.Contains("DpiaReopened", await ActionsAsync(dpia.UseCaseKey));
    }

    [Fact]
    public async Task Writing_on_what_is_signed_off_opens_it_again_and_leaves_the_version()
    {
        var dpia = await SignedAsync();
        var changed = await SaveAsync(dpia, dpia.Draft with { OutcomeReason = "Thought again." }, "submitter");

        Assert.False(changed.IsSignedOff);
        Assert.Equal(dpia.ContentHash, (await OneAsync(dpia.Key)).Versions.Single().ContentHash);
        Assert.Equal("own-dpia", await RuleAsync(async () => await AdviseAsync(await SaveAsync(changed, changed.Draft with { OutcomeReason = "x" }, "privacy"), "privacy")));
    }

    [Fact]
    public async Task It_is_part_of_what_is_decided_on_and_changing_it_ends_the_review_so_that_older_decisions_stop_counting()
    {
        var dpia = await StartAsync();
        var first = await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));
        Assert.Equal(new ReviewedRecord(dpia.Key, dpia.ContentHash), Assert.Single(first.Records));
        await DecideAsync((await OpenTaskAsync(dpia.UseCaseKey, Role.Legal))!, "legal", DecisionKind.Approve);

        Assert.Equal("in-review", await RuleAsync(() => SaveAsync(dpia, Complete(dpia))));
        var changed = await Get<WriteDpia>().SaveAsync(dpia.Key, Complete(dpia), dpia.Version, Who("submitter"), endsReviews: true);
        var second = await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));

        Assert.NotEqual(first.ContentHash, second.ContentHash);
        Assert.Equal(changed.ContentHash, second.Records.Single().Hash);
        await using var db = await DbAsync();
        Assert.Empty((await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync(r => r.Status == RoundStatus.Open)).Decisions);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsOwnerAsync($"update dpia set content_hash = 'sha256:{new string('0', 64)}'"));
        Assert.Equal("a_record_under_review_does_not_change", refused.ConstraintName);
    }

    [Fact]
    public async Task A_change_and_a_decision_at_once_end_in_one_of_the_two()
    {
        var dpia = await StartAsync();
        await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));
        var task = (await OpenTaskAsync(dpia.UseCaseKey, Role.Legal))!;

        await Task.WhenAll(
            AttemptAsync(() => DecideAsync(task, "legal", DecisionKind.Approve)),
            AttemptAsync(() => Get<WriteDpia>().SaveAsync(dpia.Key, Complete(dpia), dpia.Version, Who("submitter"), endsReviews: true)));

        await using var db = await DbAsync();
        var round = await db.ApprovalRounds.Include(r => r.Decisions).SingleAsync();
        Assert.Equal(RoundStatus.Cancelled, round.Status);
        Assert.NotEqual(dpia.ContentHash, (await OneAsync(dpia.Key)).ContentHash);
    }

    [Fact]
    public async Task Whoever_may_not_read_the_use_case_reads_no_assessment()
    {
        var dpia = await StartAsync();

        await Assert.ThrowsAsync<NotFoundException>(() => Get<DpiaLibrary>().OneAsync(dpia.Key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => SaveAsync(dpia, dpia.Draft, "submitter2"));
        Assert.Equal(0, (await Get<DpiaLibrary>().PageAsync(new(), Who("submitter2"))).Total);
        Assert.Equal(1, (await Get<DpiaLibrary>().PageAsync(new(Open: true), Who("auditor"))).Total);
    }

    internal static DpiaContent Complete(ImpactAssessment dpia) => dpia.Draft with
    {
        Outcome = ScreeningOutcome.Required,
        Answers = Template.Steps.SelectMany(s => s.Fields).ToDictionary(f => f.Id, f => f.Title),
        Risks = [new DpiaRisk { Title = "A letter goes to somebody else", Likelihood = Likelihood.Possible, Harm = Harm.Significant, Measure = "A person reads each.", ResidualHarm = Harm.Significant }],
    };

    [Fact]
    public async Task The_officer_is_asked_with_a_day_it_is_due_and_each_step_tells_whose_turn_it_is()
    {
        var dpia = await SaveAsync(await StartAsync(), Complete(await OneAsync("DPIA-0001")));
        Assert.Equal("content-changed", await RuleAsync(() => Get<SignDpia>().AskAsync(dpia.Key, "sha256:x", Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<SignDpia>().AskAsync(dpia.Key, dpia.ContentHash, Who("legal"))));

        dpia = await Get<SignDpia>().AskAsync(dpia.Key, dpia.ContentHash, Who("submitter"));
        Assert.Equal((DpiaTurn.Advice, Get<Organisation>().AfterWorkingDays(Clock.GetUtcNow(), 5)), (dpia.WaitsFor!.Value, dpia.DueAt!.Value));
        Assert.Equal("already-asked", await RuleAsync(() => Get<SignDpia>().AskAsync(dpia.Key, dpia.ContentHash, Who("submitter"))));
        Assert.Contains("dpia-advice", await ToldAsync("privacy"));
        await AdviseAsync(dpia, "privacy");
        Assert.Contains("dpia-answer", await ToldAsync("submitter"));
        await AnswerAsync(dpia, "submitter");
        Assert.Contains("dpia-signature", await ToldAsync("risk"));
        var signed = await SignAsync(dpia, "coe-lead");

        Assert.Contains("dpia-signed", await ToldAsync("submitter"));
        Assert.Null(signed.WaitsFor);
        Assert.Null(signed.DueAt);
        Assert.Contains("DpiaAdviceAsked", await ActionsAsync(dpia.UseCaseKey));
    }

    [Fact]
    public async Task Who_is_late_is_told_again_and_again_but_not_for_ever_and_nothing_is_decided()
    {
        var dpia = await StartAsync();
        await Get<SignDpia>().AskAsync(dpia.Key, dpia.ContentHash, Who("submitter"));
        Assert.Equal(0, await Get<SweepDpias>().RunAsync());
        var told = 0;
        for (var week = 0; week < 12; week++)
        {
            Clock.Advance(TimeSpan.FromDays(7));
            told += await Get<SweepDpias>().RunAsync();
            Assert.Equal(0, await Get<SweepDpias>().RunAsync());
        }

        var late = await OneAsync(dpia.Key);
        Assert.Equal((5, 5, DpiaTurn.Advice, false), (told, late.OverdueLevel, late.WaitsFor!.Value, late.IsAdvised));
        Assert.Equal(5, (await ToldAsync("coe-lead")).Count(k => k == "dpia-overdue"));
        Assert.Equal(5, (await ActionsAsync(dpia.UseCaseKey)).Count(a => a == "DpiaOverdue"));
    }

    [Fact]
    public async Task A_changed_text_takes_the_question_for_a_signature_back_and_leaves_the_one_for_advice()
    {
        var dpia = await SaveAsync(await StartAsync(), Complete(await OneAsync("DPIA-0001")));
        dpia = await Get<SignDpia>().AskAsync(dpia.Key, dpia.ContentHash, Who("submitter"));
        dpia = await SaveAsync(dpia, dpia.Draft with { OutcomeReason = "More." });
        Assert.Equal(DpiaTurn.Advice, dpia.WaitsFor);
        await AdviseAsync(dpia, "privacy");
        dpia = await AnswerAsync(dpia, "submitter");

        dpia = await SaveAsync(dpia, dpia.Draft with { OutcomeReason = "Still more." });

        Assert.Null(dpia.WaitsFor);
        Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(0, await Get<SweepDpias>().RunAsync());
    }

    [Fact]
    public async Task What_is_signed_off_is_neither_advised_on_nor_answered_again()
    {
        var dpia = await SignedAsync();

        Assert.Equal("nothing-changed", await RuleAsync(() => AdviseAsync(dpia, "privacy")));
        Assert.Equal("nothing-changed", await RuleAsync(() => Get<SignDpia>().AnswerAsync(dpia.Key, false, "Not so.", Who("submitter"))));
    }

    [Fact]
    public async Task Advice_on_one_that_a_material_change_opened_again_waits_for_those_who_write_the_use_case()
    {
        var dpia = await SignedAsync();
        await ChangeProposalAsync(dpia.UseCaseKey, p => p with { Endpoints = [.. p.Endpoints, "another-model"] });
        await Get<SubmitProposal>().RunAsync(dpia.UseCaseKey, null, Who("submitter"));
        var before = (await ToldAsync("submitter")).Count(k => k == "dpia-answer");

        await AdviseAsync(await OneAsync(dpia.Key), "privacy");

        Assert.Equal(before + 1, (await ToldAsync("submitter")).Count(k => k == "dpia-answer"));
    }

    [Fact]
    public async Task People_are_told_once_a_month_before_it_is_to_be_looked_at_again()
    {
        var dpia = await SignedAsync();
        Clock.Advance(TimeSpan.FromDays(334));
        Assert.Equal(0, await Get<SweepDpias>().RunAsync());
        Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(1, await Get<SweepDpias>().RunAsync());
        Assert.Equal(0, await Get<SweepDpias>().RunAsync());
        Assert.Contains("dpia-review", await ToldAsync("privacy"));
        Assert.Contains("dpia-review", await ToldAsync("submitter"));
        Assert.True((await OneAsync(dpia.Key)).IsSignedOff);
    }

    private async Task<List<string>> ToldAsync(string persona) => [.. (await Get<NotificationInbox>().OfAsync(Who(persona), size: 100)).Items.Select(n => n.Kind)];

    private static DpiaTemplate Template { get; } = new VersionedFiles<DpiaTemplate>(Path.Combine(Repository.Root, "templates", "dpia"), DpiaTemplate.Files, new Organisation()).InForce(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    private async Task<ImpactAssessment> StartAsync()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        return await Get<WriteDpia>().StartAsync(useCase.Key, Who("submitter"));
    }

    private async Task<ImpactAssessment> SignedAsync()
    {
        var dpia = await StartAsync();
        dpia = await SaveAsync(dpia, Complete(dpia));
        await AdviseAsync(dpia, "privacy");
        await AnswerAsync(dpia, "submitter");
        return await SignAsync(dpia, "coe-lead");
    }

    private async Task ChangeProposalAsync(string key, Func<Proposal, Proposal> change)
    {
        var useCase = await UseCaseAsync(key);
        await Get<SaveDraft>().RunAsync(key, change(useCase.Draft), useCase.Version, Who("submitter"));
    }

    private async Task<ImpactAssessment> OneAsync(string key) => (await Get<DpiaLibrary>().OneAsync(key, Who("auditor"))).Assessment;

    private Task<ImpactAssessment> SaveAsync(ImpactAssessment dpia, DpiaContent content, string persona = "submitter") => Get<WriteDpia>().SaveAsync(dpia.Key, content, dpia.Version, Who(persona));

    private Task<ImpactAssessment> AdviseAsync(ImpactAssessment dpia, string persona) => Get<SignDpia>().AdviseAsync(dpia.Key, "Read each letter.", dpia.ContentHash, Who(persona));

    private Task<ImpactAssessment> AnswerAsync(ImpactAssessment dpia, string persona) => Get<SignDpia>().AnswerAsync(dpia.Key, true, "", Who(persona));

    private Task<ImpactAssessment> SignAsync(ImpactAssessment dpia, string persona) => Get<SignDpia>().SignOffAsync(dpia.Key, dpia.ContentHash, null, Who(persona));
}
