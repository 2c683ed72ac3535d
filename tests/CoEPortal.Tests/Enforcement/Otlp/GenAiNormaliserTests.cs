using System.Globalization;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class GenAiNormaliserTests
{
    [Theory]
    [InlineData("chat", "chat")]
    [InlineData("generate_content", "generate_content")]
    [InlineData("text_completion", "text_completion")]
    [InlineData("embeddings", "embeddings")]
    [InlineData("completion", "text_completion")]
    [InlineData("embedding", "embeddings")]
    [InlineData("messages", "chat")]
    [InlineData("rerank", "rerank")]
    [InlineData("image_generation", "image_generation")]
    public void Operations_of_models_are_calls_under_their_convention_name(string sent, string operation) =>
        Assert.Equal(operation, CallOf(("gen_ai.operation.name", sent)).Operation);

    [Theory]
    [InlineData("invoke_agent")]
    [InlineData("execute_tool")]
    [InlineData("create_agent")]
    [InlineData("invoke_workflow")]
    [InlineData("retrieval")]
    [InlineData("")]
    public void Agents_tools_and_workflows_are_not_calls(string operation) =>
        Assert.IsType<SpanReading.NotACall>(Read(("gen_ai.operation.name", operation)));

    [Fact]
    public void An_http_span_that_only_carries_the_use_case_is_not_a_call() =>
        Assert.IsType<SpanReading.NotACall>(Read(new SpanDraft
        {
            Attributes = new() { ["http.request.method"] = "POST", ["ai.use_case.id"] = "UC-1" },
        }));

    [Fact]
    public void An_end_user_is_read_under_each_documented_name_and_one_that_cannot_be_is_no_reason_to_refuse_a_call()
    {
        Assert.Equal("nina", CallOf(("gen_ai.operation.name", "chat"), ("enduser.id", "old"), ("user.id", "nina")).EndUser);
        var call = CallOf(("gen_ai.operation.name", "chat"), ("enduser.pseudo.id", "pseudo"), ("ai.cohort", "north"));
        Assert.Equal(("pseudo", "north"), (call.EndUser, call.Cohort));
        Assert.NotNull(CallOf(("gen_ai.operation.name", "chat"), ("user.id", new string('n', 300))));
    }

    [Fact]
    public void A_span_with_only_the_names_of_old_is_read_like_a_new_one()
    {
        var call = Call(new SpanDraft
        {
            Attributes = new()
            {
                ["llm.request.type"] = "completion",
                ["gen_ai.system"] = "OpenAI",
                ["llm.request.model"] = "gpt-4o",
                ["llm.usage.prompt_tokens"] = 7L,
                ["gen_ai.usage.completion_tokens"] = 9L,
                ["gen_ai.usage.cache_read_input_tokens"] = 3L,
                ["gen_ai.usage.cache_creation.input_tokens"] = 2L,
                ["gen_ai.usage.total_tokens"] = 16L,
            },
        });

        Assert.Equal(("text_completion", "openai", "gpt-4o"), (call.Operation, call.Provider, call.RequestModel));
        Assert.Equal((7L, 9L, 3L, 2L),
            (call.InputTokens, call.OutputTokens, call.CachedInputTokens, call.CacheWriteTokens));
    }

    [Fact]
    public void Where_both_names_are_sent_the_new_one_wins_in_any_order()
    {
        (string, object) old = ("gen_ai.usage.prompt_tokens", 1L), current = ("gen_ai.usage.input_tokens", 2L);
        Assert.Equal(2, CallOf(old, current).InputTokens);
        Assert.Equal(2, CallOf(current, old).InputTokens);
    }

    [Fact]
    public void An_agent_span_that_also_carries_an_old_type_is_still_not_a_call() =>
        Assert.IsType<SpanReading.NotACall>(
            Read(("gen_ai.operation.name", "invoke_agent"), ("llm.request.type", "chat")));

    [Fact]
    public void Usage_that_is_not_reported_stays_unknown_and_is_never_zero()
    {
        var call = CallOf();
        Assert.Null(call.InputTokens);
        Assert.Null(call.OutputTokens);
        Assert.Null(call.CachedInputTokens);
        Assert.Null(call.ReportedCost);
        Assert.Null(call.TimeToFirstToken);
    }

    [Theory]
    [InlineData(12L)]
    [InlineData("12")]
    [InlineData(12.0)]
    public void Token_counts_may_come_as_any_kind_of_number(object sent) =>
        Assert.Equal(12, CallOf(("gen_ai.usage.reasoning.output_tokens", sent)).ReasoningTokens);

    [Theory]
    [InlineData(-1L)]
    [InlineData(1_000_000_001L)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    [InlineData(1e300)]
    [InlineData("many")]
    [InlineData(true)]
    public void A_count_of_tokens_that_cannot_be_is_rejected_and_not_counted(object sent) =>
        Assert.StartsWith("input tokens is not", ReasonOf(("gen_ai.usage.input_tokens", sent)));

    [Theory]
    [InlineData("gen_ai.usage.cost", 0.000123, "0.000123")]
    [InlineData("litellm.cost.total", "1.5e-7", "0.00000015")]
    [InlineData("response_cost", 2L, "2")]
    [InlineData("response_cost", 0.0, "0")]
    [InlineData("response_cost", "0.0000000000014999", "0.000000000001")]
    public void A_reported_cost_is_kept_to_twelve_decimals(string name, object sent, string expected) =>
        Assert.Equal(
            decimal.Parse(expected, CultureInfo.InvariantCulture),
            CallOf((name, sent)).ReportedCost);

    [Theory]
    [InlineData(-0.01)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1_000_001L)]
    [InlineData("$1")]
    [InlineData("1e99")]
    public void A_cost_that_cannot_be_is_rejected(object sent) =>
        Assert.Equal("cost is not an amount of US dollars", ReasonOf(("gen_ai.usage.cost", sent)));

    [Fact]
    public void The_use_case_of_the_deployment_outranks_that_of_the_caller()
    {
        var draft = new SpanDraft { Attributes = SpanDraft.Chat(("ai.use_case.id", "UC-caller")) };
        Assert.Equal("UC-caller", Call(draft).ClaimedUseCase);
        Assert.Equal("UC-deployed",
            Call(draft with { Resource = new() { ["ai.use_case.id"] = "UC-deployed" } }).ClaimedUseCase);
    }

    [Theory]
    [InlineData(3, "litellm", true)]
    [InlineData(2, "anything", true)]
    [InlineData(3, "envoyproxy/ai-gateway", true)]
    [InlineData(3, "@opentelemetry/instrumentation-openai", false)]
    [InlineData(3, "opentelemetry.instrumentation.litellm", false)]
    public void Only_a_server_or_a_known_gateway_speaks_as_a_gateway(int kind, string scope, bool isGateway) =>
        Assert.Equal(isGateway, Call(new SpanDraft { Kind = kind, Scope = scope }).IsGateway);

    [Theory]
    [InlineData(2, null, GenAiCallStatus.Error)]
    [InlineData(0, "timeout", GenAiCallStatus.Error)]
    [InlineData(0, null, GenAiCallStatus.Ok)]
    [InlineData(1, null, GenAiCallStatus.Ok)]
    public void A_status_or_a_type_of_error_makes_an_error(int code, string? errorType, GenAiCallStatus expected)
    {
        var attributes = errorType is null ? SpanDraft.Chat() : SpanDraft.Chat(("error.type", errorType));
        var call = Call(new SpanDraft { StatusCode = code, Attributes = attributes });
        Assert.Equal((expected, errorType), (call.Status, call.ErrorType));
    }

    [Fact]
    public void Time_to_first_token_is_read_in_seconds()
    {
        Assert.Equal(
            TimeSpan.FromMilliseconds(412.5), CallOf(("gen_ai.response.time_to_first_chunk", 0.4125)).TimeToFirstToken);
        Assert.Equal(
            "time to first token is not a length of time in seconds",
            ReasonOf(("gen_ai.response.time_to_first_chunk", -1.0)));
    }

    public static TheoryData<ulong, ulong, string> ImpossibleTimes()
    {
        var now = SpanDraft.Nanos(SpanDraft.Now);
        var ahead = SpanDraft.Nanos(SpanDraft.Now.AddHours(24).AddSeconds(1));
        return new()
        {
            { 0, now, "start or end is missing or before 2015" },
            { now, 0, "start or end is missing or before 2015" },
            { 1_420_070_399_999_999_999, now, "start or end is missing or before 2015" },
            { ahead, ahead, "start or end is more than 24 hours ahead of our clock" },
            { now, ulong.MaxValue, "start or end is more than 24 hours ahead of our clock" },
            { now, now - 1, "ends before it starts" },
        };
    }

    [Theory]
    [MemberData(nameof(ImpossibleTimes))]
    public void Impossible_times_are_rejected(ulong start, ulong end, string reason) =>
        Assert.Equal(reason, Reason(new SpanDraft { Start = start, End = end }));

    [Theory]
    [InlineData("gen_ai.request.model", "request model")]
    [InlineData("gen_ai.response.model", "response model")]
    [InlineData("gen_ai.response.id", "response id")]
    [InlineData("gen_ai.provider.name", "provider")]
    [InlineData("error.type", "error type")]
    [InlineData("ai.use_case.id", "use case")]
    public void Texts_are_bounded_and_printable(string name, string called)
    {
        Assert.IsType<SpanReading.ModelCall>(Read((name, new string('x', 200))));
        Assert.Equal($"{called} is longer than 200 characters", ReasonOf((name, new string('x', 201))));
        Assert.Equal($"{called} is longer than 200 characters", ReasonOf((name, new string('x', 100_000))));
        Assert.Equal($"{called} contains control characters", ReasonOf((name, "a\0b")));
        Assert.Equal($"{called} is not a text", ReasonOf((name, new object[] { "a" })));
    }

    [Theory]
    [InlineData("00000000000000000000000000000000", "2a5037791400f63f")]
    [InlineData("374d3412c6d4e1cbe86a20337ab60aa8", "0000000000000000")]
    [InlineData("374d", "2a5037791400f63f")]
    [InlineData("374d3412c6d4e1cbe86a20337ab60aa8", "")]
    public void A_call_without_a_valid_identity_cannot_be_counted_once_and_is_rejected(string traceId, string spanId) =>
        Assert.Equal(
            "trace id or span id is not valid", Reason(new SpanDraft { TraceId = traceId, SpanId = spanId }));

    [Fact]
    public void One_bad_span_does_not_cost_the_sender_the_rest()
    {
        byte[] body =
        [
            .. new SpanDraft().Protobuf(),
            .. new SpanDraft { SpanId = "0000000000000001", Start = 0 }.Protobuf(),
            .. new SpanDraft { Attributes = [] }.Protobuf(),
        ];

        var batch = TraceBatch.From(TraceProtobuf.Read(body), SpanDraft.Now);

        Assert.Equal("otlp:374d3412c6d4e1cbe86a20337ab60aa8:2a5037791400f63f", Assert.Single(batch.Calls).EventId);
        Assert.Equal("0000000000000001", Assert.Single(batch.Rejected).SpanId);
        Assert.Equal(1, batch.OtherSpans);
        Assert.Equal("Spans rejected: start or end is missing or before 2015 (1).", batch.DescribeRejections());
    }

    [Fact]
    public void Prompts_and_answers_are_not_kept()
    {
        var span = Assert.Single(TraceProtobuf.Read(new SpanDraft
        {
            Attributes = SpanDraft.Chat(("gen_ai.input.messages", "my secret"), ("gen_ai.prompt", "my secret")),
        }.Protobuf()));

        var kept = Enum.GetValues<CallAttribute>().Select(name => span.Attributes[name].Text);
        Assert.DoesNotContain(kept, text => text?.Contains("secret", StringComparison.Ordinal) is true);
    }

    private static SpanReading Read(SpanDraft draft) =>
        GenAiNormaliser.Read(Assert.Single(TraceProtobuf.Read(draft.Protobuf())), SpanDraft.Now);

    private static SpanReading Read(params (string Name, object Value)[] attributes) =>
        Read(new SpanDraft { Attributes = SpanDraft.Chat(attributes) });

    private static GenAiCall Call(SpanDraft draft) => Assert.IsType<SpanReading.ModelCall>(Read(draft)).Call;

    private static GenAiCall CallOf(params (string Name, object Value)[] attributes) =>
        Assert.IsType<SpanReading.ModelCall>(Read(attributes)).Call;

    private static string Reason(SpanDraft draft) => Assert.IsType<SpanReading.Rejected>(Read(draft)).Reason;

    private static string ReasonOf(params (string Name, object Value)[] attributes) =>
        Assert.IsType<SpanReading.Rejected>(Read(attributes)).Reason;
}
