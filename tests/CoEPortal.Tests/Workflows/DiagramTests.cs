using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class DiagramTests
{
    public static TheoryData<string> Shipped => Lane.Shipped;

    public static IEnumerable<TheoryDataRow<string>> Definitions => Corpus.Definitions;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_lane_is_drawn_without_anything_lying_on_anything(string lane) => AssertReadable(Lane.Load(lane));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_lane_nobody_has_drawn_is_laid_out_just_as_readably(string lane) => AssertReadable(WithoutPositions(lane));

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Whatever_can_be_read_can_be_drawn(string path) => AssertReadable(DefinitionJson.Read(Corpus.Read(path), path));

    [Fact]
    public void The_arrangement_of_the_author_is_kept()
    {
        var lane = Lane.Load("full");
        var nodes = Diagram.Of(lane).Nodes.ToDictionary(n => n.ActivityId);

        Assert.All(lane.Root.Activities, a => Assert.All(lane.Root.Activities, b =>
        {
            Assert.True(a.Position!.X >= b.Position!.X || Middle(nodes[a.Id]).X < Middle(nodes[b.Id]).X);
            Assert.True(a.Position.Y >= b.Position.Y || Middle(nodes[a.Id]).Y < Middle(nodes[b.Id]).Y);
        }));
    }

    [Fact]
    public void A_lane_is_drawn_narrower_than_its_designer_did()
    {
        var lane = Lane.Load("standard");

        Assert.True(Diagram.Of(lane).Width < 0.65 * lane.Root.Activities.Max(a => a.Position!.X + a.Position.Width!.Value));
    }

    [Theory]
    [InlineData("legal", NodeKind.Task, "Legal review", "Legal, 3 working days", null)]
    [InlineData("coeLead", NodeKind.Task, "CoE lead review", "CoE lead, 2 working days", null)]
    [InlineData("allApproved", NodeKind.Join, "All have approved", "waits for all", null)]
    [InlineData("legalDecision", NodeKind.Decision, "Legal decision", null, null)]
    [InlineData("ask", NodeKind.Fork, "Ask in parallel", null, null)]
    [InlineData("endChangesRequested", NodeKind.End, "End: changes-requested", "changes requested", "changes-requested")]
    public void A_node_says_what_happens_there(string id, NodeKind kind, string title, string? subtitle, string? outcome)
    {
        var node = Diagram.Of(Lane.Load("standard")).Nodes.Single(n => n.ActivityId == id);

        Assert.Equal((kind, title, subtitle, outcome), (node.Kind, node.Title, node.Subtitle, node.Outcome));
    }

    [Fact]
    public void An_activity_without_a_title_is_called_by_its_id_in_words()
    {
        var lane = Lane.Edited("standard", json =>
        {
            var activity = json["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "coeLeadDecision")!;
            activity["metadata"]!.AsObject().Remove("displayText");
        });

        Assert.Equal("CoE lead decision", Diagram.Of(lane).Nodes.Single(n => n.ActivityId == "coeLeadDecision").Title);
    }

    [Fact]
    public void A_way_says_when_it_is_taken()
    {
        var edges = Diagram.Of(Lane.Load("full")).Edges;

        Assert.Equal(
            ["approved", "changes requested", "otherwise"],
            edges.Where(e => e.Source == "legalDecision").Select(e => e.Label));
        Assert.Equal(["yes", "no"], edges.Where(e => e.Source == "isCustomerFacing").Select(e => e.Label));
        Assert.Null(Assert.Single(edges, e => e.Source == "allApproved").Label);
    }

    [Fact]
    public void A_loop_is_marked_as_leading_back()
    {
        var back = Assert.Single(Diagram.Of(Corpus.Definition("resubmit-lane")).Edges, e => e.IsBackward);

        Assert.Equal(("revise", "review"), (back.Source, back.Target));
    }

    [Fact]
    public void Activities_in_the_same_place_are_laid_out_anew()
    {
        var stacked = Lane.Edited("standard", json => Place(json, "legal", x: 660, y: 120));

        AssertReadable(stacked);
        Assert.Equal(Text(Diagram.Of(WithoutPositions("standard"))), Text(Diagram.Of(stacked)));
    }

    [Fact]
    public void A_place_out_of_this_world_is_no_place()
    {
        var json = Encoding.UTF8.GetString(Lane.Bytes("fast")).Replace("\"x\": 440", "\"x\": 1e999", StringComparison.Ordinal);

        AssertReadable(DefinitionJson.Read(json, "fast.json"));
    }

    [Fact]
    public void Nearly_straight_is_straight()
    {
        var shaken = Lane.Edited("fast", json => Place(json, "setApproved", x: 447, y: 9));

        Assert.Equal(Text(Diagram.Of(Lane.Load("fast"))), Text(Diagram.Of(shaken)));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void The_same_definition_always_gives_the_same_diagram(string lane) =>
        Assert.Equal(Text(Diagram.Of(Lane.Load(lane))), Text(Diagram.Of(Lane.Load(lane))));

    [Fact]
    public void Two_thousand_activities_can_be_drawn()
    {
        Assert.Equal(2_000, Diagram.Of(Large.Chain(2_000)).Nodes.Length);
        AssertReadable(Large.Fork(300));
    }

    [Fact]
    public void An_empty_flowchart_is_an_empty_drawing()
    {
        var empty = DefinitionJson.Read("""{"definitionId":"a","root":{"type":"Elsa.Flowchart"}}""", "empty.json");

        Assert.Empty(Diagram.Of(empty).Nodes);
        Assert.Empty(Steps.Of(empty));
    }

    private static void AssertReadable(WorkflowDefinition definition)
    {
        var diagram = Diagram.Of(definition);
        Assert.Equal(definition.Root.Activities.Select(a => a.Id).Order(), diagram.Nodes.Select(n => n.ActivityId).Order());
        Assert.All(diagram.Nodes, n =>
        {
            Assert.True(n.X >= 0 && n.Y >= 0 && n.X + n.Width <= diagram.Width && n.Y + n.Height <= diagram.Height, $"{n.ActivityId} lies outside.");
            Assert.DoesNotContain(diagram.Nodes, o => o != n && o.X < n.X + n.Width && n.X < o.X + o.Width && o.Y < n.Y + n.Height && n.Y < o.Y + o.Height);
        });
        Assert.All(diagram.Edges, e => Assert.All(e.Points.Zip(e.Points.Skip(1)), line =>
        {
            Assert.True(line.First.X == line.Second.X || line.First.Y == line.Second.Y, $"{e.Source} → {e.Target} is not orthogonal.");
            Assert.DoesNotContain(diagram.Nodes, n => Crosses(line.First, line.Second, n));
        }));
    }

    private static bool Crosses(DiagramPoint from, DiagramPoint to, DiagramNode node) =>
        Math.Min(from.X, to.X) < node.X + node.Width && Math.Max(from.X, to.X) > node.X
        && Math.Min(from.Y, to.Y) < node.Y + node.Height && Math.Max(from.Y, to.Y) > node.Y;

    private static (double X, double Y) Middle(DiagramNode node) => (node.X + node.Width / 2, node.Y + node.Height / 2);

    private static string Text(Diagram diagram) => System.Text.Json.JsonSerializer.Serialize(diagram);

    private static void Place(JsonNode json, string id, int x, int y)
    {
        var activity = json["root"]!["activities"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == id)!;
        activity["metadata"]!["designer"]!["position"] = new JsonObject { ["x"] = x, ["y"] = y };
    }

    private static WorkflowDefinition WithoutPositions(string lane) => Lane.Edited(lane, json =>
    {
        foreach (var activity in json["root"]!["activities"]!.AsArray())
        {
            activity!["metadata"]!.AsObject().Remove("designer");
        }
    });
}
