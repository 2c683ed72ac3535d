using System.Text;
using CoEPortal.Enforcement.Otlp;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class TraceBoundsTests
{
    [Theory]
    [InlineData(16, false)]
    [InlineData(17, true)]
    [InlineData(2_000, true)]
    public void A_value_may_nest_sixteen_deep_and_no_deeper(int depth, bool isRefused)
    {
        var arrays = Nested(depth, inner => new object[] { inner });
        var maps = Nested(depth, inner => new Dictionary<string, object> { ["k"] = inner });

        foreach (var value in new[] { arrays, maps })
        {
            var protobuf = new SpanDraft { Attributes = SpanDraft.Chat(("nested", value)) }.Protobuf();
            Assert.Equal(isRefused, IsRefused(() => TraceProtobuf.Read(protobuf)));
            if (depth < 100)
            {
                // JsonNode cannot write deeper; the test below writes such a body by hand
                var json = new SpanDraft { Resource = new() { ["nested"] = value } }.Json();
                Assert.Equal(isRefused, IsRefused(() => TraceJson.Read(json)));
            }
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"resourceSpans\":[")]
    [InlineData("{\"unknown\":")]
    public void Endless_json_nesting_is_refused_without_exhausting_the_stack(string opening)
    {
        var json = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(opening, 100_000)));
        Assert.Throws<OtlpFormatException>(() => TraceJson.Read(json));
    }

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(1_001, true)]
    public void A_span_may_carry_a_thousand_attributes_and_no_more(int count, bool isRefused)
    {
        var attributes = Enumerable.Range(0, count).ToDictionary(i => $"a{i}", i => (object)"x");

        var onSpan = new SpanDraft { Attributes = attributes };
        var onResource = new SpanDraft { Resource = attributes };

        foreach (var draft in new[] { onSpan, onResource })
        {
            Assert.Equal(isRefused, IsRefused(() => TraceProtobuf.Read(draft.Protobuf())));
            Assert.Equal(isRefused, IsRefused(() => TraceJson.Read(draft.Json())));
        }
    }

    [Theory]
    [InlineData(100_000, false)]
    [InlineData(100_001, true)]
    public void A_request_may_carry_a_hundred_thousand_spans_and_no_more(int count, bool isRefused)
    {
        var empty = Enumerable.Repeat(Wire.Bytes(2), count).ToArray();
        var protobuf = Wire.Bytes(1, Wire.Bytes(2, empty));
        var spans = string.Join(',', Enumerable.Repeat("{}", count));
        var json = Encoding.UTF8.GetBytes($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{spans}}]}]}]}""");

        Assert.Equal(isRefused, IsRefused(() => TraceProtobuf.Read(protobuf)));
        Assert.Equal(isRefused, IsRefused(() => TraceJson.Read(json)));
    }

    [Fact]
    public void A_protobuf_body_cut_off_anywhere_is_read_or_refused_and_nothing_else()
    {
        var body = Captures.Read("otlp_v1_traces-official-proto-013.raw.pb");
        for (var length = 0; length < body.Length; length++)
        {
            // the whole request is one field: no proper prefix but the empty one is sound
            Assert.Equal(length > 0, IsRefused(() => TraceProtobuf.Read(body.AsSpan(0, length))));
        }
    }

    [Fact]
    public void A_json_body_cut_off_anywhere_is_refused()
    {
        var body = Captures.Read("otlp_v1_traces-official-json-016.raw.json").AsSpan().TrimEnd("\r\n "u8).ToArray();
        for (var length = 0; length < body.Length; length++)
        {
            Assert.True(IsRefused(() => TraceJson.Read(body.AsSpan(0, length))), $"cut at {length}");
        }
    }

    [Fact]
    public void Random_bytes_never_crash_a_reader() => Prop.ForAll((byte[] bytes) =>
    {
        IsRefused(() => TraceBatch.From(TraceProtobuf.Read(bytes), SpanDraft.Now));
        IsRefused(() => TraceBatch.From(TraceJson.Read(bytes), SpanDraft.Now));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Damage_to_a_sound_body_never_crashes_a_reader()
    {
        var draft = new SpanDraft
        {
            Attributes = SpanDraft.Chat(
                ("gen_ai.usage.input_tokens", 12L), ("gen_ai.usage.cost", 0.5), ("list", new object[] { "a", true })),
        };
        byte[] protobuf = draft.Protobuf(), json = draft.Json();

        Prop.ForAll((Tuple<int, byte>[] blows) =>
        {
            IsRefused(() => TraceBatch.From(TraceProtobuf.Read(Damaged(protobuf, blows)), SpanDraft.Now));
            IsRefused(() => TraceBatch.From(TraceJson.Read(Damaged(json, blows)), SpanDraft.Now));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static byte[] Damaged(byte[] sound, Tuple<int, byte>[] blows)
    {
        var damaged = sound.ToArray();
        foreach (var (at, value) in blows)
        {
            // spread: FsCheck prefers small numbers, which would hit the first bytes only
            damaged[(int)((uint)(at * 2_654_435_761) % damaged.Length)] = value;
        }
        return damaged;
    }

    private static object Nested(int depth, Func<object, object> around)
    {
        object value = "innermost";
        for (var i = 1; i < depth; i++)
        {
            value = around(value);
        }
        return value;
    }

    /// <summary>Any exception but the typed one fails the test.</summary>
    private static bool IsRefused(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (OtlpFormatException)
        {
            return true;
        }
    }
}
