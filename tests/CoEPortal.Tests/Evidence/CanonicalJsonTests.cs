using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Evidence;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_read_as_in_RFC_8785_appendix_B(ulong bits, string expected)
    {
        var number = BitConverter.UInt64BitsToDouble(bits);

        Assert.Equal(expected, Text(JsonValue.Create(number)));
        Assert.Equal(expected, Text(Parse(expected)));
    }

    [Theory]
    [InlineData(0x7fffffffffffffff)]
    [InlineData(0x7ff0000000000000)]
    [InlineData(0xfff0000000000000)]
    public void What_is_not_a_number_is_refused(ulong bits)
    {
        var number = BitConverter.UInt64BitsToDouble(bits);

        Refused(() => CanonicalJson.Write(JsonValue.Create(number)));
        Refused(() => CanonicalJson.Write(new JsonArray(JsonValue.Create((float)number))));
    }

    [Fact]
    public void The_sample_of_RFC_8785_section_3_2_2_comes_out_as_printed_there()
    {
        const string sample = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string expected =
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""";

        Assert.Equal(expected, Text(Parse(sample)));
        Assert.Equal(expected, Text(JsonNode.Parse(sample)));
    }

    [Fact]
    public void Keys_stand_in_the_order_of_their_UTF_16_code_units()
    {
        // RFC 8785, 3.2.3. The emoji's first surrogate is below U+FB33, its code point above.
        const string sample = """
            {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}
            """;
        const string expected = "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}";

        Assert.Equal(expected, Text(Parse(sample)));
        Assert.Equal(expected, Text(JsonNode.Parse(sample)));
    }

    [Fact]
    public void Only_what_must_be_escaped_is_escaped()
    {
        var everyControl = string.Concat(Enumerable.Range(0, 0x20).Select(c => (char)c));
        const string expected =
            "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
            + "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f"
            + "\\\"\\\\/</script>\u007f\u0080\u2028\u2029é😂\"";

        Assert.Equal(expected, Text(JsonValue.Create(everyControl + "\"\\/</script>\u007f\u0080\u2028\u2029é😂")));
    }

    [Fact]
    public void Composed_and_decomposed_letters_stay_different()
    {
        Assert.NotEqual(ContentHash.Of(JsonValue.Create("\u00e9")), ContentHash.Of(JsonValue.Create("e\u0301")));
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""[{"b":{"a":1,"x":0,"a":2}}]""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""[{"\ude00":1,"a":2}]""")]
    [InlineData("1e400")]
    [InlineData("[-1e999]")]
    [InlineData("9007199254740993")]
    [InlineData("-9007199254740993")]
    [InlineData("123456789012345678901234567890")]
    public void What_two_readers_could_understand_differently_is_refused(string json)
    {
        Refused(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes(json)));
        Refused(() => CanonicalJson.Write(JsonNode.Parse(json)));
        Refused(() => CanonicalJson.Write(Parse(json)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    [InlineData("// note\n1")]
    [InlineData("NaN")]
    [InlineData("01")]
    public void What_is_not_JSON_is_refused(string json)
    {
        Refused(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        Refused(() => CanonicalJson.Parse(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }));
        Refused(() => CanonicalJson.Parse(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' }));
    }

    [Fact]
    public void A_lone_surrogate_in_a_string_of_ours_is_refused_and_not_replaced()
    {
        Refused(() => CanonicalJson.Write(JsonValue.Create("\ud800")));
        Refused(() => CanonicalJson.Write(JsonValue.Create('\udc00')));
        Refused(() => CanonicalJson.Write(new JsonObject { ["\ud800"] = 1 }));
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused_before_the_stack_ends()
    {
        JsonNode node = JsonValue.Create(1);
        for (var i = 0; i < CanonicalJson.MaxDepth; i++)
        {
            node = new JsonArray(node);
        }

        Assert.Equal(Text(node), Text(CanonicalJson.Parse(CanonicalJson.Write(node))));
        Refused(() => CanonicalJson.Write(new JsonArray(node)));
        Refused(() => CanonicalJson.Parse(Encoding.UTF8.GetBytes(new string('[', 100_000))));
    }

    [Fact]
    public void Values_of_ours_read_as_if_they_had_been_parsed()
    {
        var node = new JsonObject
        {
            ["decimal"] = 12.10m,
            ["long"] = 42L,
            ["guid"] = new Guid("01890a5d-ac96-774b-bcce-b302099a8057"),
            ["single"] = 0.1f,
            ["record"] = JsonValue.Create(new { B = 1, A = "x" }),
            ["none"] = null,
        };

        Assert.Equal(
            """{"decimal":12.1,"guid":"01890a5d-ac96-774b-bcce-b302099a8057","long":42,"none":null,"record":{"A":"x","B":1},"single":0.1}""",
            Text(node));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.00", "0")]
    [InlineData("12.10", "12.1")]
    [InlineData("100", "100")]
    [InlineData("100.000", "100")]
    [InlineData("-0.000000000001", "-0.000000000001")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    public void Equal_amounts_have_one_text(string amount, string expected)
    {
        Assert.Equal(expected, CanonicalJson.Text(decimal.Parse(amount, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Equal_instants_have_one_text()
    {
        var instant = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 5, TimeSpan.FromHours(2));

        Assert.Equal("2026-03-01T10:00:00.005000Z", CanonicalJson.Text(instant));
        Assert.Equal(CanonicalJson.Text(instant), CanonicalJson.Text(instant.ToUniversalTime()));
    }

    [Fact]
    public void Canonicalisation_is_idempotent_and_loses_nothing()
    {
        Prop.ForAll(Documents, document =>
        {
            var once = CanonicalJson.Write(document);
            var twice = CanonicalJson.Write(CanonicalJson.Parse(once));
            return once.AsSpan().SequenceEqual(twice) && JsonNode.DeepEquals(document, JsonNode.Parse(once));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_order_in_which_keys_were_written_does_not_matter()
    {
        Prop.ForAll(Documents, ArbMap.Default.ArbFor<int>(), (document, seed) =>
            ContentHash.Of(document) == ContentHash.Of(Shuffled(document, new Random(seed))))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_double_survives_its_canonical_form()
    {
        var bits = new Random(8785);
        for (var i = 0; i < 100_000; i++)
        {
            var number = BitConverter.Int64BitsToDouble(bits.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(number))
            {
                var back = double.Parse(Text(JsonValue.Create(number)), NumberStyles.Float, CultureInfo.InvariantCulture);
                Assert.Equal(number, back);
            }
        }
    }

    private static Arbitrary<JsonNode?> Documents => Arb.From(Gen.Sized(size => Document(Math.Min(size, 12))));

    private static Gen<JsonNode?> Document(int size)
    {
        var texts = Gen.Elements("", "a", "b", "ö", "€", "😀", "\ufb33", "\r", "\"", "\\", "0", "</script>", "\u0000", "A");
        var leaves = Gen.OneOf(
            Gen.Constant<JsonNode?>(null),
            ArbMap.Default.GeneratorFor<bool>().Select(v => (JsonNode?)JsonValue.Create(v)),
            ArbMap.Default.GeneratorFor<int>().Select(v => (JsonNode?)JsonValue.Create(v)),
            ArbMap.Default.GeneratorFor<NormalFloat>().Select(v => (JsonNode?)JsonValue.Create(v.Get)),
            texts.Select(v => (JsonNode?)JsonValue.Create(v)));
        if (size is 0)
        {
            return leaves;
        }

        var inner = Document(size / 3);
        var arrays = inner.ArrayOf(3).Select(items => (JsonNode?)new JsonArray(items));
        var objects =
            from names in texts.ArrayOf(5)
            from values in inner.ArrayOf(5)
            select (JsonNode?)new JsonObject(names.Zip(values, KeyValuePair.Create).DistinctBy(m => m.Key));
        return Gen.OneOf(leaves, arrays, objects);
    }

    private static JsonNode? Shuffled(JsonNode? node, Random random)
    {
        switch (node)
        {
            case JsonObject members:
                var shuffled = members.Select(m => KeyValuePair.Create(m.Key, Shuffled(m.Value, random))).ToArray();
                random.Shuffle(shuffled);
                return new JsonObject(shuffled);
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Shuffled(item, random))]);
            default:
                return node?.DeepClone();
        }
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json);

    private static string Text(JsonNode? node) => Encoding.UTF8.GetString(CanonicalJson.Write(node));

    private static string Text(JsonElement element) => Encoding.UTF8.GetString(CanonicalJson.Write(element));

    private static void Refused(Func<object> action) => Assert.Throws<CanonicalJsonException>(action);
}
