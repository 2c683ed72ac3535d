using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Enforcement.Otlp;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement.Ingest;

/// <summary>Metrics and logs over HTTP, and what the portal answers when it cannot take more.</summary>
[Collection(typeof(PortalCollection))]
public sealed class OtlpEndpointTests(RunningPortal portal)
{
    private static Proposal HelpBot => TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot");

    [Theory]
    [InlineData("application/json", false)]
    [InlineData("application/json", true)]
    [InlineData("application/x-protobuf", false)]
    [InlineData("application/x-protobuf", true)]
    public async Task Metrics_are_taken_in_each_encoding_and_a_bad_point_is_refused_alone(string mediaType, bool gzip)
    {
        var key = await portal.GivenAnApprovedAsync(HelpBot);
        using var sdk = await portal.WithTokenAsync("telemetry.write", key);
        var now = DateTimeOffset.UnixEpoch.AddSeconds(await NowAsync());
        var good = new MetricDraft
        {
            Start = SpanDraft.Nanos(now.AddMinutes(-1)),
            Time = SpanDraft.Nanos(now),
            Resource = new() { ["service.name"] = "metrics-only " + key },
        };
        foreach (var draft in new[] { good, good with { Sum = double.NaN }, good })
        {
            using var content = Content(mediaType is "application/json" ? draft.Json() : draft.Protobuf(), mediaType, gzip);
            using var answer = await sdk.PostAsync("/v1/metrics", content);
            Assert.Equal((HttpStatusCode.OK, mediaType), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            var body = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(draft.Sum is double.NaN, body.Contains("the sum is not a number that can be counted", StringComparison.Ordinal));
        }

        using var lead = await portal.AsAsync("coe-lead");
        var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
        Assert.Equal(24, usage["inputTokens"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("/v1/metrics")]
    [InlineData("/v1/logs")]
    [InlineData("/ingest/litellm")]
    [InlineData("/ingest/alertmanager")]
    public async Task Without_a_token_for_telemetry_nothing_is_taken(string path)
    {
        using var sender = await portal.WithTokenAsync("enforcement.read");
        using var content = Content("{}"u8.ToArray(), "application/json", false);
        using var answer = await sender.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v1/metrics", "application/x-protobuf")]
    [InlineData("/v1/logs", "application/x-protobuf")]
    [InlineData("/v1/logs", "application/json")]
    [InlineData("/ingest/litellm", "application/json")]
    public async Task A_bomb_is_refused_before_it_unfolds(string path, string mediaType)
    {
        using var sender = await portal.WithTokenAsync("telemetry.write");
        using var content = Content(new byte[64 * 1024 * 1024], mediaType, gzip: true);
        using var answer = await sender.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_log_that_tells_of_a_whole_call_is_the_call_of_its_span()
    {
        var key = await portal.GivenAnApprovedAsync(HelpBot);
        using var sdk = await portal.WithTokenAsync("telemetry.write", key);
        var trace = Convert.ToHexStringLower(Guid.CreateVersion7().ToByteArray());
        var now = await NowAsync();
        var span = new SpanDraft { TraceId = trace, Start = (ulong)now * 1_000_000_000, End = (ulong)now * 1_000_000_000 + 5, Attributes = SpanDraft.Chat(("gen_ai.usage.input_tokens", 7L)) };
        var log = $$$"""
            {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"{{{now}}}000000000","eventName":"gen_ai.client.inference.operation.details","traceId":"{{{trace}}}","spanId":"{{{span.SpanId}}}",
              "body":{"stringValue":"my prompt secret"},"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"} },{"key":"gen_ai.usage.input_tokens","value":{"intValue":"7"} } ] } ] } ] } ] }
            """;
        foreach (var (path, body) in new[] { ("/v1/logs", Encoding.UTF8.GetBytes(log)), ("/v1/traces", span.Json()), ("/v1/logs", Encoding.UTF8.GetBytes(log)) })
        {
            using var content = Content(body, "application/json", false);
            using var answer = await sdk.PostAsync(path, content);
            Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        }

        using var lead = await portal.AsAsync("coe-lead");
        var usage = await RunningPortal.JsonAsync(await lead.GetAsync($"/api/v1/use-cases/{key}/usage"));
        Assert.Equal((1, 7), (usage["calls"]!.GetValue<int>(), usage["inputTokens"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_busy_portal_asks_to_come_again_and_never_says_500()
    {
        using var sdk = await portal.WithTokenAsync("telemetry.write");
        var gate = await portal.GetAsync<IngestGate>();
        var others = new List<Guid>();
        while (others.Count < IngestGate.MostAtOnce && Guid.CreateVersion7() is var sender && gate.Enter(sender) == 0)
        {
            others.Add(sender);
        }

        try
        {
            using var content = Content("{}"u8.ToArray(), "application/json", false);
            using var answer = await sdk.PostAsync("/v1/traces", content);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, 5), (answer.StatusCode, (int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        }
        finally
        {
            others.ForEach(gate.Leave);
        }

        using var again = Content("{}"u8.ToArray(), "application/json", false);
        using var taken = await sdk.PostAsync("/v1/traces", again);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    private async Task<long> NowAsync() => (await portal.GetAsync<TimeProvider>()).GetUtcNow().ToUnixTimeSeconds();

    private static ByteArrayContent Content(byte[] bytes, string mediaType, bool gzip)
    {
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
            {
                zip.Write(bytes);
            }

            bytes = packed.ToArray();
        }

        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (gzip)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        return content;
    }
}
