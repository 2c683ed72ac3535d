using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Portfolio;

/// <summary>Money is told as a range with what it rests on, or not at all.</summary>
public sealed class ReturnTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateOnly Today = new(2026, 11, 23);
    private static readonly Kpi Minutes = new() { Metric = "Minutes", Unit = "min", Baseline = 25, Target = 15 };
    private static readonly WorthDraft Draft = new(0.5m, "Controlling, 2026", 1000, 50, 1000, Today.AddDays(-73));

    [Fact]
    public void The_lift_of_all_cases_less_calls_running_and_building_is_the_return()
    {
        // Lift -8.913 to -5.087 minutes (LiftTests). 73 days are 2.4 months: 2,400 cases at 0.5 are 1,200 for a minute.
        var r = Of(Minutes, Draft, 100, (25, 8, 100), (18, 6, 120));

        Assert.InRange(r.ValueLow!.Value, 5.087m * 1200 - 6, 5.087m * 1200 + 6);
        Assert.InRange(r.ValueHigh!.Value, 8.913m * 1200 - 6, 8.913m * 1200 + 6);
        Assert.Equal((120m, 1000m, 1220m), (r.Running, r.BuildOnce, r.Costs));
        Assert.Equal((r.ValueLow - 1220, r.ValueHigh - 1220), (r.NetLow, r.NetHigh));
        Assert.Equal(ReturnVerdict.Gain, r.Verdict);
        // Without any spread the interval is a point: 7 minutes, 1,200 for each.
        var exact = Of(Minutes, Draft, 0, (25, 0, 100), (18, 0, 120));
        Assert.Equal((8400m, 8400m, 7280m), (exact.ValueLow!.Value, exact.ValueHigh!.Value, exact.NetLow!.Value));
    }

    [Fact]
    public void What_should_rise_gains_by_rising_and_what_got_worse_is_a_loss()
    {
        var share = new Kpi { Metric = "Without a correction", Unit = "per cent", Baseline = 70, Target = 80 };

        Assert.Equal(6000m, Of(share, Draft, 0, (70, 0, 100), (75, 0, 100)).ValueLow);
        Assert.Equal((-6000m, ReturnVerdict.Loss), (Of(share, Draft, 0, (70, 0, 100), (65, 0, 100)).ValueHigh!.Value, Of(share, Draft, 0, (70, 0, 100), (65, 0, 100)).Verdict));
        Assert.Equal(ReturnVerdict.CannotTell, Of(Minutes, Draft, 0, (25, 8, 100), (24.5m, 8, 100)).Verdict);
    }

    [Theory]
    [InlineData(null, 120)]
    [InlineData(6d, 10)]
    public void Without_a_spread_or_enough_cases_there_is_no_figure_at_all(double? deviation, int sample)
    {
        var r = Of(Minutes, Draft, 100, (25, 8, 100), (18, (decimal?)deviation, sample));

        Assert.Equal((ReturnVerdict.NotEnoughReadings, null, null), (r.Verdict, r.NetLow, r.NetHigh));
        Assert.Equal(1220, r.Costs);
    }

    [Fact]
    public async Task Worth_is_stated_by_those_who_propose_in_the_currency_of_spend_and_the_newest_counts()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var state = Get<StateWorth>();
        Assert.Equal("not-permitted", await RuleAsync(() => state.RunAsync(key, Draft, null, Who("legal"))));
        Assert.Equal("currency-not-kept", await RuleAsync(() => state.RunAsync(key, Draft, "EUR", Who("submitter"))));
        await Assert.ThrowsAsync<NotFoundException>(() => state.RunAsync(key, Draft, null, Who("submitter2")));
        foreach (var wrong in new[] { Draft with { PerUnit = 0 }, Draft with { Source = " " }, Draft with { CasesPerMonth = 0 }, Draft with { BuildOnce = -1 }, Draft with { CountedFrom = Today.AddDays(1) } })
        {
            await Assert.ThrowsAsync<InvalidFieldsException>(() => state.RunAsync(key, wrong, null, Who("submitter")));
        }

        Assert.Equal(ReturnVerdict.NotStated, (await Get<Returns>().OfAsync(key, Who("auditor"))).Return.Verdict);
        await state.RunAsync(key, Draft with { PerUnit = 9 }, null, Who("submitter"));
        await state.RunAsync(key, Draft, "USD", Who("submitter"));

        var told = (await Get<Returns>().OfAsync(key, Who("auditor"))).Return;
        Assert.Equal((2, 0.5m, ReturnVerdict.NotEnoughReadings), (told.Worth!.Number, told.Worth.PerUnit, told.Verdict));
        Assert.Equal("KpiWorthStated", (await ActionsAsync(key))[^1]);
    }

    [Fact]
    public async Task The_portfolio_pools_readings_as_the_page_does_and_sorts_by_the_range()
    {
        var (small, large, silent) = (await GivenAnApprovedAsync(ClaimsProposal), await GivenAnApprovedAsync(ClaimsProposal), await GivenAnApprovedAsync(ClaimsProposal));
        foreach (var (key, perUnit) in new[] { (small, 0.1m), (large, 5m), (silent, 1m) })
        {
            await Get<StateWorth>().RunAsync(key, Draft with { PerUnit = perUnit }, null, Who("submitter"));
        }

        foreach (var key in new[] { small, large })
        {
            foreach (var (arm, mean, deviation, sample) in new[] { (Arm.WithoutAi, 25m, (decimal?)8m, 60), (Arm.WithoutAi, 27, 7, 40), (Arm.WithAi, 18, 6, 119), (Arm.WithAi, 20, null, 1) })
            {
                await Get<EnterReading>().RunAsync(key, new(Today.AddDays(-1), arm, mean, deviation, sample), Who("submitter"));
            }
        }

        var wrong = await Get<EnterReading>().RunAsync(small, new(Today, Arm.WithAi, 900, 1, 500), Who("submitter"));
        await Get<EnterReading>().WithdrawAsync(small, wrong.Id, Who("submitter"));
        await Get<RecordCalls>().RunAsync([new ReportedCall { Source = "t", SourceEventId = "1", StartedAt = Clock.GetUtcNow().AddDays(-2), Provider = "openai", Operation = "chat", RequestModel = "gpt-4.1", InputTokens = 1_000_000, OutputTokens = 0 }], small);

        var page = await Get<Returns>().ForAsync(Who("auditor"));

        Assert.Equal([large, small, silent], page.Items.Select(r => r.Key));
        Assert.Equal([small, large, silent], (await Get<Returns>().ForAsync(Who("auditor"), ReturnSort.High, descending: false)).Items.Select(r => r.Key));
        var (told, lift) = (page.Items[1].Return, (await Get<MeasuredEffect>().OfAsync(small, Who("auditor"))).Lift);
        Assert.Equal(lift.Low!.Value, told.Lift.Low!.Value, 9);
        Assert.Equal(lift.High!.Value, told.Lift.High!.Value, 9);
        Assert.Equal((100L, 120L), (told.Lift.Without!.Sample, told.Lift.With!.Sample));
        Assert.True(told.Spend > 0);
        Assert.Equal(0, (await Get<Returns>().ForAsync(Who("submitter2"))).Total);
        Assert.Equal((3, large), ((await Get<Returns>().ForAsync(Who("auditor"), page: 2, size: 1)).Total, (await Get<Returns>().ForAsync(Who("auditor"), ReturnSort.Costs, false, 1, 1)).Items[0].Key));
        var csv = (await Get<Returns>().CsvAsync(Who("auditor"))).Split("\r\n");
        Assert.Equal(5, csv.Length);
        Assert.StartsWith($"{large},", csv[1], StringComparison.Ordinal);
        Assert.Contains("NotEnoughReadings,,,,", csv[3], StringComparison.Ordinal);
    }

    private static ReturnOnInvestment Of(Kpi kpi, WorthDraft draft, decimal spend, (decimal Mean, decimal? Deviation, int Sample) without, (decimal Mean, decimal? Deviation, int Sample) with)
    {
        KpiReading Read(Arm arm, (decimal Mean, decimal? Deviation, int Sample) m) => KpiReading.Enter("UC-0001", new(Today, arm, m.Mean, m.Deviation, m.Sample), Today, Who("submitter"), DateTimeOffset.UnixEpoch);
        return ReturnOnInvestment.Of(
            kpi, Lift.Of(kpi, [Read(Arm.WithoutAi, without), Read(Arm.WithAi, with)]), KpiWorth.State("UC-0001", 1, draft, Today, Who("submitter"), DateTimeOffset.UnixEpoch), spend, 0, Today);
    }
}

/// <summary>Readings as a program sends them: once for its id, corrected without being lost, refused in words.</summary>
[Collection(typeof(PortalCollection))]
public sealed class PushedReadingTests(RunningPortal portal)
{
    [Fact]
    public async Task A_pushed_reading_counts_once_and_its_correction_leaves_the_first_value_visible()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var bi = await portal.WithTokenAsync(MachineToken.ReadingsWrite, key);
        var path = $"/api/v1/use-cases/{key}/readings/pushed";
        var first = new { readingId = "2026-W47", measuredOn = "2026-01-20", arm = "withAi", mean = 81, deviation = 6, sample = 120 };

        Assert.Equal(HttpStatusCode.Created, (await bi.PostAsJsonAsync(path, first)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bi.PostAsJsonAsync(path, first)).StatusCode);
        await DemandAsync(HttpStatusCode.Conflict, "reading-reused", first with { mean = 18 });
        await DemandAsync(HttpStatusCode.Conflict, "reading-id-required", first with { readingId = "with space" });
        await DemandAsync(HttpStatusCode.BadRequest, "invalid-fields", first with { readingId = "b", sample = 0 });
        await DemandAsync(HttpStatusCode.BadRequest, "invalid-fields", first with { readingId = "b", measuredOn = "2099-01-01" });
        await DemandAsync(HttpStatusCode.NotFound, "not-found", Correction("c", "never-told"));
        Assert.Equal(HttpStatusCode.Created, (await bi.PostAsJsonAsync(path, Correction("2026-W47b", "2026-W47"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bi.PostAsJsonAsync(path, Correction("2026-W47b", "2026-W47"))).StatusCode);
        await DemandAsync(HttpStatusCode.Conflict, "reading-withdrawn", Correction("2026-W47c", "2026-W47"));

        using var auditor = await portal.AsAsync("auditor");
        var told = await RunningPortal.JsonAsync(await auditor.GetAsync($"/api/v1/use-cases/{key}/readings"));
        Assert.Equal((2, 18m), (told["readings"]!.AsArray().Count, told["lift"]!["with"]!["mean"]!.GetValue<decimal>()));
        var corrected = told["readings"]!.AsArray().Single(r => r!["pushId"]!.GetValue<string>() == "2026-W47")!;
        Assert.Equal((81m, "test"), (corrected["mean"]!.GetValue<decimal>(), corrected["pushedBy"]!.GetValue<string>()));
        Assert.NotNull(corrected["withdrawnAt"]);

        object Correction(string id, string of) => new { readingId = id, measuredOn = "2026-01-20", arm = "withAi", mean = 18, deviation = 6, sample = 120, corrects = of };

        async Task DemandAsync(HttpStatusCode status, string rule, object body)
        {
            using var answer = await bi.PostAsJsonAsync(path, body);
            Assert.Equal((status, rule), (answer.StatusCode, (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Only_a_token_of_readings_write_and_of_this_use_case_pushes_and_gates_and_returns_are_told_over_http()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var nobody = new HttpClient { BaseAddress = await portal.AddressAsync() };
        using var gates = await portal.WithTokenAsync(MachineToken.GatesWrite, key);
        using var other = await portal.WithTokenAsync(MachineToken.ReadingsWrite, await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot")));
        using var lead = await portal.AsAsync("coe-lead");
        foreach (var (http, status) in new[] { (nobody, HttpStatusCode.Unauthorized), (gates, HttpStatusCode.Unauthorized), (lead, HttpStatusCode.Unauthorized), (other, HttpStatusCode.Forbidden) })
        {
            using var answer = await http.PostAsJsonAsync($"/api/v1/use-cases/{key}/readings/pushed", new { readingId = "a", measuredOn = "2026-01-20", arm = "withAi", mean = 1, sample = 1 });
            Assert.Equal(status, answer.StatusCode);
        }

        using var answered = await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/stage-gates/problemValidation/answers", new { answers = new Dictionary<string, string> { ["who"] = "a", ["today"] = "b", ["without-ai"] = "c" }, evidence = "d" });
        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);
        var gate = (await RunningPortal.JsonAsync(answered))["gates"]![0]!;
        var decision = new { outcome = "passed", reason = "Seen.", contentHash = gate["answers"]![0]!["contentHash"]!.GetValue<string>() };
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/stage-gates/problemValidation/decision", decision)).StatusCode);
        using var risk = await portal.AsAsync("risk");
        var decided = await RunningPortal.JsonAsync(await risk.PostAsJsonAsync($"/api/v1/use-cases/{key}/stage-gates/problemValidation/decision", decision));
        Assert.Equal("passed", decided["gates"]![0]!["state"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Conflict, (await risk.PostAsJsonAsync($"/api/v1/use-cases/{key}/phase", new { to = "proofOfConcept", reason = "Now." })).StatusCode);

        using var stated = await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/worth", new { perUnit = 0.5, source = "Controlling", casesPerMonth = 10, runningPerMonth = 0, buildOnce = 0, countedFrom = "2026-01-01" });
        Assert.Equal(HttpStatusCode.Created, stated.StatusCode);
        Assert.Equal("notEnoughReadings", (await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/return")))["verdict"]!.GetValue<string>());
        Assert.Contains(key, await lead.GetStringAsync("/api/v1/returns.csv"), StringComparison.Ordinal);
        Assert.True((await RunningPortal.JsonAsync(await lead.GetAsync("/api/v1/returns?sort=costs")))["total"]!.GetValue<int>() > 0);
    }
}
