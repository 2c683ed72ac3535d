using System.Globalization;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Telemetry;

public sealed class RecordCallsTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_call_that_is_reported_twice_is_counted_once()
    {
        var key = await InServiceAsync();
        var batch = new[] { Call("a"), Call("b"), Call("a") };

        Assert.Equal(2, (await RecordAsync(key, batch)).Stored);
        Assert.Equal(0, (await RecordAsync(key, batch)).Stored);

        var usage = await UsageAsync(key);
        Assert.Equal((2, 200, 20), (usage.Calls, usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task The_same_batch_from_two_senders_at_once_is_counted_once()
    {
        var key = await InServiceAsync();
        var batch = Enumerable.Range(0, 500).Select(i => Call($"c{i}")).ToList();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => RecordAsync(key, i % 2 == 0 ? batch : [.. batch.AsEnumerable().Reverse()])));

        Assert.Equal(500, (await UsageAsync(key)).Calls);
    }

    [Fact]
    public async Task A_call_without_usage_is_unmetered_and_its_cost_unknown_never_zero()
    {
        var key = await InServiceAsync();
        await RecordAsync(key, [Call("a") with { InputTokens = null, OutputTokens = null }, Call("b") with { RequestModel = "nobody-knows-it" }]);

        var usage = await UsageAsync(key);
        Assert.Equal((2, 1, 2, 0m), (usage.Calls, usage.UnmeteredCalls, usage.UnpricedCalls, usage.Cost));
    }

    [Fact]
    public async Task Reported_cost_wins_over_the_price_book_and_keeps_its_origin()
    {
        var key = await InServiceAsync();
        await RecordAsync(key, [Call("a") with { ReportedCost = 0.1234567890125m }]);

        await using var db = await DbAsync();
        var origin = await db.Database.SqlQuery<string>($"select cost_origin as \"Value\" from telemetry.call").SingleAsync();
        Assert.Equal("reported", origin);
        Assert.Equal(0.123456789012m, (await UsageAsync(key)).Cost);
    }

    [Theory]
    [InlineData("gpt-4o-mini", null)]
    [InlineData("gpt-4o-mini-2024-07-18", null)]
    [InlineData("gpt-4o-mini-2026", null)]
    [InlineData("nobody", "gpt-4o-mini")]
    public void A_price_is_found_by_response_model_request_model_and_without_the_date(string responseModel, string? requestModel)
    {
        var cost = Get<PriceBooks>().CostOf(Call("a") with { ResponseModel = responseModel, RequestModel = requestModel });

        Assert.Equal((100 * 0.00000015m + 10 * 0.0000006m, "priced@2026-07"), (cost.Dollars, cost.Origin));
    }

    [Fact]
    public async Task A_call_that_names_no_known_use_case_is_kept_and_belongs_to_nobody()
    {
        var recorded = await Get<RecordCalls>().RunAsync([Call("a") with { ClaimedUseCase = "UC-7777" }], null);

        Assert.Equal((1, 1), (recorded.Stored, recorded.Unattributed));
    }

    [Fact]
    public async Task The_token_decides_whose_call_it_is_not_what_the_call_claims()
    {
        var key = await InServiceAsync();
        await RecordAsync(key, [Call("a") with { ClaimedUseCase = "UC-7777" }]);

        Assert.Equal(1, (await UsageAsync(key)).Calls);
    }

    [Fact]
    public async Task The_budget_engages_the_switch_with_the_call_that_reached_it_and_only_once()
    {
        var key = await InServiceAsync(new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 1 });
        // 40 cents each, out of order in the batch: by event time the third reaches a dollar.
        var calls = new[] { 3, 1, 4, 2 }.Select(i => Call($"c{i}") with { StartedAt = Noon.AddMinutes(i), ReportedCost = 0.4m });

        await RecordAsync(key, [.. calls]);

        var killSwitch = await SwitchAsync(key);
        Assert.True(killSwitch!.IsEngaged);
        Assert.Contains("$1.20 spent, limit $1.00, reached by the call of 2026-11-20 12:03:00", killSwitch.Reason, StringComparison.Ordinal);
        Assert.Equal((true, "budget-k1"), (killSwitch.EngagedByRule, killSwitch.EngagedByName));

        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Seen.", Who("risk"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Agreed.", Who("coe-lead"));
        await RecordAsync(key, [Call("late") with { ReportedCost = 5m }]);
        Assert.False((await SwitchAsync(key))!.IsEngaged);
    }

    [Fact]
    public async Task A_budget_of_a_month_follows_the_organisations_calendar_and_event_time()
    {
        var key = await InServiceAsync(new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Month, Limit = 1 });
        // Berlin is an hour ahead: 23:30 UTC on 31 October is November there.
        await RecordAsync(key, [
            Call("october") with { StartedAt = new DateTimeOffset(2026, 10, 31, 22, 30, 0, TimeSpan.Zero), ReportedCost = 0.6m },
            Call("november") with { StartedAt = new DateTimeOffset(2026, 10, 31, 23, 30, 0, TimeSpan.Zero), ReportedCost = 0.6m },
        ]);
        Assert.Null(await SwitchAsync(key));

        await RecordAsync(key, [Call("late october") with { StartedAt = new DateTimeOffset(2026, 10, 1, 8, 0, 0, TimeSpan.Zero), ReportedCost = 0.5m }]);
        Assert.True((await SwitchAsync(key))!.IsEngaged);
    }

    [Fact]
    public async Task Spend_below_the_budget_engages_nothing_and_an_unapproved_budget_watches_nothing()
    {
        var key = await InServiceAsync(new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 1 });
        await RecordAsync(key, [Call("a") with { ReportedCost = 0.999999999999m }]);
        Assert.Null(await SwitchAsync(key));

        await GivenASubmittedAsync(ClaimsProposal);
        await RecordAsync("UC-0002", [Call("b") with { ReportedCost = 100_000m }]);
        Assert.Null(await SwitchAsync("UC-0002"));
    }

    [Fact]
    public async Task Totals_are_the_sum_of_the_calls_however_they_are_cut_into_batches_and_repeated()
    {
        var key = await InServiceAsync();
        var expected = (Calls: 0L, Input: 0L, Cost: 0m);
        var samples = ArbMap.Default.GeneratorFor<(PositiveInt Size, NonNegativeInt[] Tokens)>().Sample(25);
        foreach (var (sample, number) in samples.Select((s, i) => (s, i)))
        {
            var calls = sample.Tokens.Select((t, i) => Call($"{number}-{i}") with { InputTokens = t.Get, OutputTokens = t.Get / 2 }).ToList();
            foreach (var batch in calls.Chunk(sample.Size.Get).Concat(calls.Chunk(sample.Size.Get + 1)))
            {
                await RecordAsync(key, batch);
            }

            expected = (
                expected.Calls + calls.Count, expected.Input + calls.Sum(c => c.InputTokens!.Value),
                expected.Cost + calls.Sum(c => Get<PriceBooks>().CostOf(c).Dollars!.Value));
            var usage = await UsageAsync(key);
            Assert.Equal(expected, (usage.Calls, usage.InputTokens, usage.Cost));
        }
    }

    private static ReportedCall Call(string id) => new()
    {
        Source = "test",
        SourceEventId = id,
        StartedAt = Noon,
        Provider = "openai",
        Operation = "chat",
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };

    private Task<RecordedBatch> RecordAsync(string key, IReadOnlyCollection<ReportedCall> calls) => Get<RecordCalls>().RunAsync(calls, key);

    private Task<Usage> UsageAsync(string key) => Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));

    private async Task<KillSwitch?> SwitchAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.KillSwitches.AsNoTracking().SingleOrDefaultAsync(s => s.Target == key);
    }

    private async Task<string> InServiceAsync(params KillCriterion[] criteria)
    {
        var proposal = criteria.Length > 0 ? HelpBotProposal with { KillCriteria = criteria } : HelpBotProposal;
        var key = await GivenAnApprovedAsync(proposal);
        await Get<BindCredential>().RunAsync(key, CredentialKind.Route, "/" + key.ToLower(CultureInfo.InvariantCulture), "nginx", Who("coe-lead"));
        return key;
    }
}
