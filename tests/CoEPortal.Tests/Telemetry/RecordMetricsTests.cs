using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Telemetry;

public sealed class RecordMetricsTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Tokens = Guid.Parse("00000000-0000-0000-0000-000000000001");

    [Fact]
    public async Task A_running_total_that_is_sent_again_counts_nothing_and_one_that_grew_only_its_growth()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Point(0, 1, sum: 100));
        await RecordAsync(key, Point(0, 1, sum: 100));
        await RecordAsync(key, Point(0, 2, sum: 130), Point(0, 1, sum: 100));

        Assert.Equal(130, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task A_total_that_starts_anew_counts_from_zero_whether_it_says_so_or_only_falls()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Point(0, 1, sum: 100));
        await RecordAsync(key, Point(5, 6, sum: 40));
        await RecordAsync(key, Point(5, 7, sum: 10));

        Assert.Equal(150, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task Points_that_tell_only_what_is_new_are_added_up_each_once()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var points = Enumerable.Range(0, 5).Select(i => Point(i, i + 1, sum: 10) with { IsCumulative = false }).ToArray();
        await RecordAsync(key, points);
        await RecordAsync(key, [.. points.Reverse()]);

        Assert.Equal(50, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task The_same_points_from_four_senders_at_once_count_once()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var points = Enumerable.Range(0, 40).Select(i => Point(0, 1, sum: 10) with { Series = Guid.CreateVersion7(Noon) }).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => RecordAsync(key, i % 2 == 0 ? points : [.. points.Reverse()])));

        Assert.Equal(400, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task Where_the_service_tells_of_its_calls_metrics_are_kept_and_not_counted()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RecordCalls>().RunAsync([Call], key, "sdk");

        var recorded = await RecordAsync(key, Point(0, 1, sum: 100));

        Assert.Equal((0, 1), (recorded.Counted, recorded.CrossChecks));
        Assert.Equal(100, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task Where_a_gateway_tells_of_the_use_cases_calls_the_metrics_of_its_clients_are_not_counted()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<RecordCalls>().RunAsync([Call with { Account = Account.GatewaySpan, Service = "litellm" }], key, "litellm-eu");

        Assert.Equal((0, 1), await SplitAsync(RecordAsync(key, Point(0, 1, sum: 100))));
    }

    [Fact]
    public async Task A_call_that_is_told_of_late_takes_back_the_metrics_that_were_counted_for_it()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with
        {
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 100 }],
        });
        await RecordAsync(key, Point(-60, -55, sum: 7) with { Series = Guid.CreateVersion7(Noon) }, Point(0, 1, sum: 100));
        Assert.Equal(107, (await UsageAsync(key)).InputTokens);

        await Get<RecordCalls>().RunAsync([Call], key, "sdk");

        // what was measured before its first call stays
        var usage = await UsageAsync(key);
        Assert.Equal((1, 107), (usage.Calls, usage.InputTokens));
        await using var db = await DbAsync();
        Assert.Equal(usage.Cost, await db.Database.SqlQueryRaw<decimal>("select cost as \"Value\" from telemetry.spend").SingleAsync());
    }

    [Fact]
    public async Task Calls_and_metrics_that_arrive_at_once_count_once()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var rounds = Enumerable.Range(0, 20).Select(i => $"service-{i}").ToList();

        await Task.WhenAll(rounds.SelectMany(service => new Task[]
        {
            Get<RecordCalls>().RunAsync([Call with { Service = service, SourceEventId = service }], key, "sdk"),
            RecordAsync(key, Point(0, 1, sum: 100) with { Series = Guid.CreateVersion7(Noon), Of = Call with { Service = service } }),
        }));

        Assert.Equal(20 * 100, (await UsageAsync(key)).InputTokens);
    }

    [Fact]
    public async Task Tokens_are_priced_unless_the_service_reports_its_cost()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Point(0, 1, sum: 1000));
        Assert.Equal(1000 * 0.00000015m, (await UsageAsync(key)).Cost);

        await RecordAsync(key, Point(0, 2, sum: 3000), Point(0, 2, sum: 0.25m) with { Series = Guid.CreateVersion7(Noon), Measure = Measure.Cost });
        Assert.Equal(1000 * 0.00000015m + 0.25m, (await UsageAsync(key)).Cost);
    }

    [Theory]
    [InlineData(Measure.Calls, "a-model-without-a-price", 3)]
    [InlineData(Measure.FailedCalls, "a-model-without-a-price", 3)]
    [InlineData(Measure.Calls, "gpt-4o-mini", 0)]
    public async Task Calls_of_a_model_without_a_price_are_of_unknown_cost_not_free(Measure measure, string model, long unpriced)
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);

        await RecordAsync(key, CallsOf(model, 3) with { Measure = measure });

        var usage = await UsageAsync(key);
        Assert.Equal((3, unpriced), (usage.Calls, usage.UnpricedCalls));
    }

    [Fact]
    public async Task Calls_of_a_service_that_reports_its_cost_are_priced_whatever_the_model()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var calls = CallsOf("a-model-without-a-price", 3);

        await RecordAsync(key, calls, calls with { Series = Guid.CreateVersion7(Noon), Measure = Measure.Cost, Sum = 0.5m });

        var usage = await UsageAsync(key);
        Assert.Equal((3, 0, 0.5m), (usage.Calls, usage.UnpricedCalls, usage.Cost));
    }

    [Fact]
    public async Task Calls_of_unknown_cost_that_are_taken_back_leave_no_unpriced_call_behind()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, CallsOf("a-model-without-a-price", 2));
        await RecordAsync(key, CallsOf("a-model-without-a-price", 5) with { TimeNanos = Nanos(1) + 1_000_000 });
        Assert.Equal(5, (await UsageAsync(key)).UnpricedCalls);

        await Get<RecordCalls>().RunAsync([Call], key, "sdk");

        var usage = await UsageAsync(key);
        Assert.Equal((1, 0), (usage.Calls, usage.UnpricedCalls));
    }

    [Fact]
    public async Task Metrics_reach_a_budget_too()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with
        {
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 1 }],
        });

        await RecordAsync(key, Point(0, 2, sum: 1.5m) with { Measure = Measure.Cost });

        await using var db = await DbAsync();
        Assert.True((await db.KillSwitches.SingleAsync(s => s.Scope == SwitchScope.UseCase && s.Target == key)).IsEngaged);
    }

    private static ReportedCall Call => new()
    {
        Source = "otlp",
        SourceEventId = "a",
        Service = "claims-bot",
        StartedAt = Noon,
        Operation = "chat",
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 0,
    };

    /// <summary>Input tokens of the claims bot, in minutes after noon.</summary>
    private static MetricPoint Point(int start, int end, decimal sum) => new()
    {
        Series = Tokens,
        StartNanos = Nanos(start),
        TimeNanos = Nanos(end),
        IsCumulative = true,
        Measure = Measure.InputTokens,
        Count = 1,
        Sum = sum,
        Of = Call,
    };

    private static MetricPoint CallsOf(string model, long count) =>
        Point(0, 1, sum: count) with { Count = count, Measure = Measure.Calls, Of = Call with { RequestModel = model } };

    private static long Nanos(int minutes) => (Noon.AddMinutes(minutes) - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static async Task<(int, int)> SplitAsync(Task<RecordedMetrics> recorded) => ((await recorded).Counted, (await recorded).CrossChecks);

    private Task<RecordedMetrics> RecordAsync(string key, params MetricPoint[] points) => Get<RecordMetrics>().RunAsync(points, key, "sdk");

    private Task<Usage> UsageAsync(string key) => Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));
}
