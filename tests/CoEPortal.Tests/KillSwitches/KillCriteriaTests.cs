using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

public sealed class KillCriteriaTests(TestPostgres postgres) : CriteriaTest(postgres)
{
    private static readonly KillCriterion Errors = new() { Kind = KillCriterionKind.ErrorRate, Limit = 10, MinimumSample = 20, WindowMinutes = 10, CooldownMinutes = 60 };

    private int _calls;

    [Fact]
    public async Task Too_many_errors_stop_it_and_the_reason_says_the_figures()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, ok: 18, failed: 2);
        Assert.False(await IsStoppedAsync(key));
        await ReportAsync(key, 3, failed: 1);

        Assert.True(await IsStoppedAsync(key));
        var engaged = await SwitchAsync(key);
        Assert.Equal(("error-rate-k2", true), (engaged!.EngagedByName, engaged.EngagedByRule));
        Assert.Contains("14.285714 of 21 calls until 2026-11-20 12:04 UTC, limit 10", engaged.Reason, StringComparison.Ordinal);
        Assert.Equal("kill_error_rate", Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), new VerdictRequest(key, null, null, null, null, null), TimeSpan.Zero).Reason);
    }

    [Fact]
    public async Task One_failure_of_two_calls_stops_nothing()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, ok: 1, failed: 1);

        Assert.False(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task What_lies_outside_the_window_does_not_count()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, failed: 15);
        await ReportAsync(key, 10, ok: 30);

        Assert.False(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task Late_calls_count_in_the_window_in_which_they_were_made()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, ok: 17, failed: 2);
        await ReportAsync(key, 30, ok: 100);
        await ReportAsync(key, 1, failed: 2);

        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task After_a_release_it_engages_again_only_when_it_was_well_below_and_the_pause_is_over()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, ok: 10, failed: 10);
        await ReleaseAsync(key);

        await ReportAsync(key, 20, ok: 10, failed: 10);
        Assert.False(await IsStoppedAsync(key));
        await ReportAsync(key, 40, ok: 100);
        await ReportAsync(key, 55, ok: 10, failed: 10);
        Assert.False(await IsStoppedAsync(key));
        await ReportAsync(key, 62, ok: 1, failed: 10);
        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task Batches_at_once_that_are_each_too_small_are_judged_together()
    {
        var key = await InServiceAsync(Errors);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ReportAsync(key, i, ok: 4, failed: 3)));

        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task In_whatever_order_batches_arrive_a_limit_that_was_passed_stops()
    {
        var key = await InServiceAsync(Errors);

        foreach (var minute in new[] { 3, 2, 1, 0 })
        {
            await ReportAsync(key, minute, ok: 4, failed: 3);
        }

        Assert.True(await IsStoppedAsync(key));
    }

    [Theory]
    [InlineData(KillCriterionKind.CostPerCall, 0.5)]
    [InlineData(KillCriterionKind.Latency, 2000)]
    [InlineData(KillCriterionKind.Unmetered, 20)]
    [InlineData(KillCriterionKind.GuardrailRate, 20)]
    public async Task Cost_latency_missing_usage_and_guardrails_are_judged_too(KillCriterionKind kind, double limit)
    {
        var key = await InServiceAsync(Errors with { Kind = kind, Limit = (decimal)limit });
        ReportedCall Bad(ReportedCall call) => kind switch
        {
            KillCriterionKind.CostPerCall => call with { ReportedCost = 0.6m },
            KillCriterionKind.Latency => call with { Duration = TimeSpan.FromSeconds(3) },
            KillCriterionKind.GuardrailRate => call with { Guardrail = GuardrailOutcome.Intervened },
            _ => call with { InputTokens = null, OutputTokens = null },
        };

        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 30).Select(_ => Call(0))], key);
        Assert.False(await IsStoppedAsync(key));
        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 200).Select(_ => Bad(Call(1)))], key);
        Assert.True(await IsStoppedAsync(key));
    }

    /// <summary>Ten calls of 0.2 cents are 2 cents for a task, however cheap each of them is.</summary>
    [Fact]
    public async Task What_a_task_costs_is_the_sum_of_its_trace_however_many_batches_tell_of_it()
    {
        var criterion = Errors with { Kind = KillCriterionKind.CostPerTask, Limit = 0.015m, MinimumSample = 5 };
        var key = await InServiceAsync(criterion);
        ReportedCall InTask(int task, int minute) => Call(minute) with { TraceId = $"{task:x32}", ReportedCost = 0.002m };

        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 200).Select(_ => Call(0) with { ReportedCost = 0.09m })], key);
        await Get<RecordCalls>().RunAsync([.. Enumerable.Range(0, 4).SelectMany(t => Enumerable.Range(0, 10).Select(_ => InTask(t, 1)))], key);
        Assert.False(await IsStoppedAsync(key));
        for (var batch = 0; batch < 9; batch++)
        {
            await Get<RecordCalls>().RunAsync([InTask(4, 2 + batch)], key);
        }

        Assert.True(await IsStoppedAsync(key));
        Assert.Equal((0.0196m, 5L), await TaskCostAsync(key));
        var dry = await Get<DryRunCriteria>().RunAsync(key, criterion, Noon, Noon.AddHours(1), Who("risk"));
        Assert.Equal([Noon.AddMinutes(3)], dry.Breaches.Select(b => b.At));
    }

    [Fact]
    public async Task A_call_of_a_task_that_two_senders_tell_of_makes_neither_a_second_task_nor_a_second_cost()
    {
        var key = await InServiceAsync(Errors with { Kind = KillCriterionKind.CostPerTask, Limit = 0.015m, MinimumSample = 1 });
        var call = Call(0) with { TraceId = new string('a', 32), ResponseId = "chatcmpl-1", ReportedCost = 0.01m };

        await Get<RecordCalls>().RunAsync([call], key);
        await Get<RecordCalls>().RunAsync([call with { SourceEventId = "gateway-1", Account = Account.GatewayPayload, ReportedCost = 0.012m }], key);
        await Get<RecordCalls>().RunAsync([call], key);

        Assert.False(await IsStoppedAsync(key));
        Assert.Equal((0.012m, 1L), await TaskCostAsync(key));
    }

    [Fact]
    public async Task Two_batches_of_one_task_at_once_begin_it_once()
    {
        var key = await InServiceAsync(Errors with { Kind = KillCriterionKind.CostPerTask, Limit = 100, MinimumSample = 1 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Get<RecordCalls>().RunAsync([Call(0) with { TraceId = new string('a', 32), ReportedCost = 0.005m }], key)));

        Assert.Equal((0.04m, 1L), await TaskCostAsync(key));
    }

    [Fact]
    public async Task A_dry_run_says_when_it_would_have_engaged_and_engages_nothing()
    {
        var key = await InServiceAsync();
        await ReportAsync(key, 0, ok: 10, failed: 10);
        await ReportAsync(key, 40, ok: 100);
        await ReportAsync(key, 120, ok: 10, failed: 10);

        var dry = await Get<DryRunCriteria>().RunAsync(key, Errors, Noon.AddHours(-1), Noon.AddHours(3), Who("risk"));
        Assert.Equal((140, true), (dry.Calls, dry.IsMeasured));
        Assert.Equal([Noon.AddMinutes(1), Noon.AddMinutes(121)], dry.Breaches.Select(b => b.At));
        Assert.False(await IsStoppedAsync(key));
        Assert.False((await Get<DryRunCriteria>().RunAsync(key, Errors with { Kind = KillCriterionKind.Feedback }, Noon, Noon.AddHours(1), Who("risk"))).IsMeasured);
        var cheap = Budget with { Limit = 0.001m };
        Assert.Single((await Get<DryRunCriteria>().RunAsync(key, cheap, Noon.AddHours(-1), Noon.AddHours(3), Who("risk"))).Breaches);
    }

    [Fact]
    public async Task A_dry_run_finds_what_ingest_found()
    {
        var key = await InServiceAsync(Errors);
        await ReportAsync(key, 0, ok: 18, failed: 2);
        await ReportAsync(key, 3, ok: 0, failed: 1);

        var dry = await Get<DryRunCriteria>().RunAsync(key, Errors, Noon, Noon.AddHours(1), Who("risk"));
        var live = (await Get<CriteriaInForce>().OfAsync(key, Who("risk"))).Single(c => c.Criterion.Number == 2);
        Assert.Equal(live.EngagedAt, Assert.Single(dry.Breaches).At);
    }

    [Fact]
    public async Task An_operator_makes_a_limit_stricter_and_never_looser()
    {
        var key = await InServiceAsync(Errors);
        Task TightenAsync(decimal limit, string who = "security") => Get<TightenCriterion>().RunAsync(key, 2, limit, "A bad week.", Who(who));

        Assert.Equal("only-tighter", await RuleAsync(() => TightenAsync(11)));
        await TightenAsync(5);
        Assert.Equal("only-tighter", await RuleAsync(() => TightenAsync(8)));
        Assert.Equal("not-permitted", await RuleAsync(() => TightenAsync(4, "auditor")));
        Assert.Contains("KillCriterionTightened", await ActionsAsync(key));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update criterion_tightening set \"limit\" = 8"));

        await ReportAsync(key, 0, ok: 18, failed: 2);
        Assert.True(await IsStoppedAsync(key));
    }

    [Fact]
    public async Task An_approval_that_promised_an_end_is_stopped_there_once()
    {
        var key = await InServiceAsync(new KillCriterion { Kind = KillCriterionKind.ApprovalExpiry, Limit = 30 });
        Clock.Advance(TimeSpan.FromDays(29));
        Assert.Empty(await Get<SweepExpiredApprovals>().RunAsync());
        Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal([key], await Get<SweepExpiredApprovals>().RunAsync());
        Assert.True(await IsStoppedAsync(key));
        await ReleaseAsync(key);
        Assert.Empty(await Get<SweepExpiredApprovals>().RunAsync());
    }

    [Fact]
    public async Task What_the_portal_does_not_measure_is_shown_as_that_and_not_left_out()
    {
        var key = await InServiceAsync(Errors, new KillCriterion { Kind = KillCriterionKind.Feedback, Limit = 5 });

        Assert.Equal([true, true, false], (await Get<CriteriaInForce>().OfAsync(key, Who("risk"))).Select(c => c.IsMeasured));
    }

    [Fact]
    public void A_latency_is_judged_within_five_per_cent()
    {
        foreach (var milliseconds in new[] { 1.5, 40, 999, 12_345.6, 600_000 })
        {
            var figures = WindowFigures.None with { Latency = new Dictionary<int, long> { [LatencyHistogram.BucketOf(TimeSpan.FromMilliseconds(milliseconds))] = 7 } };

            var (found, sample) = figures.Of(KillCriterionKind.Latency);

            Assert.InRange((double)found / milliseconds, 0.95, 1.05);
            Assert.Equal(7, sample);
        }
    }

    private ReportedCall Call(int minute) => new()
    {
        Source = "test",
        SourceEventId = $"c{Interlocked.Increment(ref _calls)}",
        StartedAt = Noon.AddMinutes(minute),
        Duration = TimeSpan.FromMilliseconds(300),
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };

    private async Task<(decimal, long)> TaskCostAsync(string key) =>
        (await Get<CriteriaInForce>().OfAsync(key, Who("risk"))).Single(c => c.Criterion.Criterion.Kind is KillCriterionKind.CostPerTask).Now is { } now ? (now.Value, now.Sample) : default;

    private Task ReportAsync(string key, int minute, int ok = 0, int failed = 0) => Get<RecordCalls>().RunAsync(
        [.. Enumerable.Range(0, ok).Select(_ => Call(minute)), .. Enumerable.Range(0, failed).Select(_ => Call(minute) with { Failed = true })], key);
}
