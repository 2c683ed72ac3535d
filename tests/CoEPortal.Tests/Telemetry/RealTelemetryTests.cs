using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Scoring;
using Npgsql;

namespace CoEPortal.Tests.Telemetry;

/// <summary>Bodies that real exporters sent, and a public trace of 8,819 real invocations, through the running portal.</summary>
[Collection(typeof(PortalCollection))]
public sealed class RealTelemetryTests(RunningPortal portal)
{
    private static Proposal Claims => TriageTests.RealProposal("Claims summarisation with retrieval");

    private static Proposal HelpBot => TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");

    [Fact]
    public async Task Bodies_that_real_exporters_sent_are_accepted_and_each_call_in_them_is_counted_once()
    {
        (string File, string MediaType, string? Encoding)[] bodies =
        [
            ("otlp_v1_traces-official-json-016.raw.json", "application/json", null),
            ("otlp_v1_traces-official-proto-013.raw.pb", "application/x-protobuf", null),
            ("otlp_v1_traces-official-proto-gzip-019.raw.pb.gz", "application/x-protobuf", "gzip"),
            ("otlp_v1_traces-official-proto-gzip-019.pb", "application/x-protobuf", null),
        ];
        var key = await portal.GivenAnApprovedAsync(HelpBot);
        using var gateway = await portal.WithTokenAsync("telemetry.write", key);

        foreach (var (file, mediaType, encoding) in bodies.Concat(bodies))
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Shared("samples", file)));
            content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            if (encoding is not null)
            {
                content.Headers.ContentEncoding.Add(encoding);
            }

            using var answer = await gateway.PostAsync("/v1/traces", content);
            Assert.Equal((HttpStatusCode.OK, mediaType), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        }

        // Read by eye from the JSON and by protoc --decode from the others: each run has four calls (12 + 12 + 5 input and
        // 34 + 3 output tokens, one failed without usage). The last two files are one run, before and after gzip.
        using var lead = await portal.AsAsync("coe-lead");
        var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
        Assert.Equal(
            (3 * 4, 3 * 1, 3 * 1, 3 * 29, 3 * 37),
            (usage["calls"]!.GetValue<int>(), usage["failedCalls"]!.GetValue<int>(), usage["unmeteredCalls"]!.GetValue<int>(),
                usage["inputTokens"]!.GetValue<int>(), usage["outputTokens"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_Azure_trace_replays_exactly_engages_its_budget_at_the_right_row_and_denies_from_then_on()
    {
        var file = Repository.Shared("data", "azure-llm-trace-code-2023.csv");
        const string model = "gpt-4o-mini";
        const decimal inputPrice = 0.00000015m;
        const decimal outputPrice = 0.0000006m;
        // An independent reading of the file: no code of the product takes part.
        var rows = (await File.ReadAllLinesAsync(file)).Skip(1).Where(l => l.Length > 0).Select(l => l.Split(','))
            .Select(c => (At: DateTime.ParseExact(c[0], "yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture), Input: long.Parse(c[1], CultureInfo.InvariantCulture), Output: long.Parse(c[2], CultureInfo.InvariantCulture)))
            .ToList();
        var cost = rows.Sum(r => r.Input * inputPrice + r.Output * outputPrice);
        var limit = Math.Round(cost * 0.6m, 12);
        Assert.Equal(8819, rows.Count);
        var key = await portal.GivenAnApprovedAsync(Claims with
        {
            KillCriteria = [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = limit }],
        });
        using var gateway = await portal.WithTokenAsync("enforcement.read");
        gateway.DefaultRequestHeaders.Add("X-Gov-Use-Case", key);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.GetAsync("/gov/v1/decide")).StatusCode);

        Assert.Equal((0, $"8819 calls sent for {key}"), await Coe.RunAsync(portal, "telemetry.write", "telemetry", "replay", file, "--use-case", key, "--model", model));

        using var decided = await gateway.GetAsync("/gov/v1/decide");
        Assert.Equal((HttpStatusCode.Forbidden, "kill_budget"), (decided.StatusCode, decided.Headers.GetValues("X-Gov-Reason").Single()));
        using var lead = await portal.AsAsync("coe-lead");
        async Task<(long, long, long, decimal)> TotalsAsync()
        {
            var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
            return (usage["calls"]!.GetValue<long>(), usage["inputTokens"]!.GetValue<long>(), usage["outputTokens"]!.GetValue<long>(), usage["cost"]!.GetValue<decimal>());
        }

        var expected = (8819L, rows.Sum(r => r.Input), rows.Sum(r => r.Output), cost);
        Assert.Equal(expected, await TotalsAsync());

        var (running, right) = (0m, 0);
        while ((running += rows[right].Input * inputPrice + rows[right].Output * outputPrice) < limit)
        {
            right++;
        }

        await using var database = NpgsqlDataSource.Create(portal.RuntimeConnectionString);
        await using var breach = database.CreateCommand("select breached_at from telemetry.spend where use_case_key = $1");
        breach.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        Assert.Equal(rows[right].At, ((DateTime)(await breach.ExecuteScalarAsync())!).ToUniversalTime());

        await Coe.RunAsync(portal, "telemetry.write", "telemetry", "replay", file, "--use-case", key, "--model", model);
        Assert.Equal(expected, await TotalsAsync());
    }
}
