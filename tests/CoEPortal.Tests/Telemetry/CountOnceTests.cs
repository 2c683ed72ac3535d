using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Telemetry;

/// <summary>One call, told of by its client, its gateway's span and its gateway's log, in any order, at once, and twice.</summary>
public sealed class CountOnceTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Trace = "374d3412c6d4e1cbe86a20337ab60aa8";
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 59, TimeSpan.Zero);

    /// <summary>The client counted a minute earlier, and knows no cost.</summary>
    private static ReportedCall Client => new()
    {
        Source = "otlp",
        SourceEventId = $"otlp:{Trace}:00000000000000c1",
        TraceId = Trace,
        SpanId = "00000000000000c1",
        ResponseId = "chatcmpl-1",
        Service = "claims-bot",
        StartedAt = Noon,
        Duration = TimeSpan.FromMilliseconds(900),
        Provider = "openai",
        Operation = "chat",
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };

    private static ReportedCall Gateway => Client with
    {
        SourceEventId = $"otlp:{Trace}:00000000000000a1",
        SpanId = "00000000000000a1",
        ParentSpanId = "00000000000000c1",
        Account = Account.GatewaySpan,
        GatewayCallId = "call-1",
        Service = "litellm",
        StartedAt = Noon.AddSeconds(2),
        Duration = TimeSpan.FromMilliseconds(800),
        InputTokens = 120,
        OutputTokens = 12,
    };

    private static ReportedCall Payload => new()
    {
        Source = "litellm",
        SourceEventId = "call-1",
        GatewayCallId = "call-1",
        Account = Account.GatewayPayload,
        StartedAt = Noon.AddSeconds(2),
        Provider = "openai",
        Operation = "chat",
        RequestModel = "gpt-4o-mini",
        InputTokens = 120,
        OutputTokens = 12,
        ReportedCost = 0.5m,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_gateway_wins_over_the_client_whichever_came_first(bool clientFirst)
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, clientFirst ? Client : Gateway);
        await RecordAsync(key, clientFirst ? Gateway : Client);

        var usage = await UsageAsync(key);
        Assert.Equal((1, 120, 12), (usage.Calls, usage.InputTokens, usage.OutputTokens));
        Assert.Equal(Noon.AddSeconds(2), await ScalarAsync<DateTimeOffset>("select started_at as \"Value\" from telemetry.call"));
        Assert.Equal(1, await ScalarAsync<int>("select count(*)::int as \"Value\" from telemetry.usage_minute where calls <> 0"));
    }

    [Fact]
    public async Task A_bill_of_the_gateway_replaces_the_price_and_corrects_totals_and_budget_in_the_same_step()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal with
        {
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 100 }],
        });
        await RecordAsync(key, Client with { ReportedCost = 2m });
        await RecordAsync(key, Gateway);
        await RecordAsync(key, Payload);

        Assert.Equal((1, 0.5m), ((await UsageAsync(key)).Calls, (await UsageAsync(key)).Cost));
        Assert.Equal(0.5m, await ScalarAsync<decimal>("select cost as \"Value\" from telemetry.spend"));
        Assert.Equal("reported", await ScalarAsync<string>("select cost_origin as \"Value\" from telemetry.call where merged_into is null"));
    }

    [Fact]
    public async Task A_gateway_that_saw_no_tokens_does_not_erase_those_of_the_client()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Client, Gateway with { InputTokens = null, OutputTokens = null });

        var usage = await UsageAsync(key);
        Assert.Equal((1, 0, 100), (usage.Calls, usage.UnmeteredCalls, usage.InputTokens));
    }

    [Fact]
    public async Task A_clients_bill_does_not_outweigh_tokens_that_the_gateway_counted()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Client with { ReportedCost = 0m }, Gateway);

        Assert.Equal(Get<PriceBooks>().CostOf(Gateway).Dollars, (await UsageAsync(key)).Cost);
    }

    [Fact]
    public async Task Every_attempt_of_a_client_that_its_gateway_saw_counts()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var second = Gateway with { SourceEventId = $"otlp:{Trace}:00000000000000a2", SpanId = "00000000000000a2", ResponseId = "chatcmpl-2", GatewayCallId = null };

        await RecordAsync(key, Gateway with { ResponseId = null, Failed = true }, second, Client with { ResponseId = "chatcmpl-2" });
        await RecordAsync(key, Client with { ResponseId = "chatcmpl-2" });

        Assert.Equal((2, 1), ((await UsageAsync(key)).Calls, (await UsageAsync(key)).FailedCalls));
    }

    [Fact]
    public async Task Two_calls_that_were_counted_and_turn_out_to_be_one_become_one()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Client);
        await RecordAsync(key, Payload);
        Assert.Equal(2, (await UsageAsync(key)).Calls);

        // the span knows both names
        await RecordAsync(key, Gateway);

        Assert.Equal((1, 0.5m), ((await UsageAsync(key)).Calls, (await UsageAsync(key)).Cost));
        await RecordAsync(key, Client, Payload, Gateway);
        Assert.Equal(1, (await UsageAsync(key)).Calls);
    }

    [Fact]
    public async Task A_token_of_one_use_case_cannot_make_a_call_of_another_disappear()
    {
        var own = await GivenAnApprovedAsync(HelpBotProposal);
        var other = await GivenAnApprovedAsync(ClaimsProposal);
        await RecordAsync(own, Client);
        await RecordAsync(other, Gateway);

        Assert.Equal((1, 1), ((await UsageAsync(own)).Calls, (await UsageAsync(other)).Calls));
    }

    [Fact]
    public async Task An_event_that_another_use_cases_token_has_told_of_is_not_counted_again_and_takes_no_names()
    {
        var own = await GivenAnApprovedAsync(HelpBotProposal);
        var other = await GivenAnApprovedAsync(ClaimsProposal);
        await RecordAsync(own, Client with { ResponseId = null });
        await RecordAsync(other, Client);
        await RecordAsync(other, Client);

        Assert.Equal((1, 0), ((await UsageAsync(own)).Calls, (await UsageAsync(other)).Calls));
        Assert.Equal(1, await ScalarAsync<int>("select count(*)::int as \"Value\" from telemetry.call_alias"));
    }

    [Fact]
    public async Task A_small_server_that_numbers_its_answers_from_one_again_has_made_another_call()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Client);
        await RecordAsync(key, Client with { SourceEventId = "otlp:b:1", TraceId = "b", SpanId = "1", StartedAt = Noon.AddHours(3) });

        Assert.Equal(2, (await UsageAsync(key)).Calls);
    }

    [Fact]
    public async Task Told_again_after_prices_changed_a_call_keeps_its_cost()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Client);
        var dear = new PriceBooks([new PriceBook { Version = "dear", Source = "test", Models = [new ModelPrice { Name = "gpt-4o-mini", InputPerToken = 1, OutputPerToken = 1 }] }]);
        var later = new RecordCalls(Get<IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), dear, new(), Clock);

        await later.RunAsync([Client], key);

        Assert.Equal(Get<PriceBooks>().CostOf(Client).Dollars, (await UsageAsync(key)).Cost);
    }

    [Fact]
    public async Task Four_senders_that_tell_of_the_same_calls_at_once_in_every_order_agree_on_one_total()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var accounts = Enumerable.Range(0, 60).SelectMany(i => new[] { Numbered(Client, i), Numbered(Gateway, i), Numbered(Payload, i) }).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async sender =>
        {
            var mine = accounts.ToArray();
            new Random(sender).Shuffle(mine);
            foreach (var batch in mine.Chunk(25))
            {
                // As a sender does on 503: whoever meets another's correction half way comes again.
                while (await AttemptAsync(() => RecordAsync(key, batch)) is { } failure)
                {
                    Assert.True((failure as NpgsqlException ?? failure.InnerException as NpgsqlException) is { IsTransient: true }, failure.ToString());
                }
            }
        }));

        var usage = await UsageAsync(key);
        Assert.Equal((60, 60 * 120, 60 * 12, 30m), (usage.Calls, usage.InputTokens, usage.OutputTokens, usage.Cost));
    }

    [Fact]
    public async Task The_total_does_not_depend_on_order_batches_or_repetition()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        foreach (var (cuts, round) in Gen.Choose(1, 7).ListOf(12).Sample(12).Select((c, i) => (c, i)))
        {
            var accounts = Enumerable.Range(0, 8).SelectMany(i => new[] { Client, Gateway, Payload }.Select(a => Numbered(a, round * 100 + i))).ToList();
            var told = accounts.Concat(accounts).ToArray();
            new Random(round).Shuffle(told);
            var taken = 0;
            foreach (var cut in cuts)
            {
                await RecordAsync(key, [.. told.Skip(taken).Take(cut)]);
                taken += cut;
            }

            await RecordAsync(key, [.. told.Skip(taken)]);
            var usage = await UsageAsync(key);
            Assert.Equal(((round + 1) * 8, (round + 1) * 8 * 120, (round + 1) * 4m), (usage.Calls, usage.InputTokens, usage.Cost));
        }
    }

    private static ReportedCall Numbered(ReportedCall call, int number) => call with
    {
        SourceEventId = call.Source == "otlp" ? $"otlp:{number:x32}:{call.SpanId}" : $"call-{number}",
        TraceId = call.TraceId is null ? null : $"{number:x32}",
        ResponseId = call.ResponseId is null ? null : $"chatcmpl-{number}",
        GatewayCallId = call.GatewayCallId is null ? null : $"call-{number}",
        StartedAt = call.StartedAt.AddSeconds(number % 50),
    };

    private Task<RecordedBatch> RecordAsync(string key, params ReportedCall[] calls) => Get<RecordCalls>().RunAsync(calls, key, "gateway-eu");

    private Task<Usage> UsageAsync(string key) => Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var db = await DbAsync();
        return await db.Database.SqlQueryRaw<T>(sql).SingleAsync();
    }
}
