using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>What engages by opinions of people, scores of evaluations and alerts; and what a page is told of every criterion.</summary>
public sealed class CriteriaBeyondCallsTests(TestPostgres postgres) : CriteriaTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private static readonly KillCriterion Opinions = new() { Kind = KillCriterionKind.NegativeFeedback, Limit = 30, MinimumSample = 10 };
    private static readonly KillCriterion Score = new() { Kind = KillCriterionKind.EvaluationScore, Limit = 0.9m, MinimumSample = 50 };
    private static readonly KillCriterion Alert = new() { Kind = KillCriterionKind.Alert, AlertName = "AiErrorRateHigh" };

    private int _ids;

    [Fact]
    public async Task Too_much_bad_feedback_stops_it_once_there_is_enough_of_it()
    {
        var key = await InServiceAsync(Opinions);
        await SayAsync(key, 0, bad: 3);
        Assert.False(await IsStoppedAsync(key));
        await SayAsync(key, 60, good: 9);
        Assert.False(await IsStoppedAsync(key));
        await SayAsync(key, 120, bad: 3);

        var engaged = await SwitchAsync(key);
        Assert.Equal("feedback-k2", engaged!.EngagedByName);
        Assert.Contains("40 of 15 opinions until 2026-11-20 14:01 UTC, limit 30", engaged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opinions_older_than_the_window_do_not_count()
    {
        var key = await InServiceAsync(Opinions with { WindowMinutes = 60 });
        await SayAsync(key, 0, bad: 9);
        await SayAsync(key, 60, good: 4, bad: 1);

        Assert.False(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task Feedback_that_a_person_enters_counts_too()
    {
        var key = await InServiceAsync(Opinions with { MinimumSample = 1 });

        await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(false, null, "Wrong tariff.", null), Who("submitter"));

        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task A_score_below_the_agreed_one_stops_it_and_an_older_score_does_not()
    {
        var key = await InServiceAsync(Score);
        await ScoreAsync(key, 60, 0.95m, 100);
        await ScoreAsync(key, 0, 0.5m, 100);
        await ScoreAsync(key, 90, 0.5m, 49);
        Assert.False(await IsStoppedAsync(key));
        await ScoreAsync(key, 120, 0.89m, 50);

        var engaged = await SwitchAsync(key);
        Assert.Equal("evaluation-k2", engaged!.EngagedByName);
        Assert.Contains("golden-set scored 0.89 on 50 examples at 2026-11-20 14:00 UTC, at least 0.9 was agreed", engaged.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_evaluation_told_twice_is_one_and_after_a_release_only_a_score_that_failed_anew_stops()
    {
        var key = await InServiceAsync(Score);
        await ScoreAsync(key, 0, 0.5m, 100, "run-1");
        await ReleaseAsync(key);

        await ScoreAsync(key, 5, 0.4m, 100, "run-1");
        await ScoreAsync(key, 10, 0.5m, 100);
        Assert.False(await IsStoppedAsync(key));
        await ScoreAsync(key, 20, 0.95m, 100);
        await ScoreAsync(key, 30, 0.5m, 100);
        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task An_alert_stops_the_use_case_whose_approved_one_pager_names_it()
    {
        var (named, other) = (await InServiceAsync(Alert), await InServiceAsync());
        await FireAsync(named, "AiLatencyHigh");
        await FireAsync(other, "AiErrorRateHigh", "other");
        Assert.False(await IsStoppedAsync(named) || await IsStoppedAsync(other));
        await FireAsync(named, "AiErrorRateHigh");

        var engaged = await SwitchAsync(named);
        Assert.Equal(("alert-k2", true), (engaged!.EngagedByName, engaged.EngagedByRule));
        Assert.Contains("The alert AiErrorRateHigh fires since 2026-11-20 12:00 UTC: 12 % of calls fail", engaged.Reason, StringComparison.Ordinal);
        Assert.False(await IsStoppedAsync(other));
    }

    [Fact]
    public async Task An_alert_that_still_fires_does_not_stop_again_after_a_release_and_one_that_came_back_does()
    {
        var key = await InServiceAsync(Alert);
        await FireAsync(key, "AiErrorRateHigh", "a");
        await ReleaseAsync(key);
        await FireAsync(key, "AiErrorRateHigh", "a", summary: "15 % of calls fail");
        await FireAsync(key, "AiErrorRateHigh", "b", minute: 1);
        Assert.False(await IsStoppedAsync(key));
        await FireAsync(key, "AiErrorRateHigh", "a", isFiring: false);
        await FireAsync(key, "AiErrorRateHigh", "a", minute: 30);

        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task A_page_is_told_each_figure_its_sample_and_whether_it_is_armed()
    {
        var key = await InServiceAsync(
            new KillCriterion { Kind = KillCriterionKind.ErrorRate, Limit = 50, MinimumSample = 2 }, Opinions, Score, Alert, new KillCriterion { Kind = KillCriterionKind.ApprovalExpiry, Limit = 300 });
        await Get<RecordCalls>().RunAsync([Call("a") with { ReportedCost = 2.5m }, Call("b") with { Failed = true, ReportedCost = 1 }], key);
        await SayAsync(key, 0, good: 3, bad: 1);
        await ScoreAsync(key, 0, 0.97m, 400);

        var figures = await Get<CriteriaInForce>().OfAsync(key, Who("auditor"));

        Assert.Equal([(3.5m, 0L), (50m, 2L), (25m, 4L), (0.97m, 400L), (0m, 0L), (0m, 0L)], figures.Select(f => (f.Now!.Value, f.Now.Sample)));
        Assert.All(figures, f => Assert.True(f is { IsMeasured: true, IsOver: false, PausedUntil: null }));
    }

    [Fact]
    public async Task A_dry_run_of_opinions_scores_and_alerts_finds_what_would_have_stopped_and_how_many_calls()
    {
        var key = await InServiceAsync();
        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 30).Select(i => Call($"c{i}") with { StartedAt = Noon.AddMinutes(i), ReportedCost = 1 })], key);
        await SayAsync(key, 5, bad: 10);
        await SayAsync(key, 15, good: 40);
        await ScoreAsync(key, 10, 0.5m, 100);
        await ScoreAsync(key, 20, 0.95m, 100);
        await FireAsync(key, "AiErrorRateHigh", "a", minute: 20);
        await FireAsync(key, "AiErrorRateHigh", "a", minute: 20, isFiring: false, endedAt: 28);
        async Task<DryRun> TryAsync(KillCriterion criterion) => await Get<DryRunCriteria>().RunAsync(key, criterion, Noon.AddHours(-1), Noon.AddHours(1), Who("risk"));

        var (opinions, score, alert) = (await TryAsync(Opinions), await TryAsync(Score), await TryAsync(Alert));

        Assert.Equal((Noon.AddMinutes(6), Noon.AddMinutes(16), 10L, 10m), StopOf(opinions));
        Assert.Equal((Noon.AddMinutes(10), Noon.AddMinutes(20), 10L, 10m), StopOf(score));
        Assert.Equal((Noon.AddMinutes(20), Noon.AddMinutes(28), 8L, 8m), StopOf(alert));
        Assert.Equal((30L, true, 2), (score.Calls, score.IsMeasured, score.Points.Count));
        Assert.False(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task A_budget_is_run_over_the_whole_of_its_period_also_when_the_past_begins_within_it()
    {
        var key = await InServiceAsync();
        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 10).Select(i => Call($"c{i}") with { StartedAt = Noon.AddDays(-i), ReportedCost = 5 })], key);

        var dry = await Get<DryRunCriteria>().RunAsync(key, Budget with { Limit = 45 }, Noon.AddDays(-2), Noon.AddDays(1), Who("risk"));

        Assert.Equal((Noon.AddDays(-1).AddMinutes(1), 45m), (Assert.Single(dry.Breaches).At, dry.Stops[0].By.Value));
        Assert.Equal(1, dry.Stops[0].Calls);
    }

    [Fact]
    public async Task A_refused_loosening_names_the_approval_that_it_takes_and_every_step_is_kept()
    {
        var key = await InServiceAsync(Score);
        await Get<TightenCriterion>().RunAsync(key, 1, 50, "A bad week.", Who("coe-lead"));
        await Get<TightenCriterion>().RunAsync(key, 1, 40, "A worse week.", Who("risk"));

        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Get<TightenCriterion>().RunAsync(key, 1, 100, "Undo.", Who("coe-lead")));
        Assert.Equal("only-tighter", refusal.Rule);
        Assert.Contains("approved as 100", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("takes a new revision", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("only-tighter", await RuleAsync(() => Get<TightenCriterion>().RunAsync(key, 2, 0.8m, "Lower is looser.", Who("coe-lead"))));
        await Get<TightenCriterion>().RunAsync(key, 2, 0.95m, "Higher is stricter.", Who("coe-lead"));
        Assert.Equal(
            [(2, 0.9m, 0.95m, "Higher is stricter."), (1, 50m, 40m, "A worse week."), (1, 100m, 50m, "A bad week.")],
            (await Get<CriteriaInForce>().StepsAsync(key, Who("auditor"))).Select(s => (s.Criterion, s.Before, s.Limit, s.Reason)));
    }

    [Fact]
    public async Task An_alert_has_no_limit_to_tighten()
    {
        var key = await InServiceAsync(Alert);

        Assert.Equal("no-limit", await RuleAsync(() => Get<TightenCriterion>().RunAsync(key, 2, 0, "Stricter.", Who("coe-lead"))));
    }

    [Fact]
    public async Task An_alert_without_a_name_cannot_be_submitted()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), HelpBotProposal with { KillCriteria = [Budget, Alert with { AlertName = "" }] });

        var refused = await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<Governance.Approvals.SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter")));
        Assert.Contains("killCriteria[1].alertName", refused.Errors.Keys);
    }

    private static (DateTimeOffset, DateTimeOffset?, long, decimal) StopOf(DryRun run)
    {
        var stop = Assert.Single(run.Stops);
        return (stop.By.At, stop.Until, stop.Calls, stop.Cost);
    }

    private static ReportedCall Call(string id) => new()
    {
        Source = "test",
        SourceEventId = id,
        StartedAt = Noon,
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };

    private Task SayAsync(string key, int minute, int good = 0, int bad = 0) => Get<RecordFeedback>().RunAsync(
        [.. Enumerable.Range(0, good + bad).Select(i => new ReportedFeedback($"f{++_ids}", null, FeedbackDraft.Of(i < good, null, "", null), Noon.AddMinutes(minute)))], key, "test");

    private Task ScoreAsync(string key, int minute, decimal score, long examples, string? id = null) => Get<RecordEvaluations>().RunAsync(
        [new ReportedEvaluation(id ?? $"e{++_ids}", null, "golden-set", score, examples, Noon.AddMinutes(minute))], key, "ci");

    private Task FireAsync(string key, string name, string fingerprint = "f", int minute = 0, bool isFiring = true, string summary = "12 % of calls fail", int? endedAt = null) =>
        Get<RecordSignals>().RunAsync(
            [
                new ReportedSignal
                {
                    Source = "alertmanager",
                    Fingerprint = name + fingerprint,
                    Name = name,
                    IsFiring = isFiring,
                    Summary = summary,
                    StartedAt = Noon.AddMinutes(minute),
                    EndedAt = isFiring ? null : Noon.AddMinutes(endedAt ?? minute + 10),
                    Labels = [],
                },
            ], key);
}
