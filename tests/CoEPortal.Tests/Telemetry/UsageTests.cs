using System.Globalization;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Telemetry;

/// <summary>What pages read: totals, percentiles, traffic of nobody; and how long single calls are kept.</summary>
public sealed class UsageTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static ReportedCall Call(string id) => new()
    {
        Source = "otlp",
        SourceEventId = id,
        Service = "claims-bot",
        StartedAt = Noon,
        Duration = TimeSpan.FromMilliseconds(500),
        RequestModel = "gpt-4o-mini",
        InputTokens = 100,
        OutputTokens = 10,
    };

    [Fact]
    public void A_percentile_is_within_the_stated_error_however_the_histogram_was_put_together()
    {
        foreach (var sample in Gen.Choose(1_000, 3_600_000_0).NonEmptyListOf().Sample(200))
        {
            var sorted = sample.Select(tenths => TimeSpan.FromMicroseconds(tenths * 100L)).Order().ToList();
            var counts = new long[152];
            foreach (var latency in sorted)
            {
                counts[LatencyHistogram.BucketOf(latency)]++;
            }

            var histogram = new LatencyHistogram(counts);
            foreach (var share in new[] { 0.5, 0.95, 0.99 })
            {
                var exact = sorted[(int)Math.Ceiling(share * sorted.Count) - 1].TotalMilliseconds;
                Assert.InRange(histogram.Percentile(share)!.Value.TotalMilliseconds, exact * 0.95 - 0.01, exact * 1.05 + 0.01);
            }
        }
    }

    [Fact]
    public async Task The_database_puts_latencies_into_the_same_buckets()
    {
        await using var db = await DbAsync();
        foreach (var microseconds in new long[] { 0, 999, 1_000, 1_001, 1_106, 2_000, 50_000, 123_456, 1_000_000, 59_999_999, 3_600_000_000, 4_000_000_000_000 })
        {
            Assert.Equal(
                LatencyHistogram.BucketOf(TimeSpan.FromMicroseconds(microseconds)),
                await db.Database.SqlQuery<int>($"select telemetry.latency_bucket({microseconds}) as \"Value\"").SingleAsync());
        }
    }

    [Fact]
    public async Task The_database_knows_a_name_by_the_same_hash()
    {
        await using var db = await DbAsync();
        Assert.Equal(CallNames.AliasOf("id:chatcmpl-ü"), await db.Database.SqlQuery<Guid>($"select telemetry.alias_of({"id:chatcmpl-ü"}) as \"Value\"").SingleAsync());
    }

    [Fact]
    public async Task Late_calls_land_in_the_minute_hour_and_day_in_which_they_were_made()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await RecordAsync(key, Call("a"), Call("b") with { StartedAt = Noon.AddMinutes(1), Duration = TimeSpan.FromSeconds(4) });
        await RecordAsync(key, Call("late") with { StartedAt = Noon.AddSeconds(59) }, Call("of 2023") with { StartedAt = new DateTimeOffset(2023, 11, 16, 8, 0, 0, TimeSpan.Zero) });

        var points = await Get<UsageBreakdown>().OverTimeAsync(Noon.AddHours(-1), Noon.AddHours(1), Who("coe-lead"), key);

        Assert.Equal([(Noon, 2), (Noon.AddMinutes(1), 1)], points.Select(p => (p.Start, p.Sum.Calls)));
        Assert.InRange(points[1].Sum.Latency.P50!.Value.TotalSeconds, 3.8, 4.2);
        var years = await Get<UsageBreakdown>().OverTimeAsync(Noon.AddYears(-4), Noon.AddDays(1), Who("coe-lead"), key);
        Assert.Equal([1, 3], years.Select(p => p.Sum.Calls));
    }

    [Fact]
    public async Task Usage_is_told_apart_by_use_case_department_model_and_gateway()
    {
        var (claims, bot) = (await GivenAnApprovedAsync(ClaimsProposal), await GivenAnApprovedAsync(HelpBotProposal));
        await RecordAsync(claims, Call("a"), Call("b") with { Account = Account.GatewaySpan, RequestModel = "gpt-4o", Guardrail = GuardrailOutcome.Intervened });
        await RecordAsync(bot, Call("c") with { Failed = true });
        await RecordAsync(null, Call("d"));

        async Task<IEnumerable<(string, long)>> ByAsync(UsageDimension dimension, string who = "coe-lead") =>
            (await Get<UsageBreakdown>().ByAsync(dimension, Noon.AddHours(-1), Noon.AddHours(1), Who(who))).Select(s => (s.Key, s.Calls)).OrderBy(s => s.Key, StringComparer.Ordinal);

        Assert.Equal([("", 1), (claims, 2), (bot, 1)], await ByAsync(UsageDimension.UseCase));
        Assert.Equal([("gpt-4o", 1), ("gpt-4o-mini", 3)], await ByAsync(UsageDimension.Model));
        Assert.Equal([("", 3), ("litellm-eu", 1)], await ByAsync(UsageDimension.Gateway));
        Assert.Equal(4, (await ByAsync(UsageDimension.Department)).Sum(d => d.Item2));
        var gateway = (await Get<UsageBreakdown>().ByAsync(UsageDimension.Gateway, Noon.AddHours(-1), Noon.AddHours(1), Who("coe-lead"))).Single(s => s.Key == "litellm-eu");
        Assert.Equal((1, 0), (gateway.GuardrailCalls, gateway.FailedCalls));
        // an operator of the claims unit sees that unit, and no traffic of nobody
        Assert.DoesNotContain(await ByAsync(UsageDimension.UseCase, "operator"), s => s.Item1.Length == 0);
    }

    [Fact]
    public async Task Traffic_of_nobody_is_grouped_by_what_it_has_in_common_and_shown_to_those_who_may_see_all()
    {
        await RecordAsync(null, Call("a"), Call("b") with { StartedAt = Noon.AddHours(2), ClaimedUseCase = "UC-7777" });
        await RecordAsync(null, Call("c") with { Account = Account.GatewayPayload, Service = "litellm", KeyHash = new string('a', 64), ReportedCost = 3 });

        var page = await Get<OrphanTraffic>().PageAsync(Who("coe-lead"), 1, 1);

        Assert.Equal((2, "litellm", "key:aaaaaaaaaaaa", 3m), (page.Total, page.Items[0].Service, page.Items[0].Credential, page.Items[0].Cost));
        var second = (await Get<OrphanTraffic>().PageAsync(Who("coe-lead"), 2, 1)).Items.Single();
        Assert.Equal((2, Noon, Noon.AddHours(2), "UC-7777"), (second.Calls, second.FirstSeen, second.LastSeen, second.ClaimedUseCase));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<OrphanTraffic>().PageAsync(Who("submitter"))));
        Assert.Equal((2, 0), (await Get<OrphanTraffic>().CountAsync(Who("coe-lead")), await Get<OrphanTraffic>().CountAsync(Who("submitter"))));
    }

    [Fact]
    public async Task Token_credential_resource_span_and_tag_decide_in_this_order()
    {
        var keys = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            keys.Add(await GivenAnApprovedAsync(HelpBotProposal));
        }

        await Get<BindCredential>().RunAsync(keys[1], CredentialKind.Team, "team-a", "litellm-eu", Who("coe-lead"));
        var all = Call("x") with { Account = Account.GatewayPayload, Team = "team-a", ClaimedUseCase = keys[2], SpanUseCase = keys[3], TaggedUseCase = keys[4] };
        await RecordAsync(keys[0], all with { SourceEventId = "0" });
        await RecordAsync(null, all with { SourceEventId = "1" }, all with { SourceEventId = "2", Team = null }, all with { SourceEventId = "3", Team = null, ClaimedUseCase = null });
        await RecordAsync(null, all with { SourceEventId = "4", Team = null, ClaimedUseCase = "UC-9999", SpanUseCase = null });
        // a client cannot know by which credential somebody called a gateway
        await RecordAsync(null, all with { SourceEventId = "5", Account = Account.ClientSpan, ClaimedUseCase = null, SpanUseCase = null, TaggedUseCase = null });

        await using var db = await DbAsync();
        Assert.Equal(
            [$"{keys[0]} token", $"{keys[1]} credential", $"{keys[2]} resource", $"{keys[3]} span", $"{keys[4]} tag", " none"],
            await db.Database.SqlQueryRaw<string>("select coalesce(use_case_key, '') || ' ' || attribution as \"Value\" from telemetry.call order by source_event_id").ToListAsync());
    }

    [Fact]
    public async Task Old_months_are_dropped_whole_their_totals_stay_and_what_is_told_again_is_still_known()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var old = Call("old") with { StartedAt = Noon.AddMonths(-20) };
        var aMonthOld = Call("month") with { StartedAt = Noon.AddMonths(-4) };
        await using var db = await DbAsync();
        await db.Database.ExecuteSqlAsync($"select telemetry.make_month({DateOnly.FromDateTime(aMonthOld.StartedAt.UtcDateTime)})");
        await RecordAsync(key, Call("new"), old, aMonthOld);
        var retain = new RetainCalls(Get<IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), new TelemetryRetention(3), Clock);

        Assert.Equal(1, (await retain.RunAsync()).DroppedMonths);
        await RecordAsync(key, Call("new"), old, aMonthOld);

        Assert.Equal(3, (await Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"))).Calls);
        Assert.Equal(["new"], await db.Database.SqlQueryRaw<string>("select source_event_id as \"Value\" from telemetry.call").ToListAsync());
    }

    [Fact]
    public async Task A_minute_that_lost_some_of_its_calls_to_age_is_sound_and_one_of_these_weeks_is_not()
    {
        // The database goes by its own clock.
        Clock.Advance(TimeProvider.System.GetUtcNow() - Clock.GetUtcNow());
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var old = Call("first") with { StartedAt = Clock.GetUtcNow().AddMonths(-20) };
        var fresh = Call("new") with { StartedAt = Clock.GetUtcNow() };
        await RecordAsync(key, old, fresh, fresh with { SourceEventId = "newer" });
        await Get<RetainCalls>().RunAsync();
        // An old trace comes in while its months are dropped.
        await RecordAsync(key, old with { SourceEventId = "second" });
        await DemandInvariantsAsync();

        await AsOwnerAsync("delete from telemetry.call where source_event_id = 'newer'");
        LeavesTheDatabaseSound = false;
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        Assert.StartsWith("the totals of a minute are the sum of its calls", Assert.Single(await Invariants.BrokenAsync(connection)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Room_is_made_for_months_to_come_and_calls_that_came_before_it_move_in()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var month = new DateTimeOffset(2019, 5, 7, 0, 0, 0, TimeSpan.Zero);
        await RecordAsync(key, Call("early") with { StartedAt = month });
        await using var db = await DbAsync();

        await db.Database.ExecuteSqlAsync($"select telemetry.make_month({new DateOnly(2019, 5, 1)})");
        await Get<RetainCalls>().RunAsync();

        var partitions = await db.Database.SqlQueryRaw<string>(
            "select c.relname::text as \"Value\" from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'telemetry.call'::regclass").ToListAsync();
        Assert.Contains("call_" + Clock.GetUtcNow().AddMonths(3).ToString("yyyy_MM", CultureInfo.InvariantCulture), partitions);
        Assert.DoesNotContain("call_2019_05", partitions);
    }

    [Fact]
    public async Task Nobody_drops_calls_of_the_last_weeks()
    {
        await using var db = await DbAsync();
        var refused = await AttemptAsync(() => db.Database.ExecuteSqlAsync($"select telemetry.drop_months_before({DateOnly.FromDateTime(DateTime.MaxValue)})"));

        Assert.Contains("never dropped", refused!.Message, StringComparison.Ordinal);
    }

    private Task<RecordedBatch> RecordAsync(string? key, params ReportedCall[] calls) => Get<RecordCalls>().RunAsync(calls, key, "litellm-eu");
}
