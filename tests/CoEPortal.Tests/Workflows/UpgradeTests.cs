using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class UpgradeTests
{
    private static readonly WorkflowDefinition Standard = Lane.Load("standard");

    [Fact]
    public void An_instance_moves_to_a_version_that_asks_the_same_people_and_keeps_what_was_decided()
    {
        var next = Next(json => LaneEdit.Activity(json, "coeLead")["payload"]!["expression"]!["value"] =
            """{"function": "CoeLead", "dueInWorkingDays": 9, "actions": ["approve", "approve-with-conditions", "request-changes", "veto"]}""");
        var before = new Lane("standard").Answer("Legal", "approve").State;

        Assert.Empty(Upgrade.Check(Standard, next, before));
        var after = Upgrade.Apply(Standard, next, before);

        Assert.Equal(next.Version, after.DefinitionVersion);
        Assert.Equal(before.Bookmarks.Select(b => b.Id), after.Bookmarks.Select(b => b.Id));
        Assert.Equal("approve", after.Variables["legal"].GetProperty("decision").GetString());
        var end = Answer(next, Answer(next, Answer(next, after, "privacy#1", "approve"), "security#1", "approve"), "coeLead#1", "approve");
        Assert.Equal("approved", end.Variables["outcome"].GetString());
    }

    [Fact]
    public void A_veto_still_ends_it_after_an_upgrade()
    {
        var next = Next(_ => { });

        var after = Answer(next, Upgrade.Apply(Standard, next, new Lane("standard").Answer("Legal", "approve").State), "security#1", "veto");

        Assert.Equal("vetoed", after.Variables["outcome"].GetString());
        Assert.Empty(after.Bookmarks);
    }

    [Fact]
    public void A_function_that_is_still_to_be_asked_may_be_added()
    {
        var next = Next(json =>
        {
            json["customProperties"]!["requiredFunctions"]!.AsArray().Add("Risk");
            LaneEdit.AddReview(json, "risk", "Risk");
            LaneEdit.Redirect(json, "coeLeadDecision", "setApproved", "risk");
            LaneEdit.Connect(json, "riskDecision", "Approved", "setApproved");
        });

        Assert.Empty(Lint.Check(next));
        Assert.Empty(Upgrade.Check(Standard, next, new Lane("standard").Answer("Legal", "approve").State));
    }

    [Fact]
    public void A_function_that_should_have_been_asked_before_is_not_skipped_by_upgrading()
    {
        var next = WithRiskFirst();
        Assert.Empty(Lint.Check(next));

        var refusal = Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").State));

        Assert.Contains("approved although Risk did not approve", refusal, StringComparison.Ordinal);
        Assert.Throws<UpgradeRefusedException>(() => Upgrade.Apply(Standard, next, new Lane("standard").State));
    }

    [Fact]
    public void A_function_that_should_be_asked_beside_the_others_would_never_be_asked()
    {
        var next = Next(json =>
        {
            LaneEdit.Activity(json, "ask")["branches"]!["expression"]!["value"] = """["Privacy", "Security", "Legal", "Risk"]""";
            LaneEdit.AddReview(json, "risk", "Risk");
            LaneEdit.Connect(json, "ask", "Risk", "risk");
            LaneEdit.Connect(json, "riskDecision", "Approved", "allApproved");
        });
        Assert.Empty(Lint.Check(next));

        Assert.Contains("without reaching End", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").State)
            .Where(r => r.Contains("without reaching End", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_required_function_is_not_dropped_while_others_rely_on_it()
    {
        var next = Next(json =>
        {
            json["customProperties"]!["requiredFunctions"] = new JsonArray("Privacy", "Security", "Legal");
            LaneEdit.Redirect(json, "allApproved", "coeLead", "setApproved");
            LaneEdit.Remove(json, "coeLead", "coeLeadDecision");
        });
        Assert.Empty(Lint.Check(next));

        Assert.Contains("although CoeLead did not approve", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").State)), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_asked_is_not_swapped_under_an_open_task()
    {
        var next = Next(json => Replace(LaneEdit.Activity(json, "legal"), "\\u0022Legal\\u0022", "\\u0022Brand\\u0022"));

        Assert.Equal("'Legal review' asks Legal, in version 99 somebody else.", Upgrade.Check(Standard, next, new Lane("standard").State)[0]);
    }

    [Fact]
    public void An_answer_on_offer_is_not_taken_away()
    {
        var next = Next(json => Replace(LaneEdit.Activity(json, "legal"), ", \\u0022veto\\u0022", ""));

        Assert.Equal("Legal may answer veto, which version 99 does not know.", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").State)));
    }

    [Fact]
    public void The_place_where_the_instance_is_must_exist_and_be_the_same()
    {
        var renamed = Next(json => LaneEdit.Rename(json, "legal", "lawyers"));
        var retyped = Next(json => LaneEdit.Activity(json, "legal")["type"] = "Elsa.Event");

        Assert.Contains("'Legal review' (legal), which version 99 does not have", Upgrade.Check(Standard, renamed, new Lane("standard").State)[0], StringComparison.Ordinal);
        Assert.Contains("another kind of activity", Upgrade.Check(Standard, retyped, new Lane("standard").State)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_already_given_is_not_lost()
    {
        var next = Next(json => json["variables"]!.AsArray().Single(v => v!["name"]!.GetValue<string>() == "legal")!["typeName"] = "String");

        Assert.Contains("The variable 'legal' holds a value", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").Answer("Legal", "approve").State)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_was_taken_and_is_called_otherwise_now_leaves_the_merge_waiting()
    {
        var next = Next(json =>
        {
            LaneEdit.Activity(json, "legalDecision")["cases"]![0]!["label"] = "Agreed";
            LaneEdit.Redirect(json, "legalDecision", "allApproved", "allApproved", port: "Agreed");
        });
        Assert.Empty(Lint.Check(next));

        Assert.NotEmpty(Upgrade.Check(Standard, next, new Lane("standard").Answer("Legal", "approve").State));
        Assert.Empty(Upgrade.Check(Standard, next, new Lane("standard").State));
    }

    [Fact]
    public void An_input_the_new_version_decides_by_must_have_been_given()
    {
        var next = Next(json =>
        {
            json["inputs"]!.AsArray().Add(JsonNode.Parse("""{"storageDriverType":"WorkflowInstanceStorageDriver","type":"Boolean","name":"urgent"}"""));
            LaneEdit.Activity(json, "coeLeadDecision")["cases"]![1]!["condition"]!["value"] = "getCoeLead().decision === \"request-changes\" && getInput(\"urgent\") === false";
        });

        Assert.Contains("needs the input 'urgent'", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").State)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_instance_that_has_ended_stays_on_its_version()
    {
        var next = Next(_ => { });

        Assert.Contains("has ended", Assert.Single(Upgrade.Check(Standard, next, new Lane("standard").Answer("Legal", "veto").State)), StringComparison.Ordinal);
        Assert.Contains("has ended", Assert.Single(Upgrade.Check(Standard, next, Interpreter.Apply(Standard, new Lane("standard").State, new Stimulus.Cancel()).State)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_moves_backwards_or_to_another_workflow()
    {
        Assert.Contains("is not newer", Assert.Single(Upgrade.Check(Standard, Standard, new Lane("standard").State)), StringComparison.Ordinal);
        Assert.Contains("is another workflow", Assert.Single(Upgrade.Check(Standard, Lane.Load("full"), new Lane("standard").State)), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Upgrade.Check(Next(_ => { }), Next(_ => { }), new Lane("standard").State));
    }

    [Fact]
    public void An_approval_of_an_earlier_round_does_not_carry_an_upgraded_instance_to_approved()
    {
        // Round one: Legal approves, Security wants changes. Round two asks all again; the new version waits for any.
        var definition = Lane.Edited("standard", json =>
        {
            LaneEdit.Redirect(json, "anyChanges", "setChangesRequested", "ask");
            LaneEdit.Remove(json, "setChangesRequested", "giveChangesRequested", "endChangesRequested");
        });
        var next = Lane.Edited("standard", json =>
        {
            json["version"] = 99;
            LaneEdit.Redirect(json, "anyChanges", "setChangesRequested", "ask");
            LaneEdit.Remove(json, "setChangesRequested", "giveChangesRequested", "endChangesRequested");
            LaneEdit.Activity(json, "allApproved")["mode"]!["expression"]!["value"] = "WaitAny";
        });
        var state = Interpreter.Start(definition, new Dictionary<string, JsonElement> { ["revision"] = JsonSerializer.SerializeToElement(1) }).State;
        state = Answer(definition, Answer(definition, state, "legal#1", "approve"), "security#1", "request-changes");
        Assert.Contains("legal#2", state.Bookmarks.Select(b => b.Id));

        Assert.Contains("did not approve in the current round", Assert.Single(Upgrade.Check(definition, next, state)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("promotion-board")]
    [InlineData("dpia-review")]
    [InlineData("switch-release")]
    public void A_version_that_only_reads_differently_is_open_to_an_instance_wherever_it_is(string name)
    {
        var definition = Lane.Load(name);
        var next = Lane.Edited(name, json => (json["version"], json["description"]) = (99, "Said better."));
        var simulation = Simulation.Start(definition, new Dictionary<string, JsonElement>
        {
            ["revision"] = JsonSerializer.SerializeToElement(1),
            ["residualRiskHigh"] = JsonSerializer.SerializeToElement(true),
            ["change"] = JsonSerializer.SerializeToElement("model"),
            ["engagedBy"] = JsonSerializer.SerializeToElement("Security"),
            ["switch"] = JsonSerializer.SerializeToElement("UC-0001"),
        });

        for (; simulation.Open is [.., var last]; simulation = simulation.Answer(last.BookmarkId, "approve"))
        {
            Assert.Empty(Upgrade.Check(definition, next, simulation.State));
        }

        Assert.Equal("approved", simulation.Outcome);
    }

    [Fact]
    public void A_branch_that_failed_while_the_others_went_on_can_be_mended()
    {
        WorkflowDefinition Continuing(int version, string condition) => Lane.Edited("standard", json =>
        {
            json["version"] = version;
            json["options"]!["incidentStrategyType"] = "ContinueWithIncidentsStrategy";
            LaneEdit.Activity(json, "legalDecision")["cases"]![0]!["condition"]!["value"] = condition;
        });
        var (broken, mended) = (Continuing(98, "getLegal().a.b === 1"), Continuing(99, "getLegal().decision === \"approve\""));
        var state = Interpreter.Start(broken, new Dictionary<string, JsonElement> { ["revision"] = JsonSerializer.SerializeToElement(1) }).State;
        foreach (var bookmark in new[] { "legal#1", "privacy#1", "security#1" })
        {
            state = Answer(broken, state, bookmark, "approve");
        }

        Assert.Empty(state.Bookmarks);
        var going = Interpreter.Retry(mended, Upgrade.Apply(broken, mended, state)).State;

        Assert.Equal("coeLead", Assert.Single(going.Bookmarks).ActivityId);
    }

    private static WorkflowDefinition Next(Action<JsonNode> edit) => Lane.Edited("standard", json =>
    {
        json["version"] = 99;
        edit(json);
    });

    private static WorkflowDefinition WithRiskFirst() => Next(json =>
    {
        json["customProperties"]!["requiredFunctions"]!.AsArray().Add("Risk");
        LaneEdit.AddReview(json, "risk", "Risk");
        LaneEdit.Redirect(json, "nameReview", "ask", "risk");
        LaneEdit.Connect(json, "riskDecision", "Approved", "ask");
    });

    private static void Replace(JsonNode activity, string old, string @new)
    {
        var payload = activity["payload"]!["expression"]!;
        payload["value"] = JsonNode.Parse(payload["value"]!.ToJsonString().Replace(old, @new, StringComparison.Ordinal))!.GetValue<string>();
    }

    private static WorkflowState Answer(WorkflowDefinition definition, WorkflowState state, string bookmark, string decision) =>
        Interpreter.Apply(definition, WorkflowState.FromJson(state.ToJson()), new Stimulus.CompleteTask(bookmark, Lane.Decision(decision))).State;
}
