using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Tests.Enforcement.Otlp;

/// <summary>
/// What the official JavaScript SDK sent for four calls. The expectations were read from the JSON by eye and from the
/// protobuf with <c>protoc --decode_raw</c>, not with our reader.
/// </summary>
public sealed class CapturedTracesTests
{
    private const string JsonFile = "otlp_v1_traces-official-json-016.raw.json";
    private const string ProtobufFile = "otlp_v1_traces-official-proto-013.raw.pb";
    private const string UnpackedFile = "otlp_v1_traces-official-proto-gzip-019.pb";
    private const string GzipFile = "otlp_v1_traces-official-proto-gzip-019.raw.pb.gz";

    [Theory]
    [InlineData(JsonFile, "application/json", null)]
    [InlineData(ProtobufFile, "application/x-protobuf", null)]
    [InlineData(UnpackedFile, "application/x-protobuf", null)]
    [InlineData(GzipFile, "application/x-protobuf", "gzip")]
    public async Task Four_calls_are_counted_and_their_four_http_children_are_not(
        string file, string contentType, string? encoding)
    {
        var batch = await ReadAsync(file, contentType, encoding);

        Assert.Equal(4, batch.Calls.Count);
        Assert.Equal(4, batch.OtherSpans);
        Assert.Empty(batch.Rejected);
        Assert.Equal(29, batch.Calls.Sum(call => call.InputTokens));
        Assert.Equal(37, batch.Calls.Sum(call => call.OutputTokens));
        Assert.Equal(["chat", "chat", "embeddings", "chat"], batch.Calls.Select(call => call.Operation));
        Assert.Equal([12, 12, 5, null], batch.Calls.Select(call => call.InputTokens));
        Assert.Equal([34, 3, null, null], batch.Calls.Select(call => call.OutputTokens));
        Assert.All(batch.Calls, call =>
        {
            Assert.Equal("openai", call.Provider);
            Assert.Equal("UC-1", call.ClaimedUseCase);
            Assert.False(call.IsGateway);
            Assert.Null(call.ReportedCost);
        });
    }

    [Theory]
    [InlineData(JsonFile, "application/json", null, "chatcmpl-12", "chatcmpl-13")]
    [InlineData(ProtobufFile, "application/x-protobuf", null, "chatcmpl-8", "chatcmpl-9")]
    [InlineData(GzipFile, "application/x-protobuf", "gzip", "chatcmpl-16", "chatcmpl-17")]
    public async Task Answers_keep_their_response_ids_and_models(
        string file, string contentType, string? encoding, string first, string second)
    {
        var calls = (await ReadAsync(file, contentType, encoding)).Calls;

        Assert.Equal([first, second, null, null], calls.Select(call => call.ResponseId));
        Assert.Equal(
            ["gpt-4o-mini-2026", "gpt-4o-mini-2026", "text-embedding-3-small", null],
            calls.Select(call => call.ResponseModel));
    }

    [Theory]
    [InlineData(JsonFile, "application/json", null)]
    [InlineData(ProtobufFile, "application/x-protobuf", null)]
    [InlineData(GzipFile, "application/x-protobuf", "gzip")]
    public async Task A_failed_call_is_an_error_without_usage_and_not_a_call_of_zero_tokens(
        string file, string contentType, string? encoding)
    {
        var calls = (await ReadAsync(file, contentType, encoding)).Calls;

        Assert.Equal("InternalServerError", calls[3].ErrorType);
        Assert.Equal(GenAiCallStatus.Error, calls[3].Status);
        Assert.Null(calls[3].InputTokens);
        Assert.All(calls.Take(3), call => Assert.Equal(GenAiCallStatus.Ok, call.Status));
    }

    [Theory]
    [InlineData(JsonFile, "application/json", "otlp:374d3412c6d4e1cbe86a20337ab60aa8:2a5037791400f63f",
        1_795_334_655_637_000, 65_527)]
    [InlineData(ProtobufFile, "application/x-protobuf", "otlp:8fadef003df9ae318c9f2e7dc04378e2:a507bde1aa871701",
        1_795_334_654_616_000, 79_356)]
    [InlineData(UnpackedFile, "application/x-protobuf", "otlp:07758942c3648150ee2c745462779a9e:ca5e630d6c4432b0",
        1_795_334_657_888_000, 259_696)]
    public async Task Identity_and_times_survive_to_the_microsecond(
        string file, string contentType, string eventId, long startMicroseconds, long durationMicroseconds)
    {
        var call = (await ReadAsync(file, contentType, null)).Calls[0];

        Assert.Equal(eventId, call.EventId);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMicroseconds(startMicroseconds), call.StartedAt);
        Assert.Equal(TimeSpan.FromMicroseconds(durationMicroseconds), call.Duration);
    }

    private static async Task<TraceBatch> ReadAsync(string file, string contentType, string? encoding)
    {
        using var stream = new MemoryStream(Captures.Read(file));
        using var body = await OtlpBody.ReadAsync(
            stream, contentType, encoding, stream.Length, OtlpLimits.Default, TestContext.Current.CancellationToken);
        return TraceBatch.Read(body, SpanDraft.Now);
    }
}
