using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Gates;

public sealed class GateTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    public static string Hash { get; } = "sha256:" + new string('a', 64);

    public static VersionPointer Prompt { get; } = new(Component.Prompt, "letters", "12");

    /// <summary>Who is asked before the CoE lead.</summary>
    private static readonly Role[] Board = [.. new[] { Role.Security, Role.Risk }.Order()];

    private static readonly string Other = "sha256:" + new string('b', 64);

    internal static ReportedResult Result(string run = "build-1", string suite = "golden-set", string? hash = null, (string, decimal)[]? figures = null, long examples = 400, double daysAgo = 0) => new(
        run, Prompt, hash ?? Hash, suite, examples, (figures ?? [("accuracy", 0.95m), ("hallucination-rate", 0.01m)]).ToDictionary(f => f.Item1, f => f.Item2),
        new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddDays(-daysAgo).AddSeconds(run.Length > 6 ? run[6] - '0' : 0), null);

    [Fact]
    public async Task A_promotion_is_refused_while_a_gate_is_missing_failed_or_stale_and_says_which()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);

        var missing = await HeldAsync(key);
        Assert.Equal(("gate-missing", "golden-set"), (missing.Rule, missing.Check.Gates[0].Gate));
        Assert.Contains("/gates/results", missing.Check.Gates[0].WhatToDo, StringComparison.Ordinal);
        await PushAsync(key, Result("build-1", hash: Other));
        Assert.Equal("gate-missing", (await HeldAsync(key)).Rule);
        await PushAsync(key, Result("build-2", figures: [("accuracy", 0.89m), ("hallucination-rate", 0.01m)]));
        Assert.Contains("Golden-set accuracy is 0.89, at least 0.90 is asked.", (await HeldAsync(key)).Message, StringComparison.Ordinal);
        await PushAsync(key, Result("build-3", figures: [("accuracy", 0.95m)]));
        Assert.Contains("was not reported", (await HeldAsync(key)).Message, StringComparison.Ordinal);
        await PushAsync(key, Result("build-4", examples: 99));
        Assert.Equal("gate-failed", (await HeldAsync(key)).Rule);
        await PushAsync(key, Result("build-5"));
        Clock.Advance(TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1));
        Assert.Equal("gate-stale", (await HeldAsync(key)).Rule);

        await PushAsync(key, Result("build-6", daysAgo: -30));
        Assert.Equal(PromotionState.Open, (await AskAsync(key)).State);
    }

    [Fact]
    public async Task A_run_told_twice_is_one_and_with_other_figures_it_is_refused()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);

        Assert.True((await PushAsync(key, Result())).IsNew);
        var again = await PushAsync(key, Result());
        Assert.False(again.IsNew);
        Assert.True(again.Check.Passes);
        Assert.Equal("run-reused", await RuleAsync(() => PushAsync(key, Result(figures: [("accuracy", 1m)]))));
        Assert.Equal("run-reused", await RuleAsync(() => PushAsync(key, Result(hash: Other))));
        Assert.Single((await Get<GateBoard>().ResultsAsync(key, Who("auditor"))).Items);
        Assert.Single(await ActionsAsync(key), a => a == "GateResultRecorded");
    }

    [Fact]
    public async Task Two_sends_of_one_run_at_once_make_one_result()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);

        var told = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PushAsync(key, Result())));

        Assert.Single(told, t => t.IsNew);
    }

    [Fact]
    public async Task What_a_pipeline_says_is_bounded_and_of_its_own_use_case()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        Task<string> Rule(ReportedResult result) => RuleAsync(() => PushAsync(key, result));

        Assert.Equal("artefact-hash-required", await Rule(Result(hash: "sha256:abc")));
        Assert.Equal("run-id-required", await Rule(Result("two words")));
        Assert.Equal("suite-required", await Rule(Result(suite: "<b>")));
        Assert.Equal("examples-required", await Rule(Result(examples: 0)));
        Assert.Equal("metrics-required", await Rule(Result(figures: [])));
        Assert.Equal("metric-unusable", await Rule(Result(figures: [("a b", 1)])));
        Assert.Equal("evaluated-in-the-future", await Rule(Result(daysAgo: -1)));
        Assert.Equal("link-unusable", await Rule(Result() with { Link = "javascript:alert(1)" }));
        Assert.Equal("version-unusable", await Rule(Result() with { Which = new(Component.Prompt, "a/b", "1") }));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<RecordGateResult>().RunAsync(key, Result(), "UC-9999", "ci")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<RecordGateResult>().RunAsync("UC-9999", Result(), null, "ci"));
    }

    [Fact]
    public async Task The_board_agrees_by_distinct_people_the_lead_last_and_then_the_version_may_run()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);
        Assert.Equal(asked.Id, (await AskAsync(key)).Id);
        Assert.Equal(Board, await AskedAsync(asked));

        Assert.Equal("not-your-function", await RuleAsync(() => DecideAsync(asked, Role.Security, "legal")));
        Assert.Equal("not-permitted", await RuleAsync(() => DecideAsync(asked, Role.Security, "submitter")));
        Assert.Equal("content-changed", await RuleAsync(() => DecideAsync(asked, Role.Security, "security", hash: Other)));
        Assert.Equal("comment-required", await RuleAsync(() => DecideAsync(asked, Role.Security, "security", DecisionKind.Veto)));
        await DecideAsync(asked, Role.Security, "security");
        await DecideAsync(asked, Role.Risk, "risk");
        Assert.Equal([Role.CoeLead], await AskedAsync(asked));
        await DecideAsync(asked, Role.CoeLead, "coe-lead");

        Assert.Equal(PromotionState.Approved, await StateAsync(asked));
        Assert.Empty(await AskedAsync(asked));
        Assert.Equal(Prompt, Assert.Single(await Get<ApproveVersion>().ListAsync(key, Who("auditor"))).Which);
        Assert.Equal("already-approved", await RuleAsync(() => AskAsync(key)));
        Assert.Equal(["GateResultRecorded", "PromotionRequested", "ReviewOpened", "DecisionRecorded", "DecisionRecorded", "DecisionRecorded", "PromotionSettled", "ReviewSettled", "VersionApproved"],
            (await ActionsAsync(key)).SkipWhile(a => a != "GateResultRecorded").Order(StringComparer.Ordinal).OrderBy(a => a switch { "GateResultRecorded" => 0, "PromotionRequested" => 1, "ReviewOpened" => 2, "DecisionRecorded" => 3, _ => 4 }));
    }

    [Fact]
    public async Task A_promotion_waits_in_the_inbox_with_a_day_it_is_due_and_leaves_the_use_case_approved()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);

        var row = Assert.Single((await Get<ReviewInbox>().ForAsync(Who("security"), new())).Items);
        Assert.Equal((key, ReviewTopic.Promotion, $"promotion P1 of {Prompt}", Hash), (row.UseCaseKey, row.Topic, row.TopicName, row.ContentHash));
        Assert.Equal(Get<Organisation>().AfterWorkingDays(Clock.GetUtcNow(), 2), row.DueAt);
        Clock.Advance(TimeSpan.FromDays(12));
        await Get<SweepReviewTimers>().RunAsync();
        Assert.Contains((await Get<NotificationInbox>().OfAsync(Who("coe-lead"))).Items, n => n.Kind == "review-overdue" && n.Title.Contains("promotion P1", StringComparison.Ordinal));

        await DecideAsync(asked, Role.Security, "security", DecisionKind.RequestChanges, "Say which letters.");
        Assert.Equal(PromotionState.SentBack, await StateAsync(asked));
        await using var db = await DbAsync();
        Assert.True((await db.UseCases.SingleAsync(u => u.Key == key)).IsApproved);
        Assert.Single(await Get<ReviewSheets>().RoundsOfAsync(key, Who("auditor")));
        Assert.Equal("not-vetoed", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "x", Hash, Who("security2"))));
    }

    [Fact]
    public async Task A_gate_that_fell_meanwhile_holds_the_last_agreement_and_a_veto_ends_it()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);
        await DecideAsync(asked, Role.Security, "security");
        await DecideAsync(asked, Role.Risk, "risk");
        await PushAsync(key, Result("build-2", figures: [("accuracy", 0.5m), ("hallucination-rate", 0m)], daysAgo: -0.001));

        var held = await Assert.ThrowsAsync<GateNotPassedException>(() => DecideAsync(asked, Role.CoeLead, "coe-lead"));
        Assert.Equal("gate-failed", held.Rule);
        Assert.Equal((PromotionState.Open, 0), (await StateAsync(asked), (await Get<ApproveVersion>().ListAsync(key, Who("auditor"))).Count));
        await DecideAsync(asked, Role.CoeLead, "coe-lead", DecisionKind.Veto, "It fell.");
        Assert.Equal(PromotionState.Vetoed, await StateAsync(asked));
    }

    [Fact]
    public async Task Two_of_the_board_at_once_make_one_version_at_most()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);
        await DecideAsync(asked, Role.Security, "security");
        await DecideAsync(asked, Role.Risk, "risk");
        var task = (await OpenTaskAsync(key, Role.CoeLead))!;

        var attempts = await Task.WhenAll(
            AttemptAsync(() => DecideAsync(task, "coe-lead", DecisionKind.Approve)), AttemptAsync(() => DecideAsync(task, "coe-lead2", DecisionKind.Veto, "No.")));

        Assert.Single(attempts, a => a is null);
        await using var db = await DbAsync();
        Assert.Equal(await StateAsync(asked) is PromotionState.Approved ? 1 : 0, await db.ApprovedVersions.CountAsync());
    }

    [Fact]
    public async Task A_promotion_taken_back_asks_nobody_any_more_and_may_be_asked_for_again()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);

        await Assert.ThrowsAsync<NotFoundException>(() => Get<WithdrawPromotion>().RunAsync(asked.Id, Who("submitter2")));
        await Get<WithdrawPromotion>().RunAsync(asked.Id, Who("submitter"));
        Assert.Equal((PromotionState.Withdrawn, 0), (await StateAsync(asked), (await AskedAsync(asked)).Count));
        Assert.Equal("promotion-closed", await RuleAsync(() => Get<WithdrawPromotion>().RunAsync(asked.Id, Who("submitter"))));
        Assert.NotEqual(asked.Id, (await AskAsync(key)).Id);
    }

    [Fact]
    public async Task What_becomes_of_its_lane_changes_no_promotion_that_was_taken_back()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);
        await Get<WithdrawPromotion>().RunAsync(asked.Id, Who("submitter"));
        await using var db = await DbAsync();
        var round = await db.ApprovalRounds.SingleAsync(r => r.TopicId == asked.Id);

        await Get<IReviewTopic>().SettleAsync(db, round, Who("coe-lead"), Clock.GetUtcNow(), default);
        await db.SaveChangesAsync();

        Assert.Single(await ActionsAsync(key), a => a == "PromotionSettled");
    }

    [Fact]
    public async Task A_new_revision_may_be_reviewed_while_the_board_decides_on_a_part()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await AskAsync(key);

        var useCase = await UseCaseAsync(key);
        await Get<SaveDraft>().RunAsync(key, useCase.Draft with { Tone = "Plain." }, useCase.Version, Who("submitter"));
        await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
        await Get<WithdrawProposal>().RunAsync(key, "Not now.", Who("submitter"));

        Assert.Equal(Board, await AskedAsync(asked));
        await DecideAsync(asked, Role.Security, "security");
    }

    [Fact]
    public async Task Nobody_agrees_to_a_promotion_they_asked_for_or_wrote_and_none_is_approved_behind_the_boards_back()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var asked = await Get<RequestPromotion>().RunAsync(key, Prompt, Hash, "", Who("risk"));

        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsync(asked, Role.Risk, "risk")));
        Assert.Equal("board-required", await RuleAsync(() => Get<ApproveVersion>().RunAsync(key, Prompt, Who("risk2"))));
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => AsOwnerAsync($"update promotion set state = 'Approved', closed_at = now() where id = '{asked.Id}'"));
        Assert.Equal("approved_means_the_board_agreed", refused.ConstraintName);
    }

    [Fact]
    public async Task A_use_case_may_be_stricter_than_the_rules_and_never_looser()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        Task<OwnMetric> Set(string metric, decimal? atLeast, decimal? atMost = null) => Get<SetGateMetric>().RunAsync(key, "golden-set", metric, atLeast, atMost, "Letters are read by courts.", Who("risk"));

        Assert.Equal("looser-than-the-rules", await RuleAsync(() => Set("accuracy", 0.8m)));
        Assert.Equal("limit-required", await RuleAsync(() => Set("citations", 0.8m, 0.9m)));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<SetGateMetric>().RunAsync(key, "golden-set", "accuracy", 0.99m, null, "x", Who("submitter"))));
        await Set("citations", 0.9m);
        Assert.Contains("citations", (await HeldAsync(key)).Message, StringComparison.Ordinal);
        await PushAsync(key, Result("build-2", figures: [("accuracy", 0.95m), ("hallucination-rate", 0.01m), ("citations", 0.97m)]));
        await AskAsync(key);
        Assert.Contains("GateMetricSet", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_high_finding_holds_the_gate_until_somebody_else_tried_again()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await PushAsync(key, Result());
        var finding = await FindAsync(key, Severity.High);

        Assert.Equal("gate-open-finding", (await HeldAsync(key)).Rule);
        Assert.Equal(new DateOnly(2026, 12, 7), finding.DueOn);
        await Get<FollowFinding>().FixAsync(finding.Key, "Mended.", Who("coe-lead"));
        Assert.Equal("gate-open-finding", (await HeldAsync(key)).Rule);
        Assert.Equal("second-person-required", await RuleAsync(() => Get<FollowFinding>().RetestAsync(finding.Key, true, "Works.", Who("coe-lead"))));
        await Get<FollowFinding>().RetestAsync(finding.Key, true, "Fifty tries.", Who("security2"));
        await AskAsync(key);
        Assert.Equal(["RedTeamFindingReported", "RedTeamFindingFixed", "RedTeamFindingRetested"], (await ActionsAsync(key)).Where(a => a.StartsWith("RedTeam", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Risk_lives_with_a_finding_until_a_day_and_a_medium_one_holds_only_once_overdue()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var high = await FindAsync(key, Severity.High);
        await FindAsync(key, Severity.Medium);
        await PushAsync(key, Result());

        Assert.Equal("not-your-function", await RuleAsync(() => Get<FollowFinding>().AcceptAsync(high.Key, new(2026, 12, 20), "Ok.", Who("legal"))));
        Assert.Equal("until-unusable", await RuleAsync(() => Get<FollowFinding>().AcceptAsync(high.Key, new(2027, 12, 20), "Ok.", Who("risk"))));
        await Get<FollowFinding>().AcceptAsync(high.Key, new(2026, 12, 20), "Only staff can reach it.", Who("risk"));
        Assert.True((await PushAsync(key, Result())).Check.Passes);
        Clock.Advance(TimeSpan.FromDays(29));
        await PushAsync(key, Result("build-2", daysAgo: -29));
        Assert.Contains(high.Key, (await HeldAsync(key)).Message, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromDays(3));
        Assert.Contains("medium", (await HeldAsync(key)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_read_a_use_case_reads_neither_its_gate_nor_its_findings()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var finding = await FindAsync(key, Severity.Low);

        await Assert.ThrowsAsync<NotFoundException>(() => Get<GateBoard>().OfAsync(key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<GateBoard>().FindingAsync(finding.Key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<FollowFinding>().FixAsync(finding.Key, "x", Who("submitter2")));
        Assert.Equal(0, (await Get<GateBoard>().FindingsAsync(new(), Who("submitter2"))).Total);
        await Assert.ThrowsAsync<NotFoundException>(() => Get<GateBoard>().OfAsync(key, "UC-9999"));
    }

    private Task<RecordedResult> PushAsync(string key, ReportedResult result) => Get<RecordGateResult>().RunAsync(key, result, null, "ci");

    private Task<Promotion> AskAsync(string key) => Get<RequestPromotion>().RunAsync(key, Prompt, Hash, "Shorter letters.", null, "ci");

    private async Task DecideAsync(Promotion promotion, Role function, string persona, DecisionKind kind = DecisionKind.Approve, string comment = "", string? hash = null) =>
        await DecideAsync((await OpenTaskAsync(promotion.UseCaseKey, function))!, persona, kind, comment, hash);

    private async Task<List<Role>> AskedAsync(Promotion promotion)
    {
        var (row, _) = await Get<GateBoard>().PromotionAsync(promotion.Id, Who("auditor"));
        return [.. row.OpenTasks.Select(t => t.Function).Order()];
    }

    private async Task<PromotionState> StateAsync(Promotion promotion) => (await Get<GateBoard>().PromotionAsync(promotion.Id, Who("auditor"))).Row.Promotion.State;

    private Task<GateNotPassedException> HeldAsync(string key) => Assert.ThrowsAsync<GateNotPassedException>(() => AskAsync(key));

    private Task<RedTeamFinding> FindAsync(string key, Severity severity) => Get<FollowFinding>().ReportAsync(
        key, new FindingDraft("Follows hidden instructions", "", severity, OwaspRisk.PromptInjection, Who("coe-lead").Id, null), Who("security"));
}
