using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class DefinitionJsonTests
{
    public static IEnumerable<TheoryDataRow<string>> Definitions => Corpus.Definitions;

    [Theory]
    [MemberData(nameof(Definitions))]
    public void The_canonical_form_survives_reading_and_writing_byte_for_byte(string path)
    {
        var canonical = DefinitionJson.Write(DefinitionJson.Read(Corpus.Read(path), path));

        Assert.Equal(canonical, DefinitionJson.Write(DefinitionJson.Read(canonical, path)));
    }

    [Fact]
    public void The_canonical_form_runs_like_the_file_it_came_from()
    {
        var script = Corpus.Read("cases/veto-three--middle-veto.json");
        var canonical = DefinitionJson.Write(DefinitionJson.Read(Corpus.DefinitionOf(script), "veto-three"));

        var result = Conformance.RunCase(Encoding.UTF8.GetString(canonical), script);

        Assert.True(result.Passed, result.Reason);
    }

    [Fact]
    public void The_hash_ignores_layout_and_order_but_not_content()
    {
        var compact = JsonNode.Parse(Lane.Bytes("standard"))!;
        var reordered = new JsonObject(compact.AsObject().Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        var renamed = Lane.Edited("standard", json => json["name"] = "Other lane");

        Assert.Equal(Lane.Load("standard").Sha256, DefinitionJson.Read(reordered.ToJsonString(), "reordered").Sha256);
        Assert.NotEqual(Lane.Load("standard").Sha256, renamed.Sha256);
        Assert.Matches("^[0-9a-f]{64}$", renamed.Sha256);
    }

    [Fact]
    public void Both_written_forms_of_a_connection_mean_the_same()
    {
        var flat = Lane.Edited("fast", json => json["root"]!["connections"]![0]!.ReplaceWith(
            new JsonObject { ["source"] = "start", ["sourcePort"] = "Done", ["target"] = "nameReview", ["targetPort"] = "In" }));

        Assert.Equal(Lane.Load("fast").Sha256, flat.Sha256);
    }

    [Fact]
    public void What_the_portal_shows_of_a_definition_can_be_read_from_it()
    {
        var lane = Lane.Load("full");

        Assert.Equal(("full", 2, "Full lane"), (lane.DefinitionId, lane.Version, lane.Name));
        Assert.Equal(["revision", "customerFacing"], lane.Inputs.Select(i => i.Name));
        Assert.Equal("Elsa.RunTask", lane.FindActivity("legal")!.Type);
        Assert.Equal("Legal review", lane.FindActivity("legal")!.DisplayText);
        Assert.Equal(new DesignerPosition(660, 0, 160, 50), lane.FindActivity("legal")!.Position);
        Assert.False(lane.ContinuesWithIncidents);
    }

    [Theory]
    [InlineData("", "not-json")]
    [InlineData("{", "not-json")]
    [InlineData("[]", "not-a-definition")]
    [InlineData("{}", "property-missing")]
    [InlineData("""{"definitionId":"a","definitionId":"b"}""", "not-json")]
    [InlineData("""{"definitionId":"a"}""", "root-not-flowchart")]
    [InlineData("""{"definitionId":"a","root":{"type":"Elsa.Sequence"}}""", "root-not-flowchart")]
    [InlineData("""{"definitionId":"a","version":1.5,"root":{"type":"Elsa.Flowchart"}}""", "not-a-number")]
    [InlineData("""{"definitionId":"a","name":{},"root":{"type":"Elsa.Flowchart"}}""", "not-text")]
    [InlineData("""{"definitionId":"a","name":"\ud800","root":{"type":"Elsa.Flowchart"}}""", "not-unicode")]
    [InlineData("""{"definitionId":"a","variables":[{"name":"x"},{"name":"x","id":"y"}],"root":{"type":"Elsa.Flowchart"}}""", "variable-twice")]
    [InlineData("""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":{}}}""", "not-an-array")]
    [InlineData("""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":[1]}}""", "not-an-object")]
    [InlineData("""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":[{"id":"x"}]}}""", "type-missing")]
    [InlineData("""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":[{"id":"x","type":"T"},{"id":"x","type":"T"}]}}""", "activity-twice")]
    public void A_broken_file_is_refused_by_name_and_rule(string json, string rule)
    {
        var refusal = Assert.Throws<DefinitionException>(() => DefinitionJson.Read(json, "broken.json"));

        Assert.Equal(rule, refusal.Rule);
        Assert.StartsWith("broken.json", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Oversized_files_are_refused_before_they_are_parsed() =>
        Assert.Equal("file-too-large", Refusal(new string(' ', DefinitionJson.MaxBytes + 1)));

    [Fact]
    public void Deeply_nested_files_are_refused() =>
        Assert.Equal("not-json", Refusal(string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500)));

    [Fact]
    public void Flowcharts_with_too_many_activities_are_refused()
    {
        var activities = Enumerable.Range(0, DefinitionJson.MaxActivities + 1).Select(i => $$"""{"id":"a{{i}}","type":"Elsa.Start"}""");

        Assert.Equal("too-many-activities", Refusal($$"""{"definitionId":"a","root":{"type":"Elsa.Flowchart","activities":[{{string.Join(',', activities)}}] } }"""));
    }

    [Fact]
    public void Unknown_activities_are_kept_so_that_lint_can_name_them()
    {
        var definition = Lane.Edited("fast", json => json["root"]!["activities"]![1]!["type"] = "Contoso.Approve");

        Assert.Contains(Lint.Check(definition), f => f is { Rule: "unknown-type", ActivityId: "nameReview" });
        Assert.Contains("Contoso.Approve", Encoding.UTF8.GetString(DefinitionJson.Write(definition)), StringComparison.Ordinal);
    }

    private static string Refusal(string json) => Assert.Throws<DefinitionException>(() => DefinitionJson.Read(json, "hostile.json")).Rule;
}
