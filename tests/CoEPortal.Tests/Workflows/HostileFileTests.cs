using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Workflows;

/// <summary>Files nobody should have written. Each is refused in words; none brings the process down.</summary>
public sealed class HostileFileTests
{
    private static readonly string[] Poison =
    [
        "null", "0", "-1", "1e999", "1.5", "true", "\"\"", "\"x\"", "\"__proto__\"", "\"Elsa.FlowJoin\"", "\"Elsa.Nothing\"", "[]", "{}", "[null]", "[[[[]]]]",
        "\"\\ud800\"", "\"\\u0000\"", "\"getLegal().decision\"", "\"((((((((((1))))))))))\"", "\"legal\"", "\"start\"", "9007199254740993",
        """{"typeName":"String","expression":{"type":"JavaScript","value":"getInput('revision')"}}""",
        """{"typeName":"List<String>","expression":{"type":"Object","value":"[1,{}]"}}""",
    ];

    public static TheoryData<string> Shipped => Lane.Shipped;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_lane_with_anything_in_any_place_is_read_or_refused_and_linted_without_an_exception(string name)
    {
        var places = Paths(JsonNode.Parse(Lane.Bytes(name))!).ToList();
        var mutation = from place in Gen.Choose(0, places.Count - 1) from poison in Gen.Elements(Poison) from how in Gen.Choose(0, 3) select (place, poison, how);
        Prop.ForAll(Arb.From(mutation.ListOf(2)), mutations =>
        {
            var json = JsonNode.Parse(Lane.Bytes(name))!;
            foreach (var (place, poison, how) in mutations)
            {
                Mutate(json, places[place], poison, how);
            }

            // JsonNode would not write half a surrogate pair.
            return Survives(Encoding.UTF8.GetBytes(Poison.Aggregate(json.ToJsonString(), (text, poison) =>
                text.Replace(JsonSerializer.Serialize(Marker(poison)), poison, StringComparison.Ordinal))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_lane_damaged_on_its_way_is_read_or_refused(string name)
    {
        var bytes = Lane.Bytes(name);
        var damage = from at in Gen.Choose(0, bytes.Length - 1) from value in Gen.Choose(0, 255) select (at, value);
        Prop.ForAll(Arb.From(damage.ListOf(3)), changes =>
        {
            var damaged = bytes.ToArray();
            foreach (var (at, value) in changes)
            {
                damaged[at] = (byte)value;
            }

            return Survives(damaged);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Theory]
    [InlineData("\"inputs\":[{\"name\":\"x\"},{\"name\":\"x\"}]", "input-twice")]
    [InlineData("\"outputs\":[{\"name\":\"x\"},{\"name\":\"x\"}]", "output-twice")]
    [InlineData("\"name\":\"\\u0000\"", "not-unicode")]
    [InlineData("\"description\":\"\\udfff\"", "not-unicode")]
    [InlineData("\"options\":{\"\\ud800\":1}", "not-unicode")]
    [InlineData("\"version\":null,\"name\":NaN", "not-json")]
    [InlineData("\"version\":1e999", "not-a-number")]
    [InlineData("\"version\":3000000000", "not-a-number")]
    public void A_file_that_cannot_be_meant_is_refused(string member, string rule)
    {
        var refusal = Assert.Throws<DefinitionException>(() => DefinitionJson.Read($$"""{"definitionId":"a",{{member}},"root":{"type":"Elsa.Flowchart"} }""", "hostile.json"));

        Assert.Equal(rule, refusal.Rule);
    }

    [Fact]
    public void Every_limit_is_named_in_its_refusal()
    {
        Assert.Contains($"{DefinitionJson.MaxBytes}", Refusal(new string(' ', DefinitionJson.MaxBytes + 1)), StringComparison.Ordinal);
        Assert.Contains($"{DefinitionJson.MaxDepth}", Refusal(new string('[', 60)), StringComparison.Ordinal);
        Assert.Contains($"{DefinitionJson.MaxActivities}", Refusal(Flow(Many(DefinitionJson.MaxActivities + 1, i => $$"""{"id":"a{{i}}","type":"T"}"""), "")), StringComparison.Ordinal);
        Assert.Contains($"{DefinitionJson.MaxConnections}", Refusal(Flow("", Many(DefinitionJson.MaxConnections + 1, _ => """{"source":"a","target":"b"}"""))), StringComparison.Ordinal);
        Assert.Contains($"{DefinitionJson.MaxDeclarations}", Refusal(
            $$"""{"definitionId":"a","variables":[{{Many(DefinitionJson.MaxDeclarations + 1, i => $$"""{"name":"v{{i}}"}""")}}],"root":{"type":"Elsa.Flowchart"} }"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("getLegal().__proto__ === 1", "__proto__")]
    [InlineData("getLegal()['constructor'] === 1", "constructor")]
    [InlineData("({ \"__proto__\": 1 }).a === 1", "__proto__")]
    [InlineData("variables.constructor === 1", "constructor")]
    [InlineData("getLegal().prototype === 1", "prototype")]
    [InlineData("getLegal().toString() === ''", "'('")]
    [InlineData("fetch('http://example.org') === 1", "fetch")]
    [InlineData("(function () {})() === 1", "function")]
    public void An_expression_that_reaches_outside_the_data_is_refused(string expression, string named)
    {
        var finding = Assert.Single(WithCondition(expression), f => f.Rule == "expression-unsupported");

        Assert.Equal("legalDecision", finding.ActivityId);
        Assert.Contains(named, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_too_long_or_too_deep_is_refused_with_its_limit()
    {
        Assert.Contains(WithCondition($"'{new string('x', 5_000)}' === ''"), f => f.Message.Contains($"{DefinitionJson.MaxExpressionLength}", StringComparison.Ordinal));
        Assert.Contains(WithCondition(new string('(', 100) + "1" + new string(')', 100) + " === 1"), f => f.Message.Contains("deeper than", StringComparison.Ordinal));
    }

    [Fact]
    public void A_payload_that_says_a_thing_twice_is_refused()
    {
        var lane = Lane.Edited("standard", json => LaneEdit.Activity(json, "legal")["payload"]!["expression"]!["value"] =
            """{"function": "Legal", "function": "Brand", "actions": ["approve"]}""");

        Assert.Contains(Lint.Check(lane), f => f is { Rule: "expression-not-json", ActivityId: "legal" });
    }

    [Fact]
    public void Two_branches_of_the_same_name_are_refused()
    {
        var lane = Lane.Edited("standard", json => LaneEdit.Activity(json, "legalDecision")["cases"]![1]!["label"] = "Approved");

        Assert.Contains(Lint.Check(lane), f => f is { Rule: "branch-twice", ActivityId: "legalDecision" });
    }

    [Fact]
    public void Steps_that_double_a_value_do_not_fill_the_memory()
    {
        var doubling = Lane.Edited("fast", json =>
        {
            var model = LaneEdit.Activity(json, "setApproved");
            model["value"]!["expression"] = JsonNode.Parse("""{"type":"JavaScript","value":"[variables.outcome, variables.outcome]"}""");
            json["variables"]![0]!["typeName"] = "Object";
            LaneEdit.Disconnect(json, "nameReview", "setApproved");
            var last = "nameReview";
            for (var i = 0; i < 60; i++)
            {
                var copy = model.DeepClone();
                copy["id"] = $"double{i}";
                json["root"]!["activities"]!.AsArray().Add(copy);
                LaneEdit.Connect(json, last, "Done", $"double{i}");
                last = $"double{i}";
            }

            LaneEdit.Connect(json, last, "Done", "setApproved");
        });

        Assert.Contains(Lint.Check(doubling), f => f.Rule == "run-faults");
    }

    [Fact]
    public void A_deep_answer_can_be_stored_and_read_back()
    {
        var deep = JsonElement.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "1" + new string('}', 63));
        var state = Interpreter.Apply(Lane.Load("standard"), new Lane("standard").State, new Stimulus.CompleteTask("legal#1", deep)).State;

        Assert.Equal(state.ToJson(), WorkflowState.FromJson(state.ToJson()).ToJson());
    }

    [Fact]
    public void A_graph_of_two_thousand_activities_is_linted_without_listing_its_paths()
    {
        Assert.Empty(Lint.Check(Large.Chain(2_000)));
        // Five hundred decisions in a row have 2^500 paths.
        Assert.Empty(Lint.Check(Large.Diamonds(500)));
    }

    [Fact]
    public void More_reviewers_in_parallel_than_can_be_checked_are_refused_soon() =>
        Assert.Contains(Lint.Check(Large.Fork(800), LintPolicy.Lane), f => f.Rule == "model-too-large");

    private static bool Survives(byte[] utf8)
    {
        try
        {
            var definition = DefinitionJson.Read(utf8, "hostile.json");
            _ = Lint.Check(definition, LintPolicy.Lane with { MaxStates = 100 });
            _ = Diagram.Of(definition);
            _ = Steps.Of(definition);
            _ = Outcomes.Of(definition, maxSituations: 100);
            Assert.Equal(definition.Sha256, DefinitionJson.Read(DefinitionJson.Write(definition), "again.json").Sha256);
            return true;
        }
        catch (DefinitionException refused)
        {
            return refused.Rule.Length > 0 && refused.Message.StartsWith("hostile.json", StringComparison.Ordinal);
        }
    }

    private static string Marker(string poison) => $"poison {Array.IndexOf(Poison, poison)}";

    private static void Mutate(JsonNode json, string path, string poison, int how)
    {
        var steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var node = json;
        foreach (var step in steps[..^1])
        {
            node = node switch
            {
                JsonArray array when Index(step) < array.Count => array[Index(step)],
                JsonObject parent => parent[step],
                _ => null,
            };
        }

        var value = how == 0 ? null : JsonValue.Create(Marker(poison));
        switch (node)
        {
            case JsonArray array when Index(steps[^1]) < array.Count:
                var index = Index(steps[^1]);
                var copied = array[index]?.DeepClone();
                if (how == 1)
                {
                    array.RemoveAt(index);
                }
                else if (how == 2)
                {
                    array.Add(copied);
                }
                else
                {
                    array[index] = value;
                }

                break;
            case JsonObject parent when how == 1:
                parent.Remove(steps[^1]);
                break;
            case JsonObject parent:
                parent[steps[^1]] = value;
                break;
        }
    }

    /// <summary>No index where another mutation has put an array in the place of an object.</summary>
    private static int Index(string step) => int.TryParse(step, CultureInfo.InvariantCulture, out var index) ? index : int.MaxValue;

    private static IEnumerable<string> Paths(JsonNode? node, string path = "") => node switch
    {
        JsonObject parent => parent.SelectMany(m => Paths(m.Value, $"{path}/{m.Key}").Prepend($"{path}/{m.Key}")),
        JsonArray array => array.SelectMany((item, i) => Paths(item, $"{path}/{i}").Prepend($"{path}/{i}")),
        _ => [],
    };

    private static IReadOnlyList<LintFinding> WithCondition(string condition) => Lint.Check(Lane.Edited(
        "standard", json => LaneEdit.Activity(json, "legalDecision")["cases"]![0]!["condition"]!["value"] = condition));

    private static string Many(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Flow(string activities, string connections) =>
        $$"""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":[{{activities}}],"connections":[{{connections}}] } }""";

    private static string Refusal(string json) => Assert.Throws<DefinitionException>(() => DefinitionJson.Read(json, "hostile.json")).Message;
}
