using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class MetricBatchTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Both_encodings_give_the_same_point_of_the_same_series(int kind)
    {
        var draft = new MetricDraft { Kind = kind };

        var fromProtobuf = Assert.Single((await ReadAsync(draft.Protobuf(), "application/x-protobuf")).Points);
        var fromJson = Assert.Single((await ReadAsync(draft.Json(), "application/json")).Points);

        Assert.Equal(fromProtobuf, fromJson);
        Assert.Equal((Measure.InputTokens, 24m, true, "claims-triage-bot"), (fromJson.Measure, fromJson.Sum, fromJson.IsCumulative, fromJson.Of.Service));
    }

    [Fact]
    public async Task Every_attribute_tells_series_apart_also_those_we_do_not_know()
    {
        var draft = new MetricDraft();
        MetricDraft[] others =
        [
            draft with { Attributes = new(draft.Attributes) { ["stream"] = false } },
            draft with { Attributes = new(draft.Attributes) { ["unknown"] = "x" } },
            draft with { Attributes = new(draft.Attributes) { ["server.port"] = "443" } },
            draft with { Resource = new() { ["service.name"] = "claims-triage-bot", ["process.pid"] = 8L } },
            draft with { Scope = "other" },
        ];

        var series = new HashSet<Guid>();
        foreach (var other in others.Append(draft))
        {
            Assert.True(series.Add(Assert.Single((await ReadAsync(other.Protobuf(), "application/x-protobuf")).Points).Series));
        }
    }

    [Fact]
    public async Task The_order_of_attributes_does_not_matter()
    {
        var draft = new MetricDraft();
        var turned = draft with { Attributes = new(draft.Attributes.Reverse()) };

        Assert.Equal(
            (await ReadAsync(draft.Protobuf(), "application/x-protobuf")).Points[0].Series,
            (await ReadAsync(turned.Protobuf(), "application/x-protobuf")).Points[0].Series);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1.0)]
    [InlineData(null)]
    public async Task A_sum_that_cannot_be_is_refused_for_that_point_alone(double? sum)
    {
        byte[] body = [.. new MetricDraft { Sum = sum }.Protobuf(), .. new MetricDraft().Protobuf()];

        var batch = await ReadAsync(body, "application/x-protobuf");

        Assert.Single(batch.Points);
        Assert.Equal("Points rejected: the sum is not a number that can be counted (1).", batch.DescribeRejections());
    }

    [Fact]
    public async Task What_cannot_be_counted_once_is_refused()
    {
        Assert.Equal("start or time is missing, so it cannot be counted once", await ReasonAsync(new MetricDraft { Start = 0 }));
        Assert.Equal("ends before it starts", await ReasonAsync(new MetricDraft { Start = SpanDraft.Nanos(SpanDraft.Now) + 1 }));
        Assert.Equal("a gauge, or a sum that may fall, cannot be added up", await ReasonAsync(new MetricDraft { Kind = 5 }));
        Assert.Equal("a gauge, or a sum that may fall, cannot be added up", await ReasonAsync(new MetricDraft { Kind = 7, IsMonotonic = false }));
        Assert.Equal("a gauge, or a sum that may fall, cannot be added up", await ReasonAsync(new MetricDraft { Temporality = 0 }));
        Assert.Equal("time is more than 30 days ago", await ReasonAsync(At(SpanDraft.Now.AddDays(-31))));
        Assert.Equal("time is more than 24 hours ahead of our clock", await ReasonAsync(At(SpanDraft.Now.AddHours(25))));
        Assert.Equal("request model is longer than 200 characters", await ReasonAsync(With("gen_ai.request.model", new string('x', 201))));
    }

    [Fact]
    public async Task What_is_no_figure_of_calls_is_passed_over()
    {
        MetricDraft[] others =
        [
            new() { Name = "http.client.request.duration" },
            new() { Flags = 1 },
            With("gen_ai.token.type", "total"),
            With("gen_ai.operation.name", "invoke_agent"),
            new() { Name = "gen_ai.server.request.duration" },
        ];
        foreach (var other in others)
        {
            var batch = await ReadAsync(other.Protobuf(), "application/x-protobuf");
            Assert.Empty(batch.Points);
            Assert.Empty(batch.Rejected);
        }
    }

    [Fact]
    public async Task Durations_count_calls_and_those_with_an_error_count_failures()
    {
        var duration = new MetricDraft { Name = "gen_ai.client.operation.duration", Sum = 0.5 };
        Assert.Equal((Measure.Calls, 2L), await MeasureAsync(duration));
        Assert.Equal((Measure.FailedCalls, 2L), await MeasureAsync(duration with { Attributes = new(duration.Attributes) { ["error.type"] = "timeout" } }));
        Assert.Equal((Measure.Calls, 2L), await MeasureAsync(duration with { Name = "gen_ai.server.request.duration", Scope = "envoyproxy/ai-gateway" }));
        Assert.Equal(Measure.Cost, (await MeasureAsync(duration with { Name = "gen_ai.usage.cost", Scope = "litellm" })).Measure);
    }

    private static MetricDraft At(DateTimeOffset at) => new() { Start = SpanDraft.Nanos(at) - 1, Time = SpanDraft.Nanos(at) };

    private static MetricDraft With(string name, object value) => new() { Attributes = new(new MetricDraft().Attributes) { [name] = value } };

    private static async Task<(Measure Measure, long Count)> MeasureAsync(MetricDraft draft)
    {
        var point = Assert.Single((await ReadAsync(draft.Json(), "application/json")).Points);
        return (point.Measure, point.Count);
    }

    private static async Task<string> ReasonAsync(MetricDraft draft)
    {
        var batch = await ReadAsync(draft.Protobuf(), "application/x-protobuf");
        Assert.Empty(batch.Points);
        Assert.Equal(batch.Rejected, (await ReadAsync(draft.Json(), "application/json")).Rejected);
        return Assert.Single(batch.Rejected);
    }

    private static async Task<MetricBatch> ReadAsync(byte[] bytes, string contentType)
    {
        using var stream = new MemoryStream(bytes);
        using var body = await OtlpBody.ReadAsync(stream, contentType, null, bytes.Length, OtlpLimits.Default, TestContext.Current.CancellationToken);
        return MetricBatch.Read(body, SpanDraft.Now);
    }
}
