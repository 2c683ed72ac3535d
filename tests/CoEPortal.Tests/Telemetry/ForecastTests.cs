using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Telemetry;

/// <summary>When budgets run out and what has drifted: said only with enough behind it.</summary>
public sealed class ForecastTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    [Fact]
    public void A_budget_runs_out_at_the_mean_of_two_weeks_and_the_range_is_the_cheapest_and_the_dearest_week()
    {
        decimal[] costs = [.. Enumerable.Repeat(1m, 14), .. Enumerable.Repeat(2m, 7), .. Enumerable.Repeat(4m, 7)];

        var forecast = BudgetForecast.Of(costs, 12, Today, new DateOnly(2026, 11, 30))!;

        Assert.Equal((3m, 1m, 4m), (forecast.PerDay, forecast.LowestPerDay, forecast.HighestPerDay));
        Assert.Equal((new DateOnly(2026, 11, 24), new DateOnly(2026, 11, 23), (DateOnly?)null), (forecast.RunsOutOn!.Value, forecast.EarliestOn!.Value, forecast.LatestOn));
    }

    [Theory]
    [InlineData(13, 1)]
    [InlineData(28, 0)]
    public void With_less_than_two_weeks_or_no_spend_nothing_is_forecast(int days, int cost) =>
        Assert.Null(BudgetForecast.Of([.. Enumerable.Repeat((decimal)cost, days)], 10, Today, null));

    [Fact]
    public void A_budget_that_is_used_up_ran_out_today_and_one_for_years_has_no_date()
    {
        decimal[] costs = [.. Enumerable.Repeat(1m, 28)];

        Assert.Equal(Today, BudgetForecast.Of(costs, 0, Today, null)!.RunsOutOn);
        Assert.Null(BudgetForecast.Of(costs, 1_000_000, Today, null)!.RunsOutOn);
    }

    [Fact]
    public async Task A_burn_down_shows_what_is_enforced_to_those_who_may_read_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with { KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Limit = 100 }] });
        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 30).Select(day => Call($"c{day}", Clock.GetUtcNow().AddDays(-day)) with { ReportedCost = 2 })], key);
        await Get<TightenCriterion>().RunAsync(key, 1, 60, "Less.", Who("coe-lead"));

        var burn = Assert.Single(await Get<BudgetBurns>().ForAsync(Who("coe-lead")));

        Assert.Equal((60m, 46m, 14m), (burn.Criterion.Limit, burn.Spent, burn.Left));
        Assert.Equal((new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), 23), (burn.StartsOn, burn.EndsOn!.Value, burn.Days.Count));
        Assert.Equal((2m, new DateOnly(2026, 11, 30)), (burn.Forecast!.PerDay, burn.Forecast.RunsOutOn!.Value));
        Assert.Empty(await Get<BudgetBurns>().ForAsync(Who("submitter2")));
    }

    [Fact]
    public void A_figure_has_drifted_only_when_it_lies_outside_every_day_before()
    {
        var before = Enumerable.Range(0, 10).Select(day => Sum(100, failed: day)).ToList();

        Assert.Equal(DriftVerdict.Higher, Drift.Of(DriftFigure.FailedShare, before, [Sum(100, failed: 10)]).Verdict);
        Assert.Equal(DriftVerdict.AsBefore, Drift.Of(DriftFigure.FailedShare, before, [Sum(100, failed: 9)]).Verdict);
        var cheaper = Drift.Of(DriftFigure.CostPerCall, [.. before.Select(s => s with { Cost = 50 })], [Sum(200) with { Cost = 80 }]);
        Assert.Equal((DriftVerdict.Lower, 0.5m, 0.4m, 1000L, 200L), (cheaper.Verdict, cheaper.Before, cheaper.Now, cheaper.SampleBefore, cheaper.SampleNow));
    }

    [Fact]
    public void With_few_calls_or_few_days_no_drift_is_claimed()
    {
        var before = Enumerable.Range(0, 10).Select(_ => Sum(100)).ToList();

        Assert.Equal(DriftVerdict.TooLittle, Drift.Of(DriftFigure.FailedShare, before, [Sum(99, failed: 99)]).Verdict);
        Assert.Equal(DriftVerdict.TooLittle, Drift.Of(DriftFigure.FailedShare, [.. before.Take(4)], [Sum(100, failed: 100)]).Verdict);
        Assert.Equal(DriftVerdict.TooLittle, Drift.Of(DriftFigure.LatencyP95, before, [Sum(100)]).Verdict);
    }

    [Fact]
    public async Task Topics_are_counted_once_for_each_call_and_a_question_is_no_topic()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var (now, before) = (Clock.GetUtcNow(), Clock.GetUtcNow().AddDays(-40));
        // The client says what it is about, the gateway tells of the same call.
        var client = Call("client", now) with { Topic = "Tariffs", ResponseId = "chatcmpl-1" };
        var gateway = Call("gateway", now) with { Account = Account.GatewayPayload, ResponseId = "chatcmpl-1" };
        await Get<RecordCalls>().RunAsync([gateway], key, "litellm");
        await Get<RecordCalls>().RunAsync([client], key);
        await Get<RecordCalls>().RunAsync([Call("q", now) with { Topic = "Why was my claim of 3 May refused?" }, Call("old", before) with { Topic = "storm" }], key);

        var mix = await Get<TopicMixes>().OfAsync(key, 30, Who("auditor"));

        Assert.Equal([("storm", 1L, 0L), ("tariffs", 0L, 1L)], mix.Topics.Select(t => (t.Topic, t.Before, t.Now)).OrderBy(t => t.Topic, StringComparer.Ordinal));
        Assert.False(mix.IsComparable);
    }

    [Fact]
    public void A_mix_has_moved_by_the_share_that_would_have_to_be_about_something_else() =>
        Assert.Equal(0.25m, new TopicMix([new TopicCount("a", 100, 50), new TopicCount("b", 100, 150)], 200, 200).Moved);

    [Fact]
    public async Task Quality_is_told_in_steps_for_those_who_may_read_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RecordCalls>().RunAsync([Call("a", Clock.GetUtcNow()), Call("b", Clock.GetUtcNow().AddHours(-30)) with { Failed = true }], key);

        Assert.Equal([(1L, 1L), (1L, 0L)], (await Get<QualitySeries>().OfAsync(30, Who("auditor"), key)).Steps.Select(s => (s.Sum.Calls, s.Sum.FailedCalls)));
        Assert.Empty((await Get<QualitySeries>().OfAsync(30, Who("submitter2"), key)).Steps);
        Assert.Equal("period-out-of-range", await RuleAsync(() => Get<QualitySeries>().OfAsync(93, Who("auditor"))));
    }

    private static UsageSum Sum(long calls, long failed = 0) => new("", calls, 0, 0, failed, 0, 0, 0, 0, 0, new LatencyHistogram([]));

    private static ReportedCall Call(string id, DateTimeOffset at) => new()
    {
        Source = "otlp",
        SourceEventId = id,
        StartedAt = at,
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };
}
