using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class TraceEncodingTests
{
    public static TheoryData<object> ValuesOfEveryKind =>
    [
        "text", "ü \"quoted\" 漢字 🙂", 42L, -1L, long.MaxValue, 0.25, double.NaN, double.NegativeInfinity, true,
        new byte[] { 0, 255 }, new object[] { "a", 1L, new object[] { 2.5 } },
        new Dictionary<string, object> { ["k"] = new object[] { "v" } },
    ];

    [Theory]
    [MemberData(nameof(ValuesOfEveryKind))]
    public void Both_encodings_of_a_request_give_the_same_span(object value)
    {
        var draft = new SpanDraft
        {
            StatusCode = 2,
            Attributes = SpanDraft.Chat(("gen_ai.response.id", value), ("unrelated", value)),
            Resource = new() { ["ai.use_case.id"] = value, ["service.name"] = "x" },
        };

        var fromProtobuf = Assert.Single(TraceProtobuf.Read(draft.Protobuf()));
        var fromJson = Assert.Single(TraceJson.Read(draft.Json()));

        Assert.Equal(Describe(fromProtobuf), Describe(fromJson));
        Assert.Equal(GenAiNormaliser.Read(fromProtobuf, SpanDraft.Now), GenAiNormaliser.Read(fromJson, SpanDraft.Now));
    }

    [Fact]
    public void Every_field_of_the_span_arrives()
    {
        var draft = new SpanDraft { StatusCode = 1, Kind = 2, Scope = "litellm" };

        var span = Assert.Single(TraceProtobuf.Read(draft.Protobuf()));

        Assert.Equal(draft.TraceId, span.TraceId);
        Assert.Equal(draft.SpanId, span.SpanId);
        Assert.Equal(draft.ParentSpanId, span.ParentSpanId);
        Assert.Equal(draft.Name, span.Name);
        Assert.Equal(OtlpSpanKind.Server, span.Kind);
        Assert.Equal(OtlpStatusCode.Ok, span.StatusCode);
        Assert.Equal(draft.Start, span.StartUnixNanos);
        Assert.Equal(SpanDraft.Now.AddMicroseconds(123_456), span.StartedAt);
        Assert.Equal("litellm", span.Scope.Name);
        Assert.Equal("gpt-4o-mini", span.Attributes[CallAttribute.RequestModel].Text);
    }

    [Fact]
    public void A_resource_or_scope_that_follows_its_spans_still_counts()
    {
        var draft = new SpanDraft { Resource = new() { ["ai.use_case.id"] = "UC-9" }, Scope = "litellm" };
        var useCase = Wire.Bytes(1, Wire.Text(1, "ai.use_case.id"), Wire.Bytes(2, Wire.Text(1, "UC-9")));
        var resource = Wire.Bytes(1, useCase);
        var scope = Wire.Bytes(1, Wire.Text(1, "litellm"));
        var protobuf = Wire.Bytes(1, Wire.Bytes(2, Wire.Bytes(2, draft.ProtobufSpan()), scope), resource);

        foreach (var span in TraceProtobuf.Read(protobuf).Concat(TraceJson.Read(Reversed(draft))))
        {
            Assert.Equal("UC-9", span.Resource[CallAttribute.UseCase].Text);
            Assert.Equal("litellm", span.Scope.Name);
            Assert.Equal("gpt-4o-mini", span.Attributes[CallAttribute.RequestModel].Text);
        }
    }

    [Fact]
    public void Unknown_fields_are_ignored()
    {
        var json = new SpanDraft().JsonTree();
        json["future"] = JsonNode.Parse("""{"deep":[{"er":[1,2,null]}]}""");
        json["resourceSpans"]![0]!["scopeSpans"]![0]!["spans"]![0]!["flags"] = 257;
        byte[] protobuf = [.. new SpanDraft().Protobuf(), .. Wire.Varint(99, 7), .. Wire.Fixed64(100, 7)];

        Assert.Single(TraceJson.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Single(TraceProtobuf.Read(protobuf));
    }

    [Fact]
    public void A_kind_of_value_we_do_not_know_is_ignored_like_any_unknown_field()
    {
        var json = WithValue("""{"futureValue":{"index":7}}""");
        Assert.Equal(OtlpValue.Absent, Assert.Single(TraceJson.Read(json)).Attributes[CallAttribute.InputTokens]);
    }

    [Theory]
    [InlineData("""{"intValue":"12"}""", 12)]
    [InlineData("""{"intValue":12}""", 12)]
    [InlineData("""{"intValue":1.2e1}""", 12)]
    [InlineData("""{"intValue":"-9223372036854775808"}""", long.MinValue)]
    public void A_json_int64_may_be_a_text_or_a_number(string value, long expected)
    {
        var span = Assert.Single(TraceJson.Read(WithValue(value)));
        Assert.Equal(OtlpValue.Of(expected), span.Attributes[CallAttribute.InputTokens]);
    }

    [Theory]
    [InlineData("""{"intValue":"twelve"}""")]
    [InlineData("""{"intValue":1.5}""")]
    [InlineData("""{"intValue":"9223372036854775808"}""")]
    [InlineData("""{"doubleValue":"1,5"}""")]
    [InlineData("""{"stringValue":5}""")]
    [InlineData("""{"stringValue":"\ud800"}""")]
    [InlineData("[]")]
    public void A_json_value_of_the_wrong_shape_is_refused(string value) =>
        Assert.Throws<OtlpFormatException>(() => TraceJson.Read(WithValue(value)));

    [Fact]
    public void The_name_of_an_enum_instead_of_its_number_is_refused()
    {
        var json = new SpanDraft().JsonTree();
        json["resourceSpans"]![0]!["scopeSpans"]![0]!["spans"]![0]!["kind"] = "SPAN_KIND_CLIENT";
        Assert.Throws<OtlpFormatException>(() => TraceJson.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("{\"resourceSpans\":{}}")]
    public void A_body_that_is_no_request_is_refused(string json) =>
        Assert.Throws<OtlpFormatException>(() => TraceJson.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_empty_request_is_a_request_without_spans()
    {
        Assert.Empty(TraceProtobuf.Read([]));
        Assert.Empty(TraceJson.Read("{}"u8));
        Assert.Empty(TraceJson.Read("""{"resourceSpans":null}"""u8));
    }

    private static byte[] WithValue(string anyValue)
    {
        var json = new SpanDraft { Attributes = SpanDraft.Chat(("gen_ai.usage.input_tokens", "here")) }.Json();
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace("""{"stringValue":"here"}""", anyValue));
    }

    private static byte[] Reversed(SpanDraft draft) =>
        Encoding.UTF8.GetBytes(Reverse(draft.JsonTree())!.ToJsonString());

    private static JsonNode? Reverse(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Reverse().Select(p => KeyValuePair.Create(p.Key, Reverse(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Reverse)]),
        _ => node?.DeepClone(),
    };

    private static string Describe(OtlpSpan span) => string.Join(
        ' ',
        [
            span.TraceId, span.SpanId, span.ParentSpanId, span.Name, span.Kind, span.StartUnixNanos, span.EndUnixNanos,
            span.StatusCode, span.Scope.Name,
            .. Enum.GetValues<CallAttribute>().Select(name => $"{span.Attributes[name]} {span.Resource[name]}"),
        ]);
}
