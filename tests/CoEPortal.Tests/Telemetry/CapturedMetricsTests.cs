using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Enforcement.Otlp;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Telemetry;

/// <summary>
/// What the official JavaScript SDK sent as metrics and logs for four calls, in each encoding, from the bytes to the
/// totals, twice. The expectations were read from the JSON by eye: 12 + 12 + 5 input and 34 + 3 output tokens, one failure.
/// </summary>
public sealed class CapturedMetricsTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Theory]
    [InlineData("otlp_v1_metrics-official-json-018.raw.json", "application/json", null)]
    [InlineData("otlp_v1_metrics-official-proto-015.raw.pb", "application/x-protobuf", null)]
    [InlineData("otlp_v1_metrics-official-proto-gzip-021.raw.pb.gz", "application/x-protobuf", "gzip")]
    public async Task Metrics_of_four_calls_are_counted_once_for_a_service_that_sends_no_spans(string file, string contentType, string? encoding)
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        for (var time = 0; time < 2; time++)
        {
            using var body = await BodyAsync(file, contentType, encoding);
            var batch = MetricBatch.Read(body, SpanDraft.Now);
            Assert.Empty(batch.Rejected);
            await Get<RecordMetrics>().RunAsync(batch.Points, key, "sdk");
        }

        var usage = await Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));
        Assert.Equal((4, 1, 29, 37), (usage.Calls, usage.FailedCalls, usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task One_run_before_and_after_gzip_is_one_series()
    {
        using var packed = await BodyAsync("otlp_v1_metrics-official-proto-gzip-021.raw.pb.gz", "application/x-protobuf", "gzip");
        using var plain = await BodyAsync("otlp_v1_metrics-official-proto-gzip-021.pb", "application/x-protobuf", null);

        Assert.Equal(SeriesOf(packed), SeriesOf(plain));
        Assert.Equal(6, SeriesOf(plain).Distinct().Count());
    }

    [Theory]
    [InlineData("official-json-016.raw.json", "official-json-018.raw.json", "application/json")]
    [InlineData("official-proto-013.raw.pb", "official-proto-015.raw.pb", "application/x-protobuf")]
    public async Task Spans_and_metrics_of_the_same_run_count_once(string traces, string metrics, string contentType)
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        using var points = await BodyAsync("otlp_v1_metrics-" + metrics, contentType, null);
        using var spans = await BodyAsync("otlp_v1_traces-" + traces, contentType, null);

        await Get<RecordMetrics>().RunAsync(MetricBatch.Read(points, SpanDraft.Now).Points, key, "sdk");
        await Get<RecordCalls>().RunAsync(
            [.. TraceBatch.Read(spans, SpanDraft.Now).Calls.Select(c => new ReportedCall
            {
                Source = "otlp",
                SourceEventId = c.EventId,
                Service = c.Service!,
                StartedAt = c.StartedAt,
                RequestModel = c.RequestModel,
                InputTokens = c.InputTokens,
                OutputTokens = c.OutputTokens,
            })], key, "sdk");

        var usage = await Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));
        Assert.Equal((4, 29, 37), (usage.Calls, usage.InputTokens, usage.OutputTokens));
    }

    [Theory]
    [InlineData("otlp_v1_logs-official-json-017.raw.json", "application/json", null)]
    [InlineData("otlp_v1_logs-official-proto-014.raw.pb", "application/x-protobuf", null)]
    [InlineData("otlp_v1_logs-official-proto-gzip-020.pb", "application/x-protobuf", null)]
    [InlineData("otlp_v1_logs-official-proto-gzip-020.raw.pb.gz", "application/x-protobuf", "gzip")]
    public async Task Messages_and_choices_in_logs_are_no_calls_and_nothing_of_them_is_kept(string file, string contentType, string? encoding)
    {
        using var body = await BodyAsync(file, contentType, encoding);

        var batch = TraceBatch.ReadLogs(body, SpanDraft.Now);

        Assert.Equal((0, 0, 5), (batch.Calls.Count, batch.Rejected.Count, batch.OtherSpans));
    }

    private static List<Guid> SeriesOf(OtlpBody body) => [.. MetricBatch.Read(body, SpanDraft.Now).Points.Select(p => p.Series)];

    private static async Task<OtlpBody> BodyAsync(string file, string contentType, string? encoding)
    {
        using var stream = new MemoryStream(Captures.Read(file));
        return await OtlpBody.ReadAsync(stream, contentType, encoding, stream.Length, OtlpLimits.Default, TestContext.Current.CancellationToken);
    }
}
